import { readdirSync, readFileSync } from 'node:fs'

export type Row = Readonly<Record<string, string | null>>

const folder = new URL('../../../../sql/catalogue/', import.meta.url)
const escapes: Record<string, string> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', v: '\v' }
const kept = new Map<string, readonly Row[]>()

/** Rows of a file of sql/catalogue/, in COPY's text format with a header (PostgreSQL: COPY, File Formats). Read once. */
export function catalogueRows(name: string): readonly Row[] {
  const known = kept.get(name)
  if (known) return known
  const rows = parseCopyText(readFileSync(new URL(`${name}.tsv`, folder), 'utf8'))
  kept.set(name, rows)
  return rows
}

/** Texts of the files in a folder of sql/catalogue/, in the order of their names. */
export const catalogueFiles = (name: string): string[] =>
  readdirSync(new URL(`${name}/`, folder))
    .sort()
    .map((file) => readFileSync(new URL(`${name}/${file}`, folder), 'utf8'))

/** COPY's text format with a header line, one object a row. */
export function parseCopyText(text: string): Row[] {
  const [header = '', ...lines] = text.split('\n').filter((line) => line !== '')
  const names = header.split('\t')
  return lines.map((line) => {
    const values = line.split('\t')
    return Object.fromEntries(names.map((name, at) => [name, unescaped(values[at] ?? '\\N')]))
  })
}

const unescaped = (value: string) =>
  value === '\\N' ? null : value.replace(/\\(.)/g, (_, letter) => escapes[letter] ?? letter)
