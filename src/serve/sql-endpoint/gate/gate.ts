import { catalogueSchemas, frontDatabase } from '../catalogue/names.ts'
import { PgError } from '../pg-error.ts'
import { fold } from './fold.ts'
import { rowMakers, scalarFunctions, tableFunctions } from './functions.ts'
import { bounded, refuseHuge } from './huge.ts'
import { type Lane, laneOf } from './lane.ts'
import { type Outermost, outermost } from './outermost.ts'
import type { Policy } from './policy.ts'
import { missing, refusedByParser, refusedFunction, unknown } from './refusals.ts'
import { isNode, isUnqualified, type Json, type Node, text } from './tree.ts'

/** What a statement that may run reads. */
export interface Passed {
  /** Relations of the warehouse, as `schema.name`, sorted. */
  readonly relations: readonly string[]
  readonly lane: Lane
  /** It gives exactly one row: a SELECT without FROM, and nothing in it that makes rows. */
  readonly single: boolean
  readonly outermost: Outermost
}

export interface GateContext {
  readonly policy: Policy
  readonly database: string
  /** Schemas of the warehouse that are searched for unqualified names, first to last. */
  readonly schemas: readonly string[]
  readonly catalogue: Catalogue
}

/** What stands for PostgreSQL's catalogue. Its relations are filtered by role already. Lower case. */
export interface Catalogue {
  /** As `schema.name`. */
  readonly relations: ReadonlySet<string>
  readonly functions: ReadonlySet<string>
}

/**
 * Decides on DuckDB's own parse tree of one statement (`json_serialize_sql`), by lists: exactly one SELECT, of relations
 * that the role may read, through functions that are known to be harmless. What the lists do not know is refused.
 * @param tree the JSON that DuckDB gave, parsed
 * @throws PgError 42601 with DuckDB's own words, 42P01 for a relation that is not there or not for this role (the same
 * answer, so that nobody learns which), 42883 or 42501 for a function, 0A000 for anything else.
 */
export function gate(tree: Json, context: GateContext): Passed {
  if (!isNode(tree)) throw unknown('statement')
  if (tree['error'] === true) throw refusedByParser(tree)
  const statements = tree['statements']
  if (!Array.isArray(statements) || statements.length !== 1)
    throw new PgError('42601', 'cannot insert multiple commands into a prepared statement')
  const seen = { relations: new Set<string>(), rows: false }
  const [statement] = statements as readonly Json[]
  if (!isNode(statement ?? null)) throw unknown('statement')
  const walk = walker(context, seen)
  walk.statement(statement as Node, new Set())
  const { node } = statement as Node
  return {
    relations: [...seen.relations].sort(),
    lane: seen.relations.size > 0 ? 'heavy' : laneOf(node ?? null, context.catalogue.functions),
    single: !seen.rows && isSingle(node),
    outermost: outermost(node),
  }
}

/** Names of common table expressions that are in scope, lower case. */
type Scope = ReadonlySet<string>

/** Members that hold no SQL of their own: names, flags, types. */
const inert = new Set(['query_location'])

/** Every kind of query node, table reference and expression class that is understood. */
const queryNodes = new Set(['SELECT_NODE', 'SET_OPERATION_NODE', 'RECURSIVE_CTE_NODE', 'CTE_NODE'])
const tableRefs = new Set([
  'BASE_TABLE',
  'SUBQUERY',
  'JOIN',
  'TABLE_FUNCTION',
  'EXPRESSION_LIST',
  'EMPTY',
  'EMPTY_FROM',
  'PIVOT',
  'SHOW_REF',
])
const expressionClasses = new Set([
  'BETWEEN',
  'CASE',
  'CAST',
  'COLLATE',
  'COLUMN_REF',
  'COMPARISON',
  'CONJUNCTION',
  'CONSTANT',
  'DEFAULT',
  'FUNCTION',
  'LAMBDA',
  'LAMBDA_REF',
  'OPERATOR',
  'PARAMETER',
  'POSITIONAL_REFERENCE',
  'STAR',
  'SUBQUERY',
  'TYPE',
  'WINDOW',
])

