import type { FastifyReply, FastifyRequest } from 'fastify'
import { addAudit } from '../../../state/audit.ts'
import { type Connection, getConnection } from '../../../state/connections.ts'
import { consentsOf } from '../../../state/consents.ts'
import type { Context } from '../context.ts'
import { auditOf, issuesOf, lastParts, partsOf } from '../data/connections.ts'
import { type Html, html, type Part } from '../html.ts'
import { csrfField, emptyNote, loaded, table, trouble } from '../layout.ts'
import { addLive, type Fragments } from '../live.ts'
import { nextStep } from '../next-step.ts'
import { addPart, chartScripts } from '../part.ts'
import { query, type Rows } from '../reader.ts'
import { chart, rowsTable } from '../rows-table.ts'
import { consoleSql } from '../sql-files.ts'
import { ago, badge, bytes, count, lasted, when } from '../words.ts'
import { consentEnd } from './connections.ts'

type Params = { Params: { id: string } }

export function addConnection(context: Context): void {
  const { app, reader, state, world } = context
  const fragments = (id: string, csrf: string | undefined): Fragments => {
    const one = getConnection(state, id)
    if (one === undefined) return {}
    return { facts: facts(context, one), next: next(context, one, csrf), fared: fared(context, id) }
  }
  addLive(context, '/live/connections/:id', (request) => {
    const { id } = request.params as Params['Params']
    const csrf = request.session?.csrf
    return () => fragments(id, csrf)
  })

  const show = (request: FastifyRequest, reply: FastifyReply, id: string, numbers?: Html) => {
    const one = getConnection(state, id)
    if (one === undefined)
      return context.show(request, reply.code(404), {
        title: 'No such connection',
        section: '/connections',
        body: trouble(
          'There is no such connection',
          'It may have been merged into another, or the address is mistyped.',
          html`<a href="/connections">All connections</a>`,
        ),
      })
    const csrf = request.session?.csrf
    const part = fragments(id, csrf)
    const address = `/parts/connections/${encodeURIComponent(id)}`
    return context.show(request, reply, {
      title: one.label || one.id,
      section: '/connections',
      live: `/live/connections/${encodeURIComponent(id)}`,
      scripts: chartScripts,
      body: html`<p class="crumb"><a href="/connections">Connections</a></p>
<h1>${one.label || 'Connection'} <code class="quiet">${one.id}</code></h1>
${part['next']}
${part['facts']}
<section id="accounts"><h2>Accounts</h2>${numbers ?? html`${loaded(`${address}/accounts`, 'the accounts')}${reveal(id, csrf)}`}</section>
<section><h2>Net worth</h2>${loaded(`${address}/net-worth`, 'the balances')}</section>
<section><h2>Runs and errors</h2>${part['fared']}</section>
<section><h2>Pages</h2>${loaded(`${address}/pages`, 'the pages')}</section>
<div class="columns"><section><h2>Consents</h2>${consents(context, id)}</section>
<section><h2>Audit</h2>${audit(context, id)}</section></div>`,
    })
  }

  app.get<Params>('/connections/:id', (request, reply) => show(request, reply, request.params.id))

  app.post<Params>('/connections/:id/numbers', async (request, reply) => {
    const { id } = request.params
    if (getConnection(state, id) === undefined) return show(request, reply, id)
    // First the audit entry, then the numbers: nothing is shown that is not on record.
    addAudit(state, 'numbers_shown', new Date(world.now()).toISOString(), id, { by: 'console' })
    const rows = await query(reader, consoleSql('account_numbers'), [id], { unmasked: true })
    return show(
      request,
      reply,
      id,
      html`${accounts(rows, accountColumns)}<p class="quiet">Account numbers are shown in full; the audit log has noted that. <a href="/connections/${id}">Mask them again</a></p>`,
    )
  })

  addPart(context, '/parts/connections/:id/accounts', 'Accounts', async (request) => {
    const { id } = request.params as Params['Params']
    return accounts(await query(reader, consoleSql('accounts'), [id]), accountColumns)
  })
  addPart(context, '/parts/connections/:id/net-worth', 'Net worth', async (request) => {
    const { id } = request.params as Params['Params']
    const rows = await query(reader, consoleSql('connection_net_worth'), [id], { maxRows: 20_000 })
    return netWorth(rows)
  })
  addPart(context, '/parts/connections/:id/pages', 'Pages', async (request) => {
    const { id } = request.params as Params['Params']
    const rows = await query(reader, consoleSql('connection_pages'), [id], { unmasked: true })
    return rows.rows.length === 0
      ? emptyNote('No page of it has been loaded yet.')
      : html`${rowsTable('The newest pages', rows, pageColumns)}${rows.truncated && html`<p class="quiet">The newest ${count(rows.rows.length)}.</p>`}`
  })
}

const accountColumns = [
  'Account',
  'Kind',
  'Number',
  'Balance',
  'Available',
  'Limit',
  'Currency',
  'As of',
  'State',
]

const pageColumns = [
  'Fetched',
  'Stream',
  'Account',
  'From',
  'Until',
  'Page',
  'Status',
  'Bytes',
  'Last',
  'Id',
]

const accounts = (rows: Rows, names: readonly string[]): Html =>
  rows.rows.length === 0
    ? emptyNote('No account of it has been loaded yet: it is there after the next run.')
    : rowsTable('Accounts', rows, names)

