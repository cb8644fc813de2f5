import { listProviders } from '../../../config/read.ts'
import type { Connection } from '../../../state/connections.ts'
import { connectionStates } from '../../../state/connections.ts'
import { consentDaysLeft } from '../../../state/consents.ts'
import type { RunConnection } from '../../../state/runs.ts'
import { type Context, queryOf } from '../context.ts'
import {
  type Filter,
  lastParts,
  listPage,
  pageSize,
  readFilter,
  views,
} from '../data/connections.ts'
import { type Html, html, type Part } from '../html.ts'
import { emptyNote, table } from '../layout.ts'
import { nextStep } from '../next-step.ts'
import { ago, badge, stateWord } from '../words.ts'

export function addConnections(context: Context): void {
  const { app, settings, state, world } = context
  app.get('/connections', (request, reply) => {
    const filter = readFilter(queryOf(request))
    const now = world.now()
    const { connections, next } = listPage(state, filter, now)
    const last = lastParts(
      state,
      connections.map(({ id }) => id),
    )
    const rows = connections.map((one) => row(one, last.get(one.id), now))
    return context.show(request, reply, {
      title: 'Connections',
      section: '/connections',
      body: html`<h1>Connections</h1>
${filterForm(filter, listProviders(settings.pipelinesDir))}
${
  connections.length === 0
    ? emptyNote(
        html`${filter.after === '' ? 'No connection is like that.' : 'There are no more.'} <a href="/connections">Show all</a>`,
      )
    : table('Connections', columns, rows)
}
${pager(filter, next)}`,
    })
  })
}

const columns = [
  'Connection',
  'Provider',
  'State',
  'Last complete pull',
  'Last run',
  'Consent ends',
  'What to do',
].map((name) => ({ name }))

function row(one: Connection, last: RunConnection | undefined, now: number): Part[] {
  const step = nextStep(one, last, now)
  return [
    one.label === ''
      ? html`<a href="/connections/${one.id}"><code>${one.id}</code></a>`
      : html`<a href="/connections/${one.id}">${one.label}</a> <code class="quiet">${one.id}</code>`,
    one.provider,
    badge(one.state),
    ago(one.last_good_at, now),
    last === undefined ? html`<span class="quiet">never</span>` : badge(last.status),
    consentEnd(one, now),
    step === undefined
      ? html`<span class="quiet">–</span>`
      : html`<span class="clip" title="${step.text}">${step.text}</span>`,
  ]
}

/** When the consent ends, as a person asks: how many days are left. */
export function consentEnd(one: Connection, now: number): Part {
  const days = consentDaysLeft(one, now)
  if (days === undefined || one.consent_ends_at === null)
    return html`<span class="quiet">open-ended</span>`
  const day = one.consent_ends_at.slice(0, 10)
  const tone = days <= 7 ? 'bad-text' : days <= 30 ? 'warn-text' : ''
  return html`<span class="${tone}" title="${day}">${days === 0 ? 'ended' : `in ${days} d`}</span>`
}

function filterForm(filter: Filter, providers: readonly string[]): Html {
  const option = (value: string, text: string, chosen: string) =>
    html`<option value="${value}"${value === chosen && html` selected`}>${text}</option>`
  return html`<form class="filter" method="get" action="/connections" role="search" aria-label="Connections">
<label>Show <select name="view">${Object.entries(views).map(([value, text]) => option(value, text, filter.view))}</select></label>
<label>State <select name="state">${option('', 'any', filter.state)}${connectionStates.map((one) => option(one, stateWord(one), filter.state))}</select></label>
<label>Provider <select name="provider">${option('', 'any', filter.provider)}${providers.map((one) => option(one, one, filter.provider))}</select></label>
<label>Id or label begins with <input type="search" name="find" value="${filter.find}"></label>
<button>Filter</button></form>`
}

function pager(filter: Filter, next: string | undefined): Part {
  const address = (after: string) => {
    const { view, ...rest } = filter
    const given = Object.entries({ ...rest, view: view === 'all' ? '' : view, after }).filter(
      ([, value]) => value !== '',
    )
    return `/connections?${new URLSearchParams(given)}`
  }
  if (filter.after === '' && next === undefined) return null
  return html`<nav class="pager" aria-label="Pages">${filter.after !== '' && html`<a href="${address('')}">First ${pageSize}</a>`} ${next !== undefined && html`<a href="${address(next)}" rel="next">Next ${pageSize}</a>`}</nav>`
}
