/** How a value is typed: the macro `as_<type>` of sql/load/macros.sql reads it, the column holds it. */
export const fieldTypes = {
  id: 'VARCHAR',
  text: 'VARCHAR',
  money: 'DECIMAL(38,9)',
  rate: 'DECIMAL(38,18)',
  quantity: 'DECIMAL(38,18)',
  integer: 'BIGINT',
  boolean: 'BOOLEAN',
  date: 'DATE',
  instant: 'TIMESTAMPTZ',
  json: 'JSON',
} as const
export type FieldType = keyof typeof fieldTypes

/** Why a value of this type stands in ops.rejects; `text`, `id` and `json` take every value. */
export const rejectReasons: Record<FieldType, string | null> = {
  id: null,
  text: null,
  money: 'NOT_AN_EXACT_AMOUNT',
  rate: 'NOT_AN_EXACT_NUMBER',
  quantity: 'NOT_AN_EXACT_NUMBER',
  integer: 'NOT_AN_INTEGER',
  boolean: 'NOT_A_BOOLEAN',
  date: 'NOT_A_DATE',
  instant: 'NOT_AN_INSTANT',
  json: null,
}

/**
 * What a column says about a person. `direct`: names or numbers the person by itself; `account`: tells of
 * the person’s money, or of who dealt with them; `none`: neither.
 */
export type Pii = 'none' | 'account' | 'direct'

/** One value of a record, and the column that holds it. */
export interface Field {
  /** Name in the payload; a dot goes into an object: `currency.currencyCode`. */
  readonly name: string
  readonly column: string
  readonly type: FieldType
  /** Other names the same value had or has in some payloads; the first that is present wins. */
  readonly was: readonly string[]
  /** The bare value may stand where its object should: `"currency": "CAD"`. */
  readonly bare: boolean
  /** First FDX version that has the field; empty when it has been there since 4.x. */
  readonly since: string
  readonly pii: Pii
  readonly comment: string
  /** Values the standard lists; any other is kept and counted in ops.drift. */
  readonly values?: readonly string[]
  /**
   * For a column that came after its table was released: the new file of `sql/schema/` that adds it, such as
   * `0021_new_column`. `npm run generate` writes that file.
   */
  readonly schema?: string
}

type More = Partial<Omit<Field, 'name' | 'type' | 'comment'>>

/** FDX name to column name: `calendarYearFor401K` → `calendar_year_for_401k`. */
export function snakeCase(name: string): string {
  return name
    .replaceAll('.', '_')
    .replace(/([a-z])(\d+[a-zA-Z])/g, '$1_$2')
    .replace(/([a-z0-9])([A-Z])(?=[a-z]|[A-Z]*[a-z]|[A-Z]*$)/g, (_, a, b) => `${a}_${b}`)
    .replace(/(\d)_K$/, '$1k')
    .toLowerCase()
}

/** One field, its column named by rule unless `more` says otherwise. */
export function field(name: string, type: FieldType, comment: string, more: More = {}): Field {
  return {
    name,
    type,
    comment,
    column: snakeCase(name),
    was: [],
    bare: false,
    since: '',
    pii: 'account',
    ...more,
  }
}

/** The same fields inside an object: names get `object.`, columns get `prefix_`. */
export function inside(object: string, prefix: string, fields: readonly Field[]): Field[] {
  return fields.map((one) => ({
    ...one,
    name: `${object}.${one.name}`,
    was: one.was.map((name) => `${object}.${name}`),
    column: prefix === '' ? one.column : `${prefix}_${one.column}`,
  }))
}

/** A list inside a record whose members are rows of another table. */
export interface Child {
  /** Name of the list in the payload. */
  readonly name: string
  readonly was?: readonly string[]
  /** Table (in the same schema) its members go to. */
  readonly table: string
  /** Written to the child's `list` column, where several lists share a table. */
  readonly list?: string
  /** A member may be a bare text; it is the value of this field. */
  readonly bare?: string
}

/** Key columns beside provider and connection_id, and what they are. */
export const keyColumns = {
  account_id: ['VARCHAR', 'Account, as the provider identifies it.'],
  transaction_id: [
    'VARCHAR',
    'Transaction, as the provider identifies it; a fingerprint of its content where it sent no id.',
  ],
  transaction_ordinal: ['INTEGER', 'Ordinal of the transaction that this belongs to.'],
  customer_id: ['VARCHAR', 'Customer, as the provider identifies it.'],
  login_id: ['VARCHAR', 'Flinks login the record belongs to.'],
  statement_id: ['VARCHAR', 'Statement, as the provider identifies it.'],
  network_id: ['VARCHAR', 'Fingerprint of the network, its bank and its identifier.'],
  list: ['VARCHAR', 'List of the payload that the row comes from.'],
  parent_ordinal: [
    'INTEGER',
    'Ordinal of the record (such as a holding) that the list is in; 0 where it is the account or transaction.',
  ],
  ordinal: [
    'INTEGER',
    'Position in its list, from 1; for transactions, position among different rows of one id.',
  ],
} as const satisfies Record<string, readonly [string, string]>
export type KeyColumn = keyof typeof keyColumns

/** A table of the warehouse that is filled from records of a payload. */
export interface Table {
  readonly schema: 'fdx' | 'flinks'
  readonly name: string
  readonly comment: string
  readonly key: readonly KeyColumn[]
  readonly fields: readonly Field[]
  readonly children: readonly Child[]
  /** Records that are told apart by their key alone, of whatever table: accounts of all kinds are one family. */
  readonly family?: string
  /** Names that are read elsewhere, so that they are not unknown fields here. */
  readonly elsewhere: readonly string[]
  /** For a table that came after the first release: the new file of `sql/schema/` that makes it, as of fields. */
  readonly added?: string
}
