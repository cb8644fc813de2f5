import type { Json } from './tree.ts'

/** How the rows of a statement's outermost query come about. */
export interface Outermost {
  /** They are groups, or the one row of an aggregate: none is there before all input has been read. */
  readonly grouped: boolean
  /** Its LIMIT, where that is a number; else Infinity. */
  readonly limit: number
}

/** Aggregates that make one row of a query without GROUP BY, when they are all of a result column. */
const aggregates = new Set([
  'any_value',
  'approx_count_distinct',
  'arg_max',
  'arg_min',
  'array_agg',
  'avg',
  'bool_and',
  'bool_or',
  'count',
  'count_star',
  'list',
  'max',
  'median',
  'min',
  'quantile_cont',
  'stddev',
  'string_agg',
  'sum',
])

/** Reads it off a query node of DuckDB's parse tree (`json_serialize_sql`). */
export function outermost(node: Json | undefined): Outermost {
  const limit = list(member(node, 'modifiers')).find(
    (modifier) => member(modifier, 'type') === 'LIMIT_MODIFIER',
  )
  const most = member(member(member(limit, 'limit'), 'value'), 'value')
  return {
    grouped:
      list(member(node, 'group_expressions')).length > 0 ||
      list(member(node, 'select_list')).some(isAggregate),
    limit: typeof most === 'number' ? most : Number.POSITIVE_INFINITY,
  }
}

function isAggregate(expression: Json): boolean {
  if (member(expression, 'class') === 'CAST') return isAggregate(member(expression, 'child'))
  return (
    member(expression, 'class') === 'FUNCTION' &&
    aggregates.has(`${member(expression, 'function_name')}`)
  )
}

function member(node: Json | undefined, name: string): Json {
  const isNode = typeof node === 'object' && node !== null && !Array.isArray(node)
  return isNode ? ((node as Record<string, Json>)[name] ?? null) : null
}

const list = (value: Json): readonly Json[] => (Array.isArray(value) ? value : [])
