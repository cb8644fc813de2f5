import { fold } from './fold.ts'
import { scalarFunctions } from './functions.ts'
import { argumentsOf, isNode, isUnqualified, type Json, type Node, numberOf, text } from './tree.ts'

/**
 * Whom a statement may keep waiting; each lane has threads of its own (`engine/admission.ts`).
 * - `light`: has no FROM, and no function whose time or result could be much more than its text: it is answered whatever else runs
 * - `catalogue`: reads PostgreSQL's catalogue, or nothing, by functions that a driver uses there
 * - `heavy`: everything else
 */
export type Lane = 'light' | 'catalogue' | 'heavy'

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/))

/** Not among them: what joins or repeats values, which could double them again and again. */
const lightFunctions = words(`
  + - * / // % & and or not = <> != < > <= >= abs ceil ceiling floor round sign sqrt mod trunc greatest least coalesce
  ifnull nullif if case typeof pg_typeof length char_length character_length octet_length lower upper left right substr
  substring trim ltrim rtrim now today current_date current_localtime current_localtimestamp get_current_time
  get_current_timestamp transaction_timestamp current_database current_catalog current_schema current_schemas
  current_user current_role session_user user version pi random date_part datepart date_trunc year month day hour
  minute second epoch epoch_ms to_timestamp timezone to_seconds to_minutes to_hours to_days to_weeks to_months to_years
  make_date make_timestamp txid_current
`)

const catalogueFunctions = words(`
  || concat concat_ws ~~ !~~ ~~* !~~* ~~~ like_escape not_like_escape ilike_escape not_ilike_escape regexp_matches
  regexp_full_match split_part string_split starts_with prefix contains strpos instr
  position array_to_string string_to_array list_value array_value construct_array row struct_pack struct_extract
  list_extract array_extract list_contains array_contains list_has list_position array_position list_indexof
  array_length len cardinality generate_subscripts unnest hash md5
  count count_star min max sum avg any_value first last bool_and bool_or string_agg array_agg list arg_min arg_max
  row_number rank dense_rank lag lead
`)

/** What has no FROM of a table, beside expressions. */
const lightTypes = words('SELECT_NODE EMPTY EMPTY_FROM ORDER_DEFAULT ASCENDING DESCENDING')
const catalogueTypes = words(
  'BASE_TABLE SUBQUERY JOIN TABLE_FUNCTION EXPRESSION_LIST SET_OPERATION_NODE CTE_NODE',
)
const lightClasses = words(
  'BETWEEN CASE CAST COLUMN_REF COMPARISON CONJUNCTION CONSTANT FUNCTION OPERATOR PARAMETER POSITIONAL_REFERENCE SUBQUERY',
)
const catalogueClasses = words('COLLATE DEFAULT STAR TYPE WINDOW')

const heavier = (a: Lane, b: Lane): Lane =>
  a === 'heavy' || b === 'heavy' ? 'heavy' : a === 'catalogue' ? a : b

/**
 * The lane of a statement that passed the gate and reads nothing of the warehouse. What no list knows is heavy.
 * @param node the query node of DuckDB's parse tree
 * @param shims functions that stand for PostgreSQL's own
 */
export function laneOf(node: Json, shims: ReadonlySet<string>): Lane {
  if (Array.isArray(node)) {
    let lane: Lane = 'light'
    for (const part of node as readonly Json[]) lane = heavier(lane, laneOf(part, shims))
    return lane
  }
  if (!isNode(node)) return 'light'
  const own = laneOfNode(node, shims)
  if (own === 'heavy' || node['class'] === 'CONSTANT') return own
  const parts = Object.entries(node).filter(([name]) => !/^(cast_type|type_info)$/.test(name))
  return heavier(
    own,
    laneOf(
      parts.map(([, part]) => part),
      shims,
    ),
  )
}

function laneOfNode(node: Node, shims: ReadonlySet<string>): Lane {
  const [kind, type] = [text(node['class']), text(node['type'])]
  if (kind === 'FUNCTION' || kind === 'WINDOW')
    return heavier(kind === 'WINDOW' ? 'catalogue' : 'light', laneOfFunction(node, shims))
  // A number of any size takes quadratic time to read.
  if (kind === 'CAST' && /"(bignum|varint)"/i.test(JSON.stringify(node['cast_type'])))
    return 'heavy'
  if (kind !== '') return listed(kind, lightClasses, catalogueClasses)
  return type === '' || /_MODIFIER$/.test(type) ? 'light' : listed(type, lightTypes, catalogueTypes)
}

function laneOfFunction(node: Node, shims: ReadonlySet<string>): Lane {
  const name = fold(text(node['function_name']))
  const isShim = shims.has(name) && isUnqualified(node)
  if (/^(pg|has|inet|format_type|obj|col|shobj)(_|$)/.test(name) && !/^pg_typeof$/.test(name))
    return 'catalogue'
  if (isShim && !scalarFunctions.has(name)) return 'catalogue'
  // Drivers count through arrays with it.
  if (name === 'generate_series' && argumentsOf(node).every(isSmall)) return 'catalogue'
  return listed(name, lightFunctions, catalogueFunctions)
}

const isSmall = (argument: Json) => Math.abs(numberOf(argument) ?? 0) <= 1_000

const listed = (name: string, light: ReadonlySet<string>, catalogue: ReadonlySet<string>): Lane =>
  light.has(name) ? 'light' : catalogue.has(name) ? 'catalogue' : 'heavy'