/** One chart for each currency. */
function netWorth({ columns, rows, ...rest }: Rows): Html {
  const currencies = [...new Set(rows.map(([currency]) => currency ?? ''))]
  if (currencies.length === 0) return emptyNote('No balance of it is known yet.')
  return html`${currencies.map((currency) =>
    chart(
      {
        title: `Net worth${currency === '' ? '' : `, ${currency}`}`,
        kind: 'line',
        unit: currency,
        names: ['Day', 'Assets', 'Liabilities', 'Net worth'],
      },
      {
        ...rest,
        columns: columns.slice(1),
        rows: rows.filter(([one]) => (one ?? '') === currency).map((row) => row.slice(1)),
      },
    ),
  )}`
}

const reveal = (id: string, csrf: string | undefined): Html =>
  html`<form method="post" action="/connections/${encodeURIComponent(id)}/numbers#accounts">${csrfField(csrf)}<button>Show full account numbers</button> <span class="quiet">The audit log notes it.</span></form>`

function facts({ world }: Context, one: Connection): Html {
  const now = world.now()
  return html`<dl class="facts" id="facts">
<div><dt>State</dt><dd>${badge(one.state)}</dd></div>
<div><dt>Provider</dt><dd><a href="/connections?${new URLSearchParams({ provider: one.provider }).toString()}">${one.provider}</a></dd></div>
<div><dt>Last complete pull</dt><dd>${ago(one.last_good_at, now)}</dd></div>
<div><dt>Consent ends</dt><dd>${consentEnd(one, now)}</dd></div>
<div><dt>Consent given</dt><dd>${one.consent_given_at === null ? '–' : when(one.consent_given_at)}</dd></div>
<div><dt>First connected</dt><dd>${when(one.created_at)}</dd></div>
<div class="wide"><dt>Scopes</dt><dd>${one.scopes === '' ? html`<span class="quiet">none named</span>` : one.scopes.split(' ').map((scope) => html`<code>${scope}</code> `)}</dd></div>
</dl>`
}

function next(context: Context, one: Connection, csrf: string | undefined): Html {
  const step = nextStep(one, lastParts(context.state, [one.id]).get(one.id), context.world.now())
  if (step === undefined)
    return html`<section id="next" class="note good"><p>${one.state === 'purged' ? 'Its data was erased; only this entry is left, so that no replay brings it back.' : 'All is well: there is nothing to do.'}</p></section>`
  const button = step.action === 'relaunch' ? 'Answer the bank’s question' : 'Connect again'
  return html`<section id="next" class="note ${step.tone}"><h2>What to do</h2><p>${step.text}</p>${step.command !== undefined && html`<p><code>${step.command}</code></p>`}${
    step.action !== undefined &&
    (context.connect === undefined
      ? html`<p><code>fdx connect ${one.provider}${step.action === 'relaunch' && ` --relaunch ${one.id}`}</code></p>`
      : html`<form method="post" action="/connect/${one.provider}">${csrfField(csrf)}${step.action === 'relaunch' && html`<input type="hidden" name="relaunch" value="${one.id}">`}<button class="primary">${button}</button></form>`)
  }</section>`
}

function fared({ state, world }: Context, id: string): Html {
  const now = world.now()
  const parts = partsOf(state, id, 20)
  if (parts.length === 0) return html`<div id="fared">${emptyNote('No run has read it yet.')}</div>`
  const [latest] = parts
  const issues = latest === undefined ? [] : issuesOf(state, latest.run_id, id)
  return html`<div id="fared">${table(
    'Runs of this connection, newest first',
    [
      { name: 'Began' },
      { name: 'Pipeline' },
      { name: 'State' },
      { name: 'Why, and what to do' },
      { name: 'Pages', number: true },
      { name: 'Bytes', number: true },
      { name: 'Took', number: true },
    ],
    parts.map((part): Part[] => [
      html`<a href="/runs/${part.run_id}">${when(part.started_at)}</a>`,
      part.pipeline,
      badge(part.status),
      html`${part.code && html`<code>${part.code}</code> `}${part.message}`,
      count(part.pages),
      bytes(part.bytes),
      lasted(part.started_at, part.ended_at, now),
    ]),
  )}${
    issues.length > 0 &&
    html`<h3>Left out in the last run</h3>${table(
      'Left out in the last run',
      [{ name: 'Part' }, { name: 'Code' }, { name: 'Why' }, { name: 'Times', number: true }],
      issues.map(({ stream, code, message, seen }) => [
        html`<code>${maskStream(stream)}</code>`,
        html`<code>${code}</code>`,
        message,
        count(seen),
      ]),
    )}`
  }</div>`
}

/** Some banks use the account number as the account’s id: only its end is shown. */
const maskStream = (stream: string): string =>
  stream.replace(/\/(.{5,})$/, (_, id: string) => `/…${id.slice(-4)}`)

function consents({ state }: Context, id: string): Html {
  const all = consentsOf(state, id).toReversed()
  if (all.length === 0) return emptyNote('None on record.')
  return table(
    'Consents, newest first',
    [{ name: 'Given' }, { name: 'Ends' }, { name: 'Ended' }],
    all.map(({ given_at, ends_at, ended_at, ended_by }) => [
      when(given_at),
      ends_at === null ? 'open-ended' : when(ends_at),
      ended_at === null
        ? 'running'
        : html`${when(ended_at)} <span class="quiet">${ended_by}</span>`,
    ]),
  )
}

function audit({ state }: Context, id: string): Html {
  const entries = auditOf(state, id, 50)
  if (entries.length === 0) return emptyNote('Nothing on record.')
  return table(
    'Audit log, newest first',
    [{ name: 'At' }, { name: 'What' }, { name: 'Who' }],
    entries.map(({ at, action, actor }) => [when(at), action.replaceAll('_', ' '), actor]),
  )
}
