/** DuckDB's parse tree of a statement, as `json_serialize_sql` writes it. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json }
export type Node = { readonly [key: string]: Json }

export const isNode = (value: Json): value is Node =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const text = (value: Json | undefined) => (typeof value === 'string' ? value : '')

export const isUnqualified = (call: Node) =>
  text(call['schema']) === '' && text(call['catalog']) === ''

/** What a function is called with. */
export const argumentsOf = (call: Node): readonly Json[] =>
  Array.isArray(call['children']) ? (call['children'] as readonly Json[]) : []

/** The value of a constant, as DuckDB's parser has it. */
export function constantOf(node: Json | undefined): Json | undefined {
  if (!isNode(node ?? null) || text((node as Node)['class']) !== 'CONSTANT') return undefined
  const value = (node as Node)['value'] ?? null
  return isNode(value) ? value['value'] : undefined
}

export function numberOf(node: Json | undefined): number | undefined {
  const value = constantOf(node)
  return typeof value === 'number' ? value : undefined
}
