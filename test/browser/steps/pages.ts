import { deepEqual, equal, ok } from 'node:assert/strict'
import { listConnections } from '../../../src/state/connections.ts'
import { lastRuns } from '../../../src/state/runs.ts'
import { type Stage, settled, visit } from '../stage.ts'
import type { Step } from '../steps.ts'

/** Every page, by its name and its path. */
export function allPages({ flow }: Stage): readonly (readonly [name: string, path: string])[] {
  const connections = listConnections(flow.state)
  const id = (provider: string) => connections.find((one) => one.provider === provider)?.id ?? ''
  const run = lastRuns(flow.state, 1)[0]?.id ?? ''
  return [
    ['overview', '/'],
    ['connections', '/connections'],
    ['connection', `/connections/${id('sandbox-outbound')}`],
    ['flinks-connection', `/connections/${id('sandbox-flinks')}`],
    ['runs', '/runs'],
    ['run', `/runs/${run}`],
    ['quality', '/quality'],
    ['charts', '/charts'],
    ['sql', '/sql'],
    ['connect', '/connect'],
  ]
}

/** In the page: the opaque colours of each canvas. */
const canvasColours = `[...document.querySelectorAll('canvas')].map((canvas) => {
  const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d')
  copy.drawImage(canvas, 0, 0)
  const { data } = copy.getImageData(0, 0, canvas.width, canvas.height)
  const seen = new Set()
  for (let at = 0; at < data.length; at += 4)
    if (data[at + 3] === 255) seen.add((data[at] << 16) | (data[at + 1] << 8) | data[at + 2])
  return [...seen].sort((a, b) => a - b).join()
})`

/** Longest time until a page can be read. Milliseconds. */
const loadMs = 1_000

export const pages: readonly Step[] = [
  [
    'every page opens: no error, nothing from elsewhere, no part left waiting or broken',
    async (stage) => {
      await using person = await stage.person()
      for (const [name, path] of allPages(stage)) {
        await visit(person.page, stage.url() + path)
        deepEqual(person.wrong(), [], name)
        deepEqual(await person.page.locator('[role=alert]:visible').allInnerTexts(), [], name)
        equal(await person.page.locator('main h1').count(), 1, `${name}: one heading`)
      }
    },
  ],
  [
    'every page can be read in under a second (the best of three)',
    async (stage) => {
      await using person = await stage.person()
      for (const [name, path] of allPages(stage)) {
        const times: number[] = []
        for (let at = 0; at < 3; at++) {
          await visit(person.page, stage.url() + path)
          times.push(
            await person.page.evaluate<number>(
              'performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd',
            ),
          )
        }
        ok(Math.min(...times) < loadMs, `${name}: ${times.map(Math.round).join(', ')} ms`)
      }
    },
  ],
  [
    'the overview counts what the state store holds, and its links lead to those connections',
    async (stage) => {
      await using person = await stage.person()
      const { page } = person
      await visit(page, stage.url())
      const connections = listConnections(stage.flow.state)
      const tile = page.locator('.tile', { hasText: 'Connections' }).first()
      equal(await tile.locator('strong').innerText(), String(connections.length))
      await page.click('#attention a[href="/connections?state=reauth"]')
      const reauth = connections.filter(({ state }) => state === 'reauth')
      equal(await page.locator('tbody tr').count(), reauth.length)
    },
  ],
  [
    'connections: filters by state, provider and the beginning of an id',
    async (stage) => {
      await using person = await stage.person()
      const { page } = person
      const connections = listConnections(stage.flow.state)
      await visit(page, `${stage.url()}/connections`)
      equal(await page.locator('tbody tr').count(), connections.length)
      await page.selectOption('[name=provider]', 'sandbox-v6')
      await page.click('main button')
      equal(await page.locator('tbody tr').count(), 2)
      const one = connections[0]?.id ?? ''
      await visit(page, `${stage.url()}/connections`)
      await page.fill('[name=find]', one.slice(0, 12))
      await page.keyboard.press('Enter')
      await page.waitForURL(/find=/)
      equal(await page.locator('tbody tr').count(), 1)
      deepEqual(person.wrong(), [])
    },
  ],
  [
    'account numbers are masked; in full only when asked for, and the audit log says so',
    async (stage) => {
      await using person = await stage.person()
      const { page } = person
      const [one] = listConnections(stage.flow.state, 'sandbox-outbound')
      await visit(page, `${stage.url()}/connections/${one?.id}`)
      const numbers = () => page.locator('#accounts tbody td:nth-child(3)').allInnerTexts()
      const masked = await numbers()
      ok(masked.length > 0 && masked.every((text) => /^••••\w{1,4}$/.test(text)), masked.join())
      await page.click('text=Show full account numbers')
      await settled(page)
      const full = await numbers()
      ok(
        full.every((text, at) => text.endsWith(masked[at]?.slice(4) ?? '?') && !text.includes('•')),
      )
      ok(
        full.some((text) => text.length > 6),
        full.join(),
      )
      const noted = stage.flow.state.db
        .prepare(
          `select count(*) as n from audit where action = 'numbers_shown' and connection_id = ?`,
        )
        .get(one?.id ?? '')
      equal(noted?.['n'], 1)
      ok(!page.url().includes(full[0] ?? '?'))
      await page.click('text=Mask them again')
      await settled(page)
      deepEqual(await numbers(), masked)
      deepEqual(person.wrong(), [])
    },
  ],
  [
    'a chart is drawn on every canvas, and its table has the numbers; the theme changes its colours',
    async (stage) => {
      await using person = await stage.person()
      const { page } = person
      await visit(page, `${stage.url()}/charts`)
      const drawn = page.locator('canvas[data-drawn=yes]')
      await drawn.nth(3).waitFor()
      equal(await drawn.count(), 4)
      // Something is on each canvas, and it is not of one colour.
      const colours = () => page.evaluate<string[]>(canvasColours)
      const light = await colours()
      ok(light.every((seen) => seen.split(',').length > 2))
      await page.selectOption('#theme', 'dark')
      const dark = await colours()
      ok(dark.every((seen, at) => seen !== light[at]))
      await page.locator('.chart details summary').first().click()
      ok((await page.locator('.chart').first().locator('tbody tr').count()) > 30)
      await page.click('text=USD')
      await settled(page)
      equal(await page.locator('.tabs [aria-current]').innerText(), 'USD')
      deepEqual(person.wrong(), [])
    },
  ],
  [
    'data quality: the reject that the sandbox provoked, drift, and every check with its query',
    async (stage) => {
      await using person = await stage.person()
      const { page } = person
      await visit(page, `${stage.url()}/quality`)
      ok(await page.locator('text=NOT_AN_INSTANT').count())
      await page.locator('section', { hasText: 'Drift' }).locator('tbody tr').first().waitFor()
      await page.click('a[href="/sql?check=pages_are_loaded_once"]')
      ok((await page.inputValue('#sql')).includes('ops.pages'))
      deepEqual(person.wrong(), [])
    },
  ],
]
