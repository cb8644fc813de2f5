import { outcomes, type Run, runTotals } from '../../../state/runs.ts'
import { type Context, queryOf } from '../context.ts'
import {
  getRun,
  issueKinds,
  type PartFilter,
  pagesUnderWay,
  partPage,
  partsPageSize,
  progressOf,
  readPartFilter,
} from '../data/runs.ts'
import { type Html, html, type Part } from '../html.ts'
import { emptyNote, table, trouble } from '../layout.ts'
import { addLive, type Fragments } from '../live.ts'
import { sentence } from '../next-step.ts'
import { badge, bytes, count, lasted, plural, stateWord, when } from '../words.ts'

export function addRun(context: Context): void {
  const { app, state, world } = context
  const fragments = (run: Run | undefined, filter: PartFilter): Fragments => {
    if (run === undefined) return {}
    return {
      'run-head': head(context, run),
      parts: parts(context, run, filter),
      issues: issues(context, run),
    }
  }
  addLive(context, '/live/runs/:id', (request) => {
    const { id } = request.params as { id: string }
    const filter = readPartFilter(queryOf(request))
    return () => fragments(getRun(state, id), filter)
  })
  app.get<{ Params: { id: string } }>('/runs/:id', (request, reply) => {
    const { id } = request.params
    const filter = readPartFilter(queryOf(request))
    const run = getRun(state, id)
    if (run === undefined)
      return context.show(request, reply.code(404), {
        title: 'No such run',
        section: '/runs',
        body: trouble(
          'There is no such run',
          'The address may be mistyped.',
          html`<a href="/runs">All runs</a>`,
        ),
      })
    const shown = fragments(run, filter)
    const isOver = run.ended_at !== null && world.now() - Date.parse(run.ended_at) > 600_000
    return context.show(request, reply, {
      title: `Run of ${run.pipeline}`,
      section: '/runs',
      ...(!isOver && {
        live: `/live/runs/${encodeURIComponent(id)}?${new URLSearchParams({ status: filter.status, after: filter.after })}`,
      }),
      body: html`<p class="crumb"><a href="/runs">Runs</a></p><h1>${run.pipeline}</h1>
${shown['run-head']}
<section><h2>What could not be read</h2>${shown['issues']}</section>
<section><h2>Connections</h2>${partFilterForm(id, filter)}${shown['parts']}</section>`,
    })
  })
}

function head({ state, world }: Context, run: Run): Html {
  const now = world.now()
  const totals = runTotals(state, run.id)
  const sum = (what: 'pages' | 'bytes' | 'requests' | 'retries') =>
    totals.reduce((all, one) => all + Number(one[what]), 0)
  const isRunning = run.status === 'running'
  const { done, of } = progressOf(state, run, totals)
  const pages = sum('pages') + (isRunning ? pagesUnderWay(state, run.id) : 0)
  return html`<div id="run-head">
<dl class="facts">
<div><dt>State</dt><dd>${badge(run.status)}</dd></div>
<div><dt>Provider</dt><dd>${run.provider}</dd></div>
<div><dt>Began</dt><dd>${when(run.started_at)} UTC</dd></div>
<div><dt>${isRunning ? 'Running for' : 'Took'}</dt><dd>${lasted(run.started_at, run.ended_at, now)}</dd></div>
<div><dt>Pages</dt><dd>${count(pages)}</dd></div>
<div><dt>Bytes</dt><dd>${bytes(sum('bytes'))}</dd></div>
<div><dt>Requests</dt><dd>${count(sum('requests'))}</dd></div>
<div><dt>Retries</dt><dd>${count(sum('retries'))}</dd></div>
</dl>
<p class="progress"><label for="progress">${count(done)} of ${plural(of, 'connection')}</label>
<progress id="progress" max="${Math.max(1, of)}" value="${of === 0 ? 1 : done}"></progress></p>
<ul class="legend">${totals.map(({ status, connections }) => html`<li>${badge(status)} <strong>${count(connections)}</strong></li>`)}</ul>
${(run.status === 'failed' || run.status === 'stopped') && html`<p class="note ${run.status === 'failed' ? 'bad' : 'warn'}">${sentence(run.message || run.status)}</p>`}
</div>`
}

function parts({ state, world }: Context, run: Run, filter: PartFilter): Html {
  const { parts, next } = partPage(state, run.id, filter)
  const now = world.now()
  if (parts.length === 0)
    return html`<div id="parts">${emptyNote('No connection of this run is like that.')}</div>`
  const rows = parts.map((part): Part[] => [
    html`<a href="/connections/${part.connection_id}"><code>${part.connection_id}</code></a>`,
    badge(part.status),
    part.code && html`<code>${part.code}</code>`,
    html`<span class="clip" title="${part.message}">${part.message}</span>`,
    count(part.pages),
    bytes(part.bytes),
    count(part.retries),
    lasted(part.started_at, part.ended_at, now),
  ])
  const address = (after: string) =>
    `/runs/${encodeURIComponent(run.id)}?${new URLSearchParams({ status: filter.status, after })}`
  return html`<div id="parts">${table(
    'Connections of this run',
    [
      { name: 'Connection' },
      { name: 'State' },
      { name: 'Code' },
      { name: 'Why, and what to do' },
      { name: 'Pages', number: true },
      { name: 'Bytes', number: true },
      { name: 'Retries', number: true },
      { name: 'Took', number: true },
    ],
    rows,
  )}<nav class="pager" aria-label="Pages">${filter.after !== '' && html`<a href="${address('')}">First ${partsPageSize}</a>`} ${next !== undefined && html`<a href="${address(next)}" rel="next">Next ${partsPageSize}</a>`}</nav></div>`
}

function partFilterForm(id: string, filter: PartFilter): Html {
  return html`<form class="filter" method="get" action="/runs/${encodeURIComponent(id)}" role="search" aria-label="Connections of this run">
<label>State <select name="status"><option value="">any</option>${outcomes.map(
    (one) =>
      html`<option value="${one}"${one === filter.status && html` selected`}>${stateWord(one)}</option>`,
  )}</select></label><button>Filter</button></form>`
}

function issues({ state }: Context, run: Run): Html {
  const kinds = issueKinds(state, run.id)
  return html`<div id="issues">${
    kinds.length === 0
      ? emptyNote('Nothing was left out.')
      : table(
          'Parts of connections that could not be read',
          [
            { name: 'Code' },
            { name: 'Why' },
            { name: 'Connections', number: true },
            { name: 'Times', number: true },
          ],
          kinds.map(({ code, message, connections, seen }) => [
            html`<code>${code}</code>`,
            message,
            count(connections),
            count(seen),
          ]),
        )
  }</div>`
}