function walker(context: GateContext, seen: { readonly relations: Set<string>; rows: boolean }) {
  /** A statement, or the `{node, named_param_map}` of a sub-query. */
  function statement(value: Node, scope: Scope): void {
    const node = value['node']
    if (!isNode(node ?? null)) throw unknown('statement')
    query(node as Node, scope)
  }

  function query(node: Node, outer: Scope): void {
    const type = text(node['type'])
    if (!queryNodes.has(type)) throw unknown(type)
    const scope = new Set(outer)
    // Each sees the ones before it, the main query all of them; its own name only where it recurs.
    for (const entry of entriesOf(node['cte_map'])) {
      const name = fold(text(entry['key']))
      const value = entry['value']
      if (!isNode(value ?? null)) throw unknown('common table expression')
      for (const [key, part] of Object.entries(value as Node))
        if (key === 'query') statement(part as Node, scope)
        else any(part, scope)
      scope.add(name)
    }
    if (type === 'RECURSIVE_CTE_NODE') {
      const inner = new Set(scope).add(fold(text(node['cte_name'] ?? node['ctename'] ?? '')))
      for (const [key, part] of Object.entries(node))
        if (key !== 'cte_map') any(part, key === 'left' ? scope : inner)
      return
    }
    for (const [key, part] of Object.entries(node)) if (key !== 'cte_map') any(part, scope)
  }

  /** Any part of the tree: by what it says it is, or else all that is in it. */
  function any(value: Json, scope: Scope): void {
    if (Array.isArray(value)) for (const part of value as readonly Json[]) any(part, scope)
    else if (isNode(value)) node(value, scope)
  }

  function node(value: Node, scope: Scope): void {
    const type = text(value['type'])
    if (isQuery(value['node'])) statement(value, scope)
    else if (typeof value['class'] === 'string') expression(value, scope)
    else if (queryNodes.has(type)) query(value, scope)
    else if (tableRefs.has(type)) tableRef(value, type, scope)
    else if (type === '' || /_MODIFIER$/.test(type) || 'null_order' in value) members(value, scope)
    else throw unknown(type)
  }

  function members(value: Node, scope: Scope): void {
    for (const [key, part] of Object.entries(value)) if (!inert.has(key)) any(part, scope)
  }

  function expression(value: Node, scope: Scope): void {
    const kind = text(value['class'])
    if (!expressionClasses.has(kind)) throw unknown(kind)
    if (kind === 'CONSTANT') return
    if (kind === 'FUNCTION' || kind === 'WINDOW') scalarFunction(value)
    for (const [key, part] of Object.entries(value)) {
      // A type names no relation; its own members are types again.
      if (inert.has(key) || key === 'cast_type' || key === 'type_info') continue
      any(part, scope)
    }
  }

  /** With a schema a name is DuckDB's own, past the macro that stands for it. */
  function scalarFunction(value: Node): void {
    const name = fold(text(value['function_name']))
    if (name === '') return // window functions without one
    if (rowMakers.has(name)) seen.rows = true
    if (scalarFunctions.has(name) && (isUnqualified(value) || !bounded.has(name))) {
      refuseHuge(name, value)
      return
    }
    if (context.catalogue.functions.has(name) && isUnqualified(value)) return
    throw refusedFunction(name, value)
  }

  function tableRef(value: Node, type: string, scope: Scope): void {
    if (type === 'BASE_TABLE') relation(value, scope)
    else if (type === 'TABLE_FUNCTION') tableFunction(value, scope)
    // SHOW and DESCRIBE of a query are that query; all other kinds list what the engine has.
    else if (type === 'SHOW_REF' && !isNode(value['query'] ?? null))
      throw new PgError('0A000', 'this form of SHOW is not supported', {
        hint: 'Query information_schema.tables instead.',
      })
    else members(value, scope)
  }

  function tableFunction(value: Node, scope: Scope): void {
    const call = value['function']
    if (!isNode(call ?? null) || text((call as Node)['class']) !== 'FUNCTION')
      throw unknown('table function')
    const [catalog, schema, name] = ['catalog', 'schema', 'function_name'].map((key) =>
      fold(text((call as Node)[key] ?? '')),
    ) as [string, string, string]
    const { policy, database, catalogue } = context
    if ((catalog === '' || catalog === database) && policy.callable(schema, name))
      seen.relations.add(`${schema}.${name}`)
    else if (
      !tableFunctions.has(name) &&
      !(catalogue.functions.has(name) && isUnqualified(call as Node))
    )
      throw refusedFunction(name, call as Node)
    any((call as Node)['children'] ?? null, scope)
    any(value['sample'] ?? null, scope)
  }

  function relation(value: Node, scope: Scope): void {
    const [catalog, schema, name] = ['catalog_name', 'schema_name', 'table_name'].map((key) =>
      fold(text(value[key] ?? '')),
    ) as [string, string, string]
    if (value['at_clause'] !== null && value['at_clause'] !== undefined)
      throw new PgError('0A000', 'AT is not supported')
    if (catalog === '' && schema === '' && scope.has(name)) return
    any(value['sample'] ?? null, scope)
    const found = resolve(catalog, schema, name)
    if (found === undefined) throw missing(value)
    if (found !== '') seen.relations.add(found)
  }

  /** Name of a relation of the warehouse, empty for one of the catalogue, undefined for all others. */
  function resolve(catalog: string, schema: string, name: string): string | undefined {
    const { policy, database, schemas, catalogue } = context
    const shim = (inSchema: string) =>
      catalogue.relations.has(`${inSchema}.${name}`) ? '' : undefined
    const own = (inSchema: string) =>
      policy.readable(inSchema, name) ? `${inSchema}.${name}` : undefined
    if (catalog === frontDatabase) return shim(schema)
    if (catalog === database) return own(schema)
    if (catalog !== '') return undefined
    // `a.b` is a relation of schema a, or one of the schema `main` in database a.
    if (schema === database) return own('main')
    if (schema !== '') return shim(schema) ?? own(schema)
    for (const inSchema of schemas) if (policy.readable(inSchema, name)) return own(inSchema)
    return shim(catalogueSchemas.pg_catalog)
  }

  return { statement }
}

/** `SELECT expressions`, with no clause that could take the row away. */
function isSingle(node: Json | undefined): boolean {
  if (!isNode(node ?? null)) return false
  const query = node as Node
  const from = query['from_table']
  return (
    text(query['type']) === 'SELECT_NODE' &&
    isNode(from ?? null) &&
    /^EMPTY/.test(text((from as Node)['type'])) &&
    ['where_clause', 'having', 'qualify', 'sample'].every((clause) => query[clause] === null) &&
    Array.isArray(query['modifiers']) &&
    query['modifiers'].length === 0
  )
}

/** `cte_map` is `{map: [{key, value}]}`. */
function entriesOf(map: Json | undefined): readonly Node[] {
  const entries = isNode(map ?? null) ? (map as Node)['map'] : undefined
  return Array.isArray(entries) ? (entries as readonly Node[]) : []
}

const isQuery = (value: Json | undefined) =>
  isNode(value ?? null) && queryNodes.has(text((value as Node)['type']))
