import { statSync } from 'node:fs'
import { connectionStates } from '../../../state/connections.ts'
import { lastRuns } from '../../../state/runs.ts'
import { currentFile } from '../../publish.ts'
import type { Context } from '../context.ts'
import {
  type ConsentClock,
  countConsents,
  countFreshness,
  countStates,
  type Freshness,
  type StateCount,
} from '../data/overview.ts'
import { openProgress } from '../data/runs.ts'
import { type Html, html, type Part } from '../html.ts'
import { emptyNote, loaded, table } from '../layout.ts'
import { addLive, type Fragments } from '../live.ts'
import { remember } from '../remember.ts'
import { ago, badge, count, plural, toned } from '../words.ts'
import { progressMs, runTable } from './runs.ts'

/** Counts over all connections are looked at this seldom. Milliseconds. */
const countMs = 5_000

export function addOverview(context: Context): void {
  const { app, state, world } = context
  const counts = remember(countMs, () => ({
    states: countStates(state),
    fresh: countFreshness(state, world.now()),
    consents: countConsents(state, world.now()),
  }))
  const progress = remember(progressMs, () => openProgress(state))
  const fragments = (): Fragments => {
    const now = world.now()
    const { states, fresh, consents } = counts()
    const runs = lastRuns(state, 8)
    return {
      attention: attention(
        states,
        fresh,
        consents,
        runs[0]?.status === 'failed',
        context.fileProblems?.() ?? [],
      ),
      tiles: tiles(states, fresh, consents, publishedAt(context), now),
      providers: providers(states),
      freshness: freshness(fresh),
      'recent-runs': html`<div id="recent-runs">${runs.length === 0 ? emptyNote('No run yet. A pipeline runs at the times of its file, or: fdx run --all') : runTable(runs, progress(), now)}</div>`,
      'open-runs': html`<span id="open-runs">${running(progress().size)}</span>`,
    }
  }
  addLive(context, '/live/overview', () => fragments)
  app.get('/', (request, reply) => {
    const part = fragments()
    const nobody = counts().states.length === 0
    return context.show(request, reply, {
      title: 'Overview',
      section: '/',
      live: '/live/overview',
      body: html`<h1 class="hidden">Overview</h1>
${nobody ? welcome(context.connect !== undefined) : part['attention']}
${part['tiles']}
<div class="columns">
<section><h2>Connections by provider</h2>${part['providers']}</section>
<section><h2>How fresh they are</h2>${part['freshness']}
<h2>Data quality</h2>${loaded('/parts/quality-summary', 'the checks')}</section>
</div>
<section><h2>Last runs ${part['open-runs']}</h2>${part['recent-runs']}<p><a href="/runs">All runs</a></p></section>`,
    })
  })
}

const welcome = (canConnect: boolean): Html => html`<section class="note">
<h2>Nobody is connected yet</h2>
<p>${canConnect ? html`<a class="button primary" href="/connect">Connect a bank</a>` : html`Connect somebody in a terminal: <code>fdx connect PROVIDER</code>`}</p>
<p>To try it without a bank: start <code>fdx sandbox</code> in another terminal, and choose one of its providers.</p></section>`

/** When what readers see was last published; null before the first time. */
function publishedAt({ paths }: Context): string | null {
  const found = statSync(currentFile(paths), { throwIfNoEntry: false })
  return found === undefined ? null : found.mtime.toISOString()
}

const running = (runs: number): Part =>
  runs > 0 && toned('busy', plural(runs, 'run under way', 'runs under way'))

const sumOf = (states: readonly StateCount[], ...which: readonly string[]): number =>
  states.reduce((sum, one) => (which.includes(one.state) ? sum + one.connections : sum), 0)

