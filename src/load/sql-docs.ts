import { readdirSync, readFileSync } from 'node:fs'

interface Described {
  readonly name: string
  readonly kind: 'table' | 'view' | 'macro'
  /** Column name to type; a view's types follow from what it reads. */
  readonly columns: Map<string, string>
  readonly comments: Map<string, string>
  comment: string
  /** Of a macro: its parameters. */
  readonly parameters: string
}

const folder = new URL('../../sql/', import.meta.url)

/** Texts of the files in a folder of `sql/`, in the order in which they are run. */
const texts = (name: string): string[] =>
  readdirSync(new URL(`${name}/`, folder))
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => readFileSync(new URL(`${name}/${file}`, folder), 'utf8'))

const statements =
  /^create table ([\w.]+) \(\n([\s\S]*?)\n\);|^alter table ([\w.]+) add column (?:if not exists )?(\w+) ([^;]+);|^create or replace (view|macro) ([\w.]+)(?:\(([^)]*)\))? as|^comment on (table|view|column|macro table|macro) ([\w.]+) is '((?:[^']|'')*)';/gm

/**
 * The tables, views and macros that are written by hand, for people: read from their own statements and
 * comments, so that there is one place to change.
 * @param generated names of the tables that the field lists describe.
 */
export function sqlDocs(generated: ReadonlySet<string>): string[] {
  const found = new Map<string, Described>()
  const add = (name: string, kind: Described['kind'], parameters = '') =>
    found.set(name, {
      name,
      kind,
      parameters,
      columns: new Map(),
      comments: new Map(),
      comment: '',
    })
  for (const text of [...texts('schema'), ...texts('marts')])
    for (const match of text.matchAll(statements)) {
      const [, table, body, altered, added, type, made, name, parameters, of, target, says] = match
      if (table !== undefined && !generated.has(table)) {
        add(table, 'table')
        for (const line of (body ?? '').split('\n')) {
          const [column = '', ...rest] = line.trim().replace(/,$/, '').split(' ')
          found.get(table)?.columns.set(column, rest.join(' '))
        }
      }
      if (altered !== undefined) found.get(altered)?.columns.set(added ?? '', type ?? '')
      if (name !== undefined) add(name, made === 'macro' ? 'macro' : 'view', parameters)
      if (target === undefined) continue
      const comment = (says ?? '').replaceAll("''", "'")
      const owner = of === 'column' ? target.slice(0, target.lastIndexOf('.')) : target
      const described = found.get(owner)
      if (of !== 'column' && described) described.comment = comment
      else described?.comments.set(target.slice(owner.length + 1), comment)
    }
  return [...found.values()]
    .filter(({ kind, comment }) => kind !== 'macro' || comment !== '')
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(section)
}

const cell = (value: string) => value.replaceAll('|', '\\|')

function section({ name, kind, comment, columns, comments, parameters }: Described): string {
  const title = kind === 'macro' ? `${name}(${parameters})` : name
  const names = [...new Set([...columns.keys(), ...comments.keys()])]
  const rows = names.map((column) => {
    const says = comments.get(column) ?? ''
    const pii = /\s*\[pii: (\w+)\]$/.exec(says)
    return `| \`${column}\` | ${columns.get(column) ?? ''} | ${cell(pii ? says.slice(0, pii.index) : says)} | ${pii?.[1] ?? 'none'} |`
  })
  const table = ['| column | type | what | pii |', '|---|---|---|---|', ...rows].join('\n')
  return [`## ${title}`, comment, ...(names.length > 0 ? [table] : [])].join('\n\n')
}
