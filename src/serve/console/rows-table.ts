import { type Html, html } from './html.ts'
import { type Column, table } from './layout.ts'
import type { Rows } from './reader.ts'
import { decimal, isNumber } from './words.ts'

/** Rows of the published tables as a table: the exact text of each value, numbers to the right. */
export function rowsTable(
  caption: string,
  { columns, rows }: Rows,
  names?: readonly string[],
): Html {
  const numbers = columns.map(({ type }) => isNumber(type))
  const heads: Column[] = columns.map(({ name }, at) => ({
    name: names?.[at] ?? name,
    number: numbers[at] === true,
  }))
  return table(
    caption,
    heads,
    rows.map((row) => row.map((value, at) => cell(value, numbers[at] === true))),
  )
}

const cell = (value: string | null, number: boolean) => {
  if (value === null) return html`<span class="null" title="NULL">∅</span>`
  return number ? decimal(value) : value
}

/** Row by row as objects, for queries whose columns are known. */
export function objects({ columns, rows }: Rows): Readonly<Record<string, string | null>>[] {
  return rows.map((row) =>
    Object.fromEntries(columns.map(({ name }, at) => [name, row[at] ?? null])),
  )
}

/** How a chart is drawn: see assets/charts.js. */
export type ChartKind = 'line' | 'bar' | 'stack' | 'across'

export interface Chart {
  readonly title: string
  readonly kind: ChartKind
  /** Columns drawn as bars of their own, or as lines over bars, by name. */
  readonly names?: readonly string[]
  /** What the numbers are: a currency, `%`. */
  readonly unit?: string
}

/**
 * A chart, drawn from the table beneath it: the first column is the axis, the others are what is drawn. The
 * table is there for whoever reads it better.
 */
export function chart({ title, kind, names, unit }: Chart, rows: Rows): Html {
  return html`<figure class="chart" data-chart="${kind}" data-unit="${unit ?? ''}"><figcaption>${title}</figcaption>
<div class="canvas"><canvas role="img" aria-label="${title}; the table below has its numbers"></canvas></div>
<details><summary>As a table</summary>${rowsTable(title, rows, names)}</details></figure>`
}