/** What waits for a person, worst first; or that nothing does. */
function attention(
  states: readonly StateCount[],
  fresh: Freshness,
  consents: ConsentClock,
  lastRunFailed: boolean,
  fileProblems: readonly string[],
): Html {
  const again = sumOf(states, 'reauth')
  const asked = sumOf(states, 'needs_mfa')
  const old = fresh.week + fresh.older
  const items: Part[] = [
    again > 0 &&
      html`<li>${toned('bad', plural(again, 'connection'))} lost the grant: the person must connect again. <a href="/connections?state=reauth">Show them</a></li>`,
    ...fileProblems.map(
      (problem) =>
        html`<li>${toned('bad', 'A pipeline file')} is wrong, so its pipeline does not run. ${problem}</li>`,
    ),
    lastRunFailed &&
      html`<li>${toned('bad', 'The last run')} failed. <a href="/runs">See why</a></li>`,
    consents.week > 0 &&
      html`<li>${toned('bad', plural(consents.week, 'consent'))} ${consents.week === 1 ? 'ends' : 'end'} within 7 days: ask for renewal now. <a href="/connections?view=consent">Show them</a></li>`,
    asked > 0 &&
      html`<li>${toned('warn', plural(asked, 'connection'))} ${asked === 1 ? 'waits' : 'wait'} for an answer to the bank’s question. <a href="/connections?state=needs_mfa">Show them</a></li>`,
    old > 0 &&
      html`<li>${toned('warn', plural(old, 'connection'))} had no complete pull for over two days. <a href="/connections?view=stale">Show them</a></li>`,
  ].filter(Boolean)
  return html`<section id="attention" class="attention" aria-label="What needs you">${
    items.length === 0
      ? html`<p>${toned('good', 'Nothing needs you.')} Every grant is alive, and no consent ends within 7 days.</p>`
      : html`<ul>${items}</ul>`
  }</section>`
}

function tiles(
  states: readonly StateCount[],
  fresh: Freshness,
  consents: ConsentClock,
  published: string | null,
  now: number,
): Html {
  const living = sumOf(states, 'active', 'needs_mfa', 'reauth')
  const tile = (label: string, value: Part, note: Part, href: string) =>
    html`<a class="tile" href="${href}"><span class="label">${label}</span> <strong>${value}</strong> <span class="quiet">${note}</span></a>`
  const share = `of ${count(living)} that can be read`
  return html`<div id="tiles" class="tiles">
${tile('Connections', count(living), `${count(sumOf(states, 'active'))} active`, '/connections')}
${tile('Fresh within a day', count(fresh.day), share, '/connections?view=stale')}
${tile('Consents ending in 7 days', count(consents.week), 'ask for renewal now', '/connections?view=consent')}
${tile('… in 30 days', count(consents.month), `${count(consents.later)} later`, '/connections?view=consent')}
${tile('Tables published', ago(published, now, 'not yet'), published === null ? 'after the first run' : 'readers see this state', '/quality')}
</div>`
}

function providers(states: readonly StateCount[]): Html {
  const names = [...new Set(states.map(({ provider }) => provider))].sort()
  const seen = connectionStates.filter((one) => sumOf(states, one) > 0)
  const cell = (provider: string, state: string): Part => {
    const found = states.find((one) => one.provider === provider && one.state === state)
    if (found === undefined) return html`<span class="quiet">–</span>`
    const address = `/connections?${new URLSearchParams({ provider, state })}`
    return html`<a href="${address}">${count(found.connections)}</a>`
  }
  return html`<div id="providers">${
    names.length === 0
      ? emptyNote('No connections.')
      : table(
          'Connections by provider and state',
          [
            { name: 'Provider' },
            ...seen.map((state) => ({ name: badge(state), number: true })),
            { name: 'All', number: true },
          ],
          names.map((provider) => [
            html`<a href="/connections?${new URLSearchParams({ provider }).toString()}">${provider}</a>`,
            ...seen.map((state) => cell(provider, state)),
            count(
              states
                .filter((one) => one.provider === provider)
                .reduce((sum, { connections }) => sum + connections, 0),
            ),
          ]),
        )
  }</div>`
}

const ages = [
  ['day', 'within a day', 'good'],
  ['two_days', '1 to 2 days', 'busy'],
  ['week', '2 to 7 days', 'warn'],
  ['older', 'older', 'bad'],
  ['never', 'never read', 'quiet'],
] as const

/** One bar, in parts as wide as their share, and the numbers beneath. */
function freshness(fresh: Freshness): Html {
  const all = ages.reduce((sum, [key]) => sum + fresh[key], 0)
  if (all === 0)
    return html`<div id="freshness">${emptyNote('No connections that can be read.')}</div>`
  let x = 0
  const parts = ages.map(([key, , tone]) => {
    const width = (1000 * fresh[key]) / all
    const rect = html`<rect class="${tone}" x="${x.toFixed(2)}" y="0" width="${width.toFixed(2)}" height="12"/>`
    x += width
    return width > 0 && rect
  })
  return html`<div id="freshness"><svg class="bar-chart" viewBox="0 0 1000 12" preserveAspectRatio="none" aria-hidden="true">${parts}</svg>
<ul class="legend">${ages.map(([key, label, tone]) => html`<li>${toned(tone, label)} <strong>${count(fresh[key])}</strong></li>`)}</ul></div>`
}
