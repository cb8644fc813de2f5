import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../../../sql')

/** A query of the console, from `sql/console/NAME.sql`. */
export const consoleSql = (name: string): string =>
  readFileSync(join(root, 'console', `${name}.sql`), 'utf8')

export interface NamedQuery {
  readonly name: string
  /** What it answers, or what it makes sure of: its first comment. */
  readonly about: string
  readonly sql: string
}

/** The queries of a folder of `sql/`: `analyses` or `checks`. */
export function namedQueries(folder: 'analyses' | 'checks'): NamedQuery[] {
  return readdirSync(join(root, folder))
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => {
      const sql = readFileSync(join(root, folder, file), 'utf8')
      const about = /^--\s*(.*)/.exec(sql)?.[1] ?? ''
      return { name: file.slice(0, -'.sql'.length), about, sql }
    })
}
