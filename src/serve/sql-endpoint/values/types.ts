import {
  type DuckDBArrayType,
  type DuckDBDecimalType,
  type DuckDBListType,
  type DuckDBType,
  DuckDBTypeId,
} from '@duckdb/node-api'
import type { Column } from './column.ts'

/** What RowDescription says of a type: OID, bytes (-1 where they vary), and the OID of its array. */
export interface PgType {
  readonly oid: number
  readonly size: number
  readonly array: number
}

const type = (oid: number, size: number, array: number): PgType => ({ oid, size, array })

/** PostgreSQL's types by the names of pg_type. */
export const pg = {
  bool: type(16, 1, 1000),
  bytea: type(17, -1, 1001),
  name: type(19, 64, 1003),
  int8: type(20, 8, 1016),
  int2: type(21, 2, 1005),
  int2vector: type(22, -1, 1006),
  int4: type(23, 4, 1007),
  regproc: type(24, 4, 1008),
  text: type(25, -1, 1009),
  oid: type(26, 4, 1028),
  tid: type(27, 6, 1010),
  xid: type(28, 4, 1011),
  oidvector: type(30, -1, 1013),
  json: type(114, -1, 199),
  xml: type(142, -1, 143),
  pg_node_tree: type(194, -1, 0),
  float4: type(700, 4, 1021),
  float8: type(701, 8, 1022),
  money: type(790, 8, 791),
  inet: type(869, -1, 1041),
  aclitem: type(1033, 12, 1034),
  varchar: type(1043, -1, 1015),
  date: type(1082, 4, 1182),
  time: type(1083, 8, 1183),
  timestamp: type(1114, 8, 1115),
  timestamptz: type(1184, 8, 1185),
  interval: type(1186, 16, 1187),
  timetz: type(1266, 12, 1270),
  varbit: type(1562, -1, 1563),
  numeric: type(1700, -1, 1231),
  regclass: type(2205, 4, 2210),
  regtype: type(2206, 4, 2211),
  cstring: type(2275, -2, 1263),
  uuid: type(2950, 16, 2951),
  jsonb: type(3802, -1, 3807),
  regnamespace: type(4089, 4, 4090),
} as const satisfies Record<string, PgType>

const byType: Partial<Record<DuckDBTypeId, PgType>> = {
  [DuckDBTypeId.BOOLEAN]: pg.bool,
  [DuckDBTypeId.TINYINT]: pg.int2,
  [DuckDBTypeId.UTINYINT]: pg.int2,
  [DuckDBTypeId.SMALLINT]: pg.int2,
  [DuckDBTypeId.USMALLINT]: pg.int4,
  [DuckDBTypeId.INTEGER]: pg.int4,
  [DuckDBTypeId.UINTEGER]: pg.int8,
  [DuckDBTypeId.BIGINT]: pg.int8,
  [DuckDBTypeId.UBIGINT]: pg.numeric,
  [DuckDBTypeId.HUGEINT]: pg.numeric,
  [DuckDBTypeId.UHUGEINT]: pg.numeric,
  [DuckDBTypeId.BIGNUM]: pg.numeric,
  [DuckDBTypeId.DECIMAL]: pg.numeric,
  [DuckDBTypeId.FLOAT]: pg.float4,
  [DuckDBTypeId.DOUBLE]: pg.float8,
  [DuckDBTypeId.DATE]: pg.date,
  [DuckDBTypeId.TIME]: pg.time,
  [DuckDBTypeId.TIME_NS]: pg.time,
  [DuckDBTypeId.TIME_TZ]: pg.timetz,
  [DuckDBTypeId.TIMESTAMP]: pg.timestamp,
  [DuckDBTypeId.TIMESTAMP_S]: pg.timestamp,
  [DuckDBTypeId.TIMESTAMP_MS]: pg.timestamp,
  [DuckDBTypeId.TIMESTAMP_NS]: pg.timestamp,
  [DuckDBTypeId.TIMESTAMP_TZ]: pg.timestamptz,
  [DuckDBTypeId.INTERVAL]: pg.interval,
  [DuckDBTypeId.UUID]: pg.uuid,
  [DuckDBTypeId.BLOB]: pg.bytea,
  [DuckDBTypeId.BIT]: pg.varbit,
  [DuckDBTypeId.VARCHAR]: pg.text,
  [DuckDBTypeId.ENUM]: pg.text,
  [DuckDBTypeId.SQLNULL]: pg.text,
}

/** Types that the catalogue makes by CREATE TYPE, by the name that DuckDB keeps as alias. */
const byAlias: Readonly<Record<string, PgType>> = {
  ...pg,
  sql_identifier: pg.name,
  character_data: pg.varchar,
  yes_or_no: pg.varchar,
  cardinal_number: pg.int4,
  time_stamp: pg.timestamptz,
  citext: pg.text,
}

/** The scalar type, or undefined for one that is sent as JSON. */
function scalar(type: DuckDBType): PgType | undefined {
  const alias = type.alias?.toLowerCase()
  if (alias !== undefined && Object.hasOwn(byAlias, alias)) return byAlias[alias]
  return byType[type.typeId]
}

/** PostgreSQL's type for one of DuckDB's: scalars as themselves, lists of scalars as arrays, all others as json. */
export function pgTypeOf(type: DuckDBType): PgType {
  const element = elementOf(type)
  if (element === undefined) return scalar(type) ?? pg.json
  const of = type.alias === undefined ? scalar(element) : byAlias[type.alias.toLowerCase()]
  if (type.alias !== undefined && of !== undefined) return of
  return of === undefined || of.array === 0 ? pg.json : { oid: of.array, size: -1, array: 0 }
}

/** Type of the members of a list or array. */
export function elementOf(type: DuckDBType): DuckDBType | undefined {
  if (type.typeId === DuckDBTypeId.LIST) return (type as DuckDBListType).valueType
  if (type.typeId === DuckDBTypeId.ARRAY) return (type as DuckDBArrayType).valueType
  return undefined
}

/** Columns of the catalogue that the rewrite writes out as vectors (rewrite/rules/arrays.ts): ODBC reads them by their type. */
const vectors: Readonly<Record<string, number>> = {
  indkey: 22,
  indoption: 22,
  indclass: 30,
  indcollation: 30,
  proargtypes: 30,
}

/** @param catalogue the statement reads the catalogue, where UINTEGER is an oid. */
export function columnOf(name: string, type: DuckDBType, catalogue = false): Column {
  if (catalogue && type.alias === undefined) {
    const vector = type.typeId === DuckDBTypeId.VARCHAR ? vectors[name] : undefined
    if (vector !== undefined) return { name, type, oid: vector, size: -1, typmod: -1 }
    if (type.typeId === DuckDBTypeId.UINTEGER)
      return { name, type, oid: pg.oid.oid, size: 4, typmod: -1 }
    if (elementOf(type)?.typeId === DuckDBTypeId.UINTEGER)
      return { name, type, oid: pg.oid.array, size: -1, typmod: -1 }
  }
  const { oid, size } = pgTypeOf(type)
  return { name, type, oid, size, typmod: typmodOf(type) }
}

function typmodOf(type: DuckDBType): number {
  const of = elementOf(type) ?? type
  if (of.typeId !== DuckDBTypeId.DECIMAL || of.alias !== undefined) return -1
  const { width, scale } = of as DuckDBDecimalType
  return ((width << 16) | scale) + 4
}
