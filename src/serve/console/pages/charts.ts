import { FdxError } from '../../../errors.ts'
import { getConnection } from '../../../state/connections.ts'
import { type Context, queryOf } from '../context.ts'
import { countStates } from '../data/overview.ts'
import { type Html, html } from '../html.ts'
import { emptyNote, loaded, trouble } from '../layout.ts'
import { addPart, chartScripts } from '../part.ts'
import { query, type Rows } from '../reader.ts'
import { remember } from '../remember.ts'
import { type Chart, chart } from '../rows-table.ts'
import { consoleSql } from '../sql-files.ts'
import { count } from '../words.ts'

/** With more connections than this, a chart over all of them is drawn only for whoever asks for it. */
const drawnUnasked = 2_000

interface Drawn extends Omit<Chart, 'title' | 'unit'> {
  readonly title: string
  readonly unit?: 'currency' | '%'
  /** What is shown where there is nothing to draw. */
  readonly empty: string
}

/** A chart for each file of `sql/console/` that is named here. */
const charts: Readonly<Record<string, Drawn>> = {
  net_worth: {
    title: 'Net worth',
    kind: 'line',
    unit: 'currency',
    names: ['Day', 'Assets', 'Liabilities', 'Net worth'],
    empty: 'No balance in this currency is known yet.',
  },
  balances: {
    title: 'Balances by kind of account',
    kind: 'line',
    unit: 'currency',
    names: ['Day', 'Deposits', 'Investments', 'Other', 'Cards and lines', 'Loans'],
    empty: 'No balance in this currency is known yet.',
  },
  cash_flow: {
    title: 'Cash flow by month',
    kind: 'stack',
    unit: 'currency',
    names: ['Month', 'In', 'Out', 'Net'],
    empty: 'No posted transaction in this currency is known yet.',
  },
  credit_utilization: {
    title: 'Credit lines that are used most',
    kind: 'across',
    unit: '%',
    names: ['Line', 'Used, %', 'Owed', 'Limit', 'Connection'],
    empty: 'No credit line in this currency states its limit.',
  },
}

interface Chosen {
  readonly connection: string
  readonly currency: string
}

const chosenOf = (query: Readonly<Record<string, unknown>>): Chosen & { readonly all: boolean } => {
  const { connection, currency, all } = query
  return {
    connection: typeof connection === 'string' ? connection.trim().slice(0, 100) : '',
    currency: typeof currency === 'string' && /^[A-Za-z]{3,5}$/.test(currency) ? currency : '',
    all: all === '1',
  }
}

export function addCharts(context: Context): void {
  const { app, reader, state } = context
  const connections = remember(5_000, () =>
    countStates(state).reduce((sum, one) => sum + one.connections, 0),
  )

  app.get('/charts', (request, reply) => {
    const { connection, currency, all } = chosenOf(queryOf(request))
    const known = connection === '' || getConnection(state, connection) !== undefined
    const many = connections()
    const wait = connection === '' && many > drawnUnasked && !all
    const address = `/parts/charts?${new URLSearchParams({ connection, currency })}`
    const body = !known
      ? trouble(
          'There is no such connection',
          'Copy an id from the list of connections.',
          html`<a href="/connections">Connections</a>`,
        )
      : wait
        ? html`<section class="note"><h2>${count(many)} connections</h2><p>Charts over all of them take a while. Choose one connection above, or <a href="/charts?all=1">draw all of them</a>.</p></section>`
        : loaded(address, 'the charts')
    return context.show(request, reply, {
      title: 'Charts',
      section: '/charts',
      scripts: chartScripts,
      body: html`<h1>Charts</h1>
<form class="filter" method="get" action="/charts" role="search" aria-label="What is drawn">
<label>Connection <input name="connection" value="${connection}" placeholder="all" spellcheck="false" size="26"></label>
${currency !== '' && html`<input type="hidden" name="currency" value="${currency}">`}
<button>Draw</button>${connection !== '' && html` <a href="/charts">All connections</a>`}</form>
${body}`,
    })
  })

  addPart(context, '/parts/charts', 'Charts', async (request) => {
    const { connection, currency } = chosenOf(queryOf(request))
    const found = await query(reader, consoleSql('currencies'), [connection])
    const currencies = found.rows.map(([one]) => one ?? '')
    const chosen = currencies.includes(currency) ? currency : (currencies[0] ?? '')
    if (chosen === '')
      return emptyNote(
        'There is no account with a currency yet: charts are there after the first run.',
      )
    const address = (name: string) =>
      `/parts/charts/${name}?${new URLSearchParams({ connection, currency: chosen })}`
    return html`${currencyLinks(currencies, { connection, currency: chosen })}
<div class="charts">${Object.entries(charts).map(([name, { title }]) => loaded(address(name), title.toLowerCase()))}</div>`
  })

  for (const [name, drawn] of Object.entries(charts))
    addPart(context, `/parts/charts/${name}`, drawn.title, async (request) => {
      const { connection, currency } = chosenOf(queryOf(request))
      const rows = await query(reader, consoleSql(name), [connection, currency], {
        maxRows: 20_000,
        timeoutMs: 30_000,
      }).catch(tooMuch)
      return drawnChart(drawn, currency, rows)
    })
}

function currencyLinks(currencies: readonly string[], { connection, currency }: Chosen): Html {
  return html`<nav class="tabs" aria-label="Currency">${currencies.map(
    (one) =>
      html`<a href="/charts?${new URLSearchParams({ connection, currency: one, all: '1' }).toString()}"${one === currency && html` aria-current="true"`}>${one}</a>`,
  )}</nav>`
}

/** Columns without a single value are left out: an empty line says nothing. */
function drawnChart(
  { title, unit, names = [], empty, kind }: Drawn,
  currency: string,
  rows: Rows,
): Html {
  if (rows.rows.length === 0)
    return html`<figure class="chart"><figcaption>${title}</figcaption>${emptyNote(empty)}</figure>`
  const kept = rows.columns.flatMap((_, at) =>
    rows.rows.some((row) => row[at] !== null) ? [at] : [],
  )
  const only = <T>(list: readonly T[]): T[] =>
    kept.flatMap((at) => {
      const one = list[at]
      return one === undefined ? [] : [one]
    })
  const shown: Rows = { ...rows, columns: only(rows.columns), rows: rows.rows.map(only) }
  return chart(
    {
      title: unit === 'currency' ? `${title}, ${currency}` : title,
      kind,
      names: only(names),
      unit: unit === 'currency' ? currency : (unit ?? ''),
    },
    shown,
  )
}

function tooMuch(error: unknown): never {
  if (error instanceof FdxError && error.facts['sqlstate'] === '57014')
    throw new FdxError(
      'QUERY_FAILED',
      'it takes too long to draw: choose one connection above, or ask for less in the SQL box',
    )
  throw error
}
