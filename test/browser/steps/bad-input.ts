import { equal, ok } from 'node:assert/strict'
import { request } from 'undici'
import { token, visit } from '../stage.ts'
import type { Step } from '../steps.ts'

export const badInput: readonly Step[] = [
  [
    'without a session every page leads to sign-in, and no part, stream or query answers',
    async (stage) => {
      for (const path of [
        '/',
        '/connections',
        '/runs',
        '/quality',
        '/charts',
        '/sql',
        '/connect',
      ]) {
        const { statusCode, headers, body } = await request(stage.url() + path)
        await body.dump()
        equal(statusCode, 303, path)
        ok(String(headers['location']).startsWith('/sign-in'), path)
      }
      for (const path of ['/parts/checks', '/live/overview']) {
        const { statusCode, body } = await request(stage.url() + path, {
          headers: { 'sec-fetch-mode': 'cors' },
        })
        await body.dump()
        equal(statusCode, 401, path)
      }
    },
  ],
  [
    'a wrong token is refused and the page says what to do; a foreign `next` is not followed',
    async (stage) => {
      const context = await stage.browser.newContext()
      const page = await context.newPage()
      await page.goto(`${stage.url()}/sign-in?next=//elsewhere.example/`)
      await page.fill('#token', 'wrong')
      await page.click('main button')
      ok((await page.innerText('[role=alert]')).includes('fdx serve'))
      await page.fill('#token', token)
      await page.click('main button')
      await page.waitForURL(`${stage.url()}/`)
      await context.close()
    },
  ],
  [
    'the session cookie is HttpOnly and SameSite=Strict; the token stands in no address',
    async (stage) => {
      await using person = await stage.person()
      const [cookie] = (await person.context.cookies()).filter(({ name }) => name === 'fdx_session')
      equal(cookie?.httpOnly, true)
      equal(cookie?.sameSite, 'Strict')
      ok(!person.page.url().includes(token))
    },
  ],
  [
    'a POST from another page, or without its token, changes nothing',
    async (stage) => {
      await using person = await stage.person()
      const { page } = person
      const cookie = (await person.context.cookies())
        .map(({ name, value }) => `${name}=${value}`)
        .join('; ')
      const csrf = (await page.getAttribute('meta[name=csrf]', 'content')) ?? ''
      const post = async (headers: Record<string, string>) => {
        const { statusCode, body } = await request(`${stage.url()}/sql`, {
          method: 'POST',
          headers: { cookie, 'content-type': 'application/json', ...headers },
          body: JSON.stringify({ sql: 'select 1' }),
        })
        await body.dump()
        return statusCode
      }
      const origin = stage.url()
      equal(await post({ origin, 'x-csrf-token': csrf }), 200)
      equal(await post({ origin, 'x-csrf-token': `${csrf}x` }), 403)
      equal(await post({ origin }), 403)
      equal(await post({ origin: 'https://elsewhere.example', 'x-csrf-token': csrf }), 403)
      equal(await post({ origin: 'null', 'x-csrf-token': csrf }), 403)
      equal(await post({ 'x-csrf-token': csrf }), 403)
      // A real page elsewhere: the browser sends no cookie with it, and says where it comes from.
      await page.goto(stage.sandbox.url)
      await page.setContent(
        `<form method="post" action="${stage.url()}/sign-out"><button>Go</button></form>`,
      )
      const [answer] = await Promise.all([
        page.waitForResponse((response) => response.url().endsWith('/sign-out')),
        page.click('button'),
      ])
      ok([401, 403].includes(answer.status()), String(answer.status()))
      await visit(page, stage.url())
      equal(await page.locator('h1').innerText(), 'Overview')
    },
  ],
  [
    'a forged Host is refused before anything else',
    async (stage) => {
      const { port } = new URL(stage.url())
      for (const host of [
        'elsewhere.example',
        `elsewhere.example:${port}`,
        '127.0.0.1:1',
        'localhost.elsewhere.example',
        '',
      ]) {
        const { statusCode, body } = await request(`${stage.url()}/sign-in`, {
          headers: { host },
        }).catch(() => ({
          statusCode: 400,
          body: { dump: async () => {} },
        }))
        await body.dump()
        ok(statusCode === 421 || statusCode === 400, `${host}: ${statusCode}`)
      }
    },
  ],
  [
    'security headers on every answer; no inline script or style in any page',
    async (stage) => {
      await using person = await stage.person()
      for (const path of ['/', '/sql', '/charts', '/nothing-here']) {
        const answer = await person.page.goto(stage.url() + path)
        const headers = answer?.headers() ?? {}
        const policy = headers['content-security-policy'] ?? ''
        ok(policy.includes("default-src 'none'") && !policy.includes('unsafe'), policy)
        equal(headers['x-content-type-options'], 'nosniff')
        equal(headers['cache-control'], 'no-store')
        const text = (await answer?.text()) ?? ''
        ok(!/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=/i.test(text), path)
      }
    },
  ],
  [
    'an expired session leads to sign-in and back to the page: in a link, a live page and a query',
    async (stage) => {
      await using person = await stage.person()
      const { page } = person
      await visit(page, `${stage.url()}/sql`)
      await stage.restart() // sessions live in memory
      await page.click('#run')
      await page.waitForSelector('text=The session is over')
      await page.goto(`${stage.url()}/runs?status=ok`)
      await page.waitForURL(/\/sign-in\?next=/)
      await page.fill('#token', token)
      await page.click('main button')
      await page.waitForURL(`${stage.url()}/runs?status=ok`)
      await page.click('text=Sign out')
      await page.waitForURL(/\/sign-in/)
      await page.goto(stage.url())
      await page.waitForURL(/\/sign-in/)
    },
  ],
  [
    'addresses that cannot be are pages that say so',
    async (stage) => {
      await using person = await stage.person()
      const { page } = person
      for (const path of [
        '/nothing',
        '/connections/c_0',
        '/runs/none',
        '/charts?connection=none',
        '/connections?after=%00%ff&state=x&view=y',
        '/connections?after=W10',
        '/runs?before=x%20y',
        '/sql?analysis=../../etc/passwd',
        '/assets/x/../../plugin.ts',
        '/connect/none',
        `/connections?find=${'x'.repeat(500)}`,
      ]) {
        const answer = await page.goto(stage.url() + path)
        ok((answer?.status() ?? 500) < 500, `${path}: ${answer?.status()}`)
        ok((await page.innerText('main')).length > 10, path)
      }
    },
  ],
  [
    'after ten wrong tokens in a minute there is a pause',
    async (stage) => {
      const attempt = async () => {
        const { statusCode, body } = await request(`${stage.url()}/sign-in`, {
          method: 'POST',
          headers: { origin: stage.url(), 'content-type': 'application/x-www-form-urlencoded' },
          body: 'token=wrong',
        })
        return { statusCode, text: await body.text() }
      }
      for (let at = 0; at < 10; at++) await attempt()
      const { statusCode, text } = await attempt()
      equal(statusCode, 429)
      ok(text.includes('Wait'), text)
    },
  ],
]
