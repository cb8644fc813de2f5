import { deepEqual, equal, ok } from 'node:assert/strict'
import { lastRuns } from '../../../src/state/runs.ts'
import { visit } from '../stage.ts'
import type { Step } from '../steps.ts'

export const watching: readonly Step[] = [
  [
    'a run in another process is watched live, from the overview to its end, without a reload',
    async (stage) => {
      await using person = await stage.person()
      const { page } = person
      // Slow enough to be seen: the bank asks for patience.
      stage.sandbox.misbehave({
        name: 'rate_limited',
        provider: 'v6',
        variant: 'seconds',
        times: 3,
      })
      await visit(page, stage.url())
      await page.evaluate('document.body.dataset.kept = "yes"')
      const ended = stage.fdx('run', 'sandbox-v6-nightly')
      await page.waitForSelector('#open-runs .busy', { timeout: 60_000 })
      await page.locator('#recent-runs tbody tr').first().locator('a').click()
      await page.waitForSelector('#run-head .badge.busy')
      await page.evaluate('document.body.dataset.kept = "yes"')
      const seen = new Set<string>()
      const look = async () => seen.add(await page.locator('.progress label').innerText())
      await look()
      await page.waitForSelector('#run-head .badge:not(.busy)', { timeout: 120_000 })
      await look()
      await ended
      ok(seen.size > 1, `progress was seen to move: ${[...seen].join(', ')}`)
      ok(await page.evaluate<boolean>('document.body.dataset.kept === "yes"'), 'never reloaded')
      deepEqual(person.wrong(), [])
    },
  ],
  [
    'the overview shows how many connections of a run are done, live, and then how it ended',
    async (stage) => {
      await using person = await stage.person()
      const { page } = person
      // One of the two is slow: the other is done long before.
      stage.sandbox.misbehave({
        ...{ name: 'rate_limited', variant: 'seconds', times: 3 },
        ...{ provider: 'v6', person: 0, endpoint: 'transactions' },
      })
      await visit(page, stage.url())
      await page.evaluate('document.body.dataset.kept = "yes"')
      const ended = stage.fdx('run', 'sandbox-v6-nightly')
      const first = page.locator('#recent-runs tbody tr').first()
      await first.locator('.under-way', { hasText: '1 of 2' }).waitFor({ timeout: 60_000 })
      equal(await page.locator('#open-runs').innerText(), '◐ 1 run under way')
      await first.locator('.badge:not(.busy)').waitFor({ timeout: 120_000 })
      equal(await page.locator('.under-way').count(), 0)
      ok((await first.innerText()).includes('2 ok'))
      await ended
      ok(await page.evaluate<boolean>('document.body.dataset.kept === "yes"'), 'never reloaded')
      deepEqual(person.wrong(), [])
    },
  ],
  [
    'a run is started from the console and watched',
    async (stage) => {
      await using person = await stage.person()
      const { page } = person
      const before = lastRuns(stage.flow.state, 1)[0]?.id
      await visit(page, `${stage.url()}/runs`)
      await page.selectOption('form[method=post] [name=pipeline]', 'sandbox-v6-nightly')
      await page.click('text=Run it')
      await page.waitForSelector(`#runs tbody tr:first-child a:not([href="/runs/${before}"])`, {
        timeout: 60_000,
      })
      await page.locator('#runs tbody a').first().click()
      await page.waitForSelector('#run-head .badge.good, #run-head .badge.warn', {
        timeout: 120_000,
      })
      deepEqual(person.wrong(), [])
    },
  ],
]
