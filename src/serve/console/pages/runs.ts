import { listPipelines } from '../../../config/read.ts'
import { FdxError } from '../../../errors.ts'
import { type Run, runStatuses } from '../../../state/runs.ts'
import { type Context, field, queryOf } from '../context.ts'
import {
  openProgress,
  type Progress,
  type RunFilter,
  readRunFilter,
  runPage,
  runsPageSize,
} from '../data/runs.ts'
import { type Html, html, type Part } from '../html.ts'
import { csrfField, emptyNote, table } from '../layout.ts'
import { addLive, type Fragments } from '../live.ts'
import { remember } from '../remember.ts'
import { ago, badge, count, lasted, outcomeWords, stateWord, when } from '../words.ts'

export function addRuns(context: Context): void {
  const { app, settings, state, world } = context
  const pipelines = () => listPipelines(settings.pipelinesDir)
  const progress = remember(progressMs, () => openProgress(state))
  const fragments = (filter: RunFilter): Fragments => {
    const { runs, next } = runPage(state, filter)
    return {
      runs: html`<div id="runs">${
        runs.length === 0
          ? emptyNote('No run is like that.')
          : html`${runTable(runs, progress(), world.now())}${pager(filter, next)}`
      }</div>`,
    }
  }
  addLive(context, '/live/runs', (request) => {
    const filter = readRunFilter(queryOf(request))
    return () => fragments(filter)
  })

  app.get('/runs', (request, reply) => {
    const filter = readRunFilter(queryOf(request))
    return context.show(request, reply, {
      title: 'Runs',
      section: '/runs',
      ...(filter.before === '' && {
        live: `/live/runs?${new URLSearchParams({ pipeline: filter.pipeline, status: filter.status })}`,
      }),
      body: html`<h1>Runs</h1>
${filterForm(filter, pipelines())}
${fragments(filter)['runs']}
${startForm(context, request.session?.csrf, pipelines())}
${nextRuns(context)}`,
    })
  })

  app.post('/runs', (request, reply) => {
    const pipeline = field(request, 'pipeline')
    if (context.runNow === undefined || !pipelines().includes(pipeline))
      throw new FdxError('USAGE', 'there is no such pipeline to run here; see pipelines/')
    context.runNow(pipeline)
    return reply.redirect('/runs', 303)
  })
}

/** Counting the connections of runs under way takes a while where they are many. Milliseconds. */
export const progressMs = 2_000

/** Runs, newest first; those that have not ended with how far they are. */
export const runTable = (
  runs: readonly Run[],
  progress: ReadonlyMap<string, Progress>,
  now: number,
): Html =>
  table(
    'Runs, newest first',
    [
      { name: 'Began' },
      { name: 'Pipeline' },
      { name: 'State' },
      { name: 'Took', number: true },
      { name: 'Connections' },
    ],
    runs.map((run) => [
      html`<a href="/runs/${run.id}">${when(run.started_at)}</a> <span class="quiet">${ago(run.started_at, now)}</span>`,
      run.pipeline,
      badge(run.status),
      lasted(run.started_at, run.ended_at, now),
      run.status === 'running' ? underWay(progress.get(run.id)) : outcomeWords(run.message),
    ]),
  )

const underWay = (progress: Progress | undefined): Html =>
  progress === undefined
    ? html`<span class="quiet">under way</span>`
    : html`<span class="under-way"><progress aria-hidden="true" max="${Math.max(1, progress.of)}" value="${progress.done}"></progress> ${count(progress.done)} of ${count(progress.of)}</span>`

function filterForm(filter: RunFilter, pipelines: readonly string[]): Html {
  const option = (value: string, text: string, chosen: string) =>
    html`<option value="${value}"${value === chosen && html` selected`}>${text}</option>`
  return html`<form class="filter" method="get" action="/runs" role="search" aria-label="Runs">
<label>Pipeline <select name="pipeline">${option('', 'any', filter.pipeline)}${pipelines.map((one) => option(one, one, filter.pipeline))}</select></label>
<label>State <select name="status">${option('', 'any', filter.status)}${runStatuses.map((one) => option(one, stateWord(one), filter.status))}</select></label>
<button>Filter</button></form>`
}

function pager(filter: RunFilter, next: string | undefined): Part {
  if (filter.before === '' && next === undefined) return null
  const address = (before: string) =>
    `/runs?${new URLSearchParams(Object.entries({ ...filter, before }).filter(([, value]) => value !== ''))}`
  return html`<nav class="pager" aria-label="Pages">${filter.before !== '' && html`<a href="${address('')}">Newest ${runsPageSize}</a>`} ${next !== undefined && html`<a href="${address(next)}" rel="next">Older ${runsPageSize}</a>`}</nav>`
}

const startForm = (
  { runNow }: Context,
  csrf: string | undefined,
  pipelines: readonly string[],
): Part =>
  runNow !== undefined &&
  html`<section><h2>Run now</h2><form class="filter" method="post" action="/runs">${csrfField(csrf)}
<label>Pipeline <select name="pipeline" required>${pipelines.map((one) => html`<option>${one}</option>`)}</select></label>
<button>Run it</button></form></section>`

function nextRuns({ nextRuns, world }: Context): Part {
  const coming = nextRuns?.() ?? []
  return (
    coming.length > 0 &&
    html`<section><h2>Next</h2>${table(
      'When pipelines run next',
      [{ name: 'Pipeline' }, { name: 'At' }],
      coming.map(({ pipeline, at }) => [
        pipeline,
        html`${when(at)} UTC <span class="quiet">${ago(at, world.now())}</span>`,
      ]),
    )}</section>`
  )
}
