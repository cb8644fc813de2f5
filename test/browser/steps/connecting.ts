import { deepEqual, equal, ok } from 'node:assert/strict'
import { getConnection, listConnections } from '../../../src/state/connections.ts'
import type { Stage } from '../stage.ts'
import { settled, visit } from '../stage.ts'
import type { Step } from '../steps.ts'

/** Requests to the bank are meant here: only they may leave our origin. */
const onlyTo = (origin: string, wrong: readonly string[]) =>
  wrong.filter((one) => one !== `request to ${origin}`)

const ids = ({ flow }: Stage) => new Set(listConnections(flow.state).map(({ id }) => id))

export const connecting: readonly Step[] = [
  [
    'a bank is connected through its consent page, read by a run, and seen',
    async (stage) => {
      await using person = await stage.person()
      const { page } = person
      const before = ids(stage)
      await visit(page, stage.url())
      await page.click('text=Connect a bank')
      const row = page.locator('tr', { hasText: 'sandbox-rotating' })
      await row.locator('[name=label]').fill('browser test')
      await row.locator('button').click()
      ok(await page.locator(`text=${new URL(stage.sandbox.url).host}`).count(), 'says where to')
      await page.click('text=Continue to the bank')
      await page.click('button[name=approve][value="7"]')
      await page.waitForURL(/\/callback\?/)
      equal(await page.locator('h1').innerText(), 'Connected')
      await page.click('text=See the connection')
      await settled(page)
      equal(await page.locator('#facts .badge').first().innerText(), '● active')
      const added = [...ids(stage)].filter((id) => !before.has(id))
      equal(added.length, 1)
      ok(page.url().endsWith(`/connections/${added[0]}`), 'still signed in')
      await stage.fdx('run', 'sandbox-rotating-nightly')
      // The endpoint opens what was published in the background: readers go on with what they have until then.
      for (let tries = 0; tries < 20; tries++) {
        await visit(page, `${stage.url()}/connections/${added[0]}`)
        if ((await page.locator('#accounts tbody tr').count()) > 0) break
        await page.waitForTimeout(2_000)
      }
      ok((await page.locator('#accounts tbody tr').count()) > 0, 'accounts')
      deepEqual(onlyTo(stage.sandbox.url, person.wrong()), [])
    },
  ],
  [
    'a person who declines is told so, and nothing is connected',
    async (stage) => {
      await using person = await stage.person()
      const { page } = person
      const before = ids(stage)
      await visit(page, `${stage.url()}/connect/sandbox-outbound`)
      await page.click('main button')
      await page.click('text=Continue to the bank')
      await page.click('button[name=deny]')
      await page.waitForURL(/\/callback\?/)
      ok((await page.locator('[role=alert]').innerText()).includes('declined'))
      deepEqual(ids(stage), before)
    },
  ],
  [
    'the answer of a bank works once, in any browser, and never without its state',
    async (stage) => {
      await using person = await stage.person()
      const { page } = person
      await visit(page, `${stage.url()}/connect/sandbox-outbound`)
      await page.click('main button')
      const link = (await page.getAttribute('#leave', 'href')) ?? ''
      // Another person's browser, which knows nothing of the console.
      const other = await stage.browser.newContext()
      const elsewhere = await other.newPage()
      await elsewhere.goto(link)
      await elsewhere.click('button[name=approve][value="9"]')
      await elsewhere.waitForURL(/\/callback\?/)
      equal(await elsewhere.locator('h1').innerText(), 'Connected')
      const again = await elsewhere.reload()
      equal(again?.status(), 400)
      const forged = await elsewhere.goto(`${stage.url()}/callback?code=stolen&state=guessed`)
      equal(forged?.status(), 400)
      ok((await elsewhere.innerText('main')).includes('no open question'))
      await other.close()
    },
  ],
  [
    'the question of a bank is answered: Flinks Connect opens again, and the connection is active',
    async (stage) => {
      await using person = await stage.person()
      const { page } = person
      const asked = listConnections(stage.flow.state).find(({ state }) => state === 'needs_mfa')
      ok(asked, 'a connection in needs_mfa')
      await visit(page, `${stage.url()}/connections/${asked.id}`)
      await page.click('text=Answer the bank’s question')
      await page.click('text=Continue to the bank')
      await page.fill('[name=answer]', 'Montreal')
      await page.click('text=Answer')
      await page.waitForURL(/\/callback\?/)
      equal(await page.locator('h1').innerText(), 'Connected')
      equal(getConnection(stage.flow.state, asked.id)?.state, 'active')
      deepEqual(onlyTo(stage.sandbox.url, person.wrong()), [])
    },
  ],
]
