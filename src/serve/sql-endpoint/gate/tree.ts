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
