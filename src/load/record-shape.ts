import type { Child, Field, Table } from './fields/field.ts'
import { rejectReasons } from './fields/field.ts'

export const text = (value: string) => `'${value.replaceAll("'", "''")}'`
export const name = (value: string) => `"${value.replaceAll('"', '""')}"`
export const textList = (values: readonly string[]) => `[${values.map(text).join(', ')}]`
export const rootOf = (path: string) => path.split(/[.[]/, 1)[0] ?? path
export const sources = (field: Field) => [field.name, ...field.was]
export const isDeep = (path: string) => rootOf(path) !== path
export const isTyped = (field: Field) => rejectReasons[field.type] !== null

/** Where a list of the record comes from, its older names included. */
export const listNames = (child: Child) => [child.name, ...(child.was ?? [])]
export const isMovement = (table: Table) => table.key.join() === 'account_id,transaction_id,ordinal'
export const isChild = (table: Table) => table.key.includes('ordinal') && !isMovement(table)

/** Which records of other tables replace one of this table. */
export const familyOf = (table: Table) =>
  table.family ?? (table.key[0] ?? 'account_id').replace('_id', '')

/** One text for the key of a record, of columns of `from`. */
export function recordId(table: Table, from: string): string {
  const columns = table.key.map((column) => `${from}.${column}`)
  return columns.length === 1 ? (columns[0] ?? '') : `concat_ws('/', ${columns.join(', ')})`
}

/** Every member of a record that has a column or a table of its own. */
export function knownRoots(table: Table): string[] {
  const names = [
    ...table.fields.flatMap(sources).map(rootOf),
    ...table.children.flatMap(listNames),
    ...table.elsewhere,
  ]
  return [...new Set(names)]
}

/** Members that are objects whose members have columns. */
export function objectsOf(table: Table): Map<string, string[]> {
  const objects = new Map<string, string[]>()
  for (const path of table.fields.flatMap(sources)) {
    const [root = '', member] = path.split('.')
    if (member === undefined || root.includes('[')) continue
    objects.set(root, [...new Set([...(objects.get(root) ?? []), member])])
  }
  return objects
}

/** Names that differ from an earlier one in case alone: members of a DuckDB struct can't. */
export function twinRoots(table: Table): Set<string> {
  const seen = new Set<string>()
  return new Set(
    knownRoots(table).filter((root) => {
      const isTwin = seen.has(root.toLowerCase())
      seen.add(root.toLowerCase())
      return isTwin
    }),
  )
}

/** The structure that json_transform reads a record by. */
export function structure(table: Table): string {
  const deep = new Set(table.fields.flatMap(sources).filter(isDeep).map(rootOf))
  for (const child of table.children) for (const list of listNames(child)) deep.add(list)
  for (const field of table.fields) if (field.type === 'json') deep.add(rootOf(field.name))
  const twins = twinRoots(table)
  const roots = knownRoots(table).filter(
    (root) => !table.elsewhere.includes(root) && !twins.has(root),
  )
  return JSON.stringify(
    Object.fromEntries(roots.map((root) => [root, deep.has(root) ? 'JSON' : 'VARCHAR'])),
  )
}

/** Columns of a table that are brought up to date once its rows are in (settle.ts), and read from no page. */
export const settledColumns = (table: Table): string[] => (isMovement(table) ? ['vanished_at'] : [])

/** What every row says of where it comes from; lists inside a record come and go with it. */
export function provenanceOf(table: Table): string[] {
  if (isMovement(table))
    return ['first_seen_at', 'last_seen_at', 'run_id', 'page_id', 'pull_id', 'content_hash']
  if (isChild(table)) return ['last_seen_at', 'run_id', 'page_id']
  return ['first_seen_at', 'last_seen_at', 'run_id', 'page_id']
}
