import Table from 'cli-table3'
import { stringify } from 'csv-stringify/sync'
import { csvSafe } from '../serve/csv.ts'

/** A result as every surface gets it: exact text of each value, and the SQL type of each column. */
export interface Result {
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  readonly rows: readonly (readonly (string | null)[])[]
}

export const formats = ['table', 'csv', 'json'] as const
export type Format = (typeof formats)[number]

export const formatResult: Record<Format, (result: Result) => string> = {
  table: asTable,
  csv: asCsv,
  json: asJson,
}

const numeric = /^(DECIMAL|(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$)|DOUBLE|FLOAT)/

const plainBorders = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
}

/** Aligned columns, numbers to the right, NULL left empty, and the number of rows beneath. */
export function asTable({ columns, rows }: Result): string {
  const table = new Table({
    head: columns.map(({ name }) => name),
    colAligns: columns.map(({ type }) => (numeric.test(type) ? 'right' : 'left')),
    chars: plainBorders,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  })
  const isDecimal = columns.map(({ type }) => type.startsWith('DECIMAL'))
  for (const row of rows)
    table.push(row.map((value, at) => cell(value ?? '', isDecimal[at] === true)))
  const lines = table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
  return `${lines.join('\n')}\n(${rows.length} ${rows.length === 1 ? 'row' : 'rows'})\n`
}

/**
 * Zeros that only fill a decimal's scale are left out, behind two places. Control characters of a
 * provider's text must not reach a terminal.
 */
const cell = (text: string, isDecimal: boolean) =>
  isDecimal ? text.replace(/(\.\d\d\d*?)0+$/, '$1') : text.replaceAll(/\p{Cc}/gu, ' ')

/** RFC 4180 with a header, safe for spreadsheets. */
export function asCsv({ columns, rows }: Result): string {
  return stringify([columns.map(({ name }) => name), ...csvSafe(columns, rows)])
}

/** An array of objects. Decimals, big integers and instants are strings, so that no digit is lost. */
export function asJson({ columns, rows }: Result): string {
  const exactInJson = columns.map(({ type }) => /^(U?(TINY|SMALL)?INT(EGER)?|BOOLEAN)$/.test(type))
  const objects = rows.map((row) =>
    Object.fromEntries(
      columns.map(({ name }, at) => {
        const value = row[at] ?? null
        return [name, value !== null && exactInJson[at] ? JSON.parse(value) : value]
      }),
    ),
  )
  return `${JSON.stringify(objects, null, 2)}\n`
}
