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

/** Rows as they come, some at a time. */
export interface RowStream {
  readonly columns: Result['columns']
  readonly rows: AsyncIterable<Result['rows']>
}

/** The text of an answer, piece by piece: the memory that it takes does not depend on the number of rows. */
export const formatStream: Record<Format, (stream: RowStream) => AsyncIterable<string>> = {
  table: tableStream,
  csv: csvStream,
  json: jsonStream,
}

/** A table says its columns again after so many rows: their widths follow what has come so far. */
const tableRows = 1000

async function* tableStream({ columns, rows }: RowStream): AsyncIterable<string> {
  let waiting: Result['rows'][number][] = []
  let count = 0
  for await (const some of rows) {
    waiting.push(...some)
    count += some.length
    for (; waiting.length > tableRows; waiting = waiting.slice(tableRows))
      yield tableText({ columns, rows: waiting.slice(0, tableRows) })
  }
  yield tableText({ columns, rows: waiting })
  yield rowCount(count)
}

async function* csvStream({ columns, rows }: RowStream): AsyncIterable<string> {
  yield stringify([columns.map(({ name }) => name)])
  for await (const some of rows) yield stringify(csvSafe(columns, some))
}

async function* jsonStream({ columns, rows }: RowStream): AsyncIterable<string> {
  let before = '['
  for await (const some of rows)
    for (const object of objectsOf({ columns, rows: some })) {
      yield `${before}\n${JSON.stringify(object, null, 2).replaceAll(/^/gm, '  ')}`
      before = ','
    }
  yield before === '[' ? '[]\n' : '\n]\n'
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
export const asTable = (result: Result): string =>
  `${tableText(result)}${rowCount(result.rows.length)}`

const rowCount = (count: number) => `(${count} ${count === 1 ? 'row' : 'rows'})\n`

function tableText({ columns, rows }: Result): string {
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
  return `${lines.join('\n')}\n`
}

/**
 * Zeros that only fill a decimal's scale are left out, behind two places. Control characters of a
 * provider's text must not reach a terminal.
 */
const cell = (text: string, isDecimal: boolean) =>
  isDecimal ? text.replace(/(\.\d\d\d*?)0+$/, '$1') : text.replaceAll(/\p{Cc}/gu, ' ')

/** Each row as an object. Decimals, big integers and instants are strings, so that no digit is lost. */
export function objectsOf({ columns, rows }: Result): Record<string, unknown>[] {
  const exactInJson = columns.map(({ type }) => /^(U?(TINY|SMALL)?INT(EGER)?|BOOLEAN)$/.test(type))
  return rows.map((row) =>
    Object.fromEntries(
      columns.map(({ name }, at) => {
        const value = row[at] ?? null
        return [name, value !== null && exactInJson[at] ? JSON.parse(value) : value]
      }),
    ),
  )
}
