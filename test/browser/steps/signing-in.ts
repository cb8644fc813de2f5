import { deepEqual, equal, ok } from 'node:assert/strict'
import { spawn } from 'node:child_process'
import type { Stage } from '../stage.ts'
import type { Step } from '../steps.ts'

interface OnTerminal extends AsyncDisposable {
  /** The link to the console that it prints. */
  readonly link: string
}

/** `fdx serve` with a token of its own, on a terminal that script(1) makes. */
async function serveOnTerminal({ flow }: Stage): Promise<OnTerminal> {
  const command = `"${process.execPath}" src/fdx.js serve --json --port 0 --only console`
  const child = spawn('script', ['--quiet', '--flush', '--command', command, '/dev/null'], {
    env: { ...process.env, ...flow.env, FDX_CONSOLE_TOKEN: '' },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = new Promise((resolve) => child.once('close', resolve))
  const stop = async () => {
    const pid = /"pid":(\d+)/.exec(said)?.[1]
    if (pid === undefined) child.kill()
    else process.kill(Number(pid), 'SIGTERM')
    await ended
  }
  let said = ''
  for await (const part of child.stdout) {
    said += part
    const [, link] = /Console: (\S+)/.exec(said) ?? []
    if (link !== undefined) {
      child.stdout.resume()
      return { link, [Symbol.asyncDispose]: stop }
    }
  }
  throw new Error(`it ended without a link: ${said}`)
}

export const signingIn: readonly Step[] = [
  [
    'the link that fdx serve prints on a terminal signs in; no request carries the token, no address keeps it',
    async (stage) => {
      await using served = await serveOnTerminal(stage)
      const { origin, hash } = new URL(served.link)
      const token = new URLSearchParams(hash.slice(1)).get('token') ?? ''
      ok(token.length > 40)
      const context = await stage.browser.newContext()
      const page = await context.newPage()
      const wrong: string[] = []
      page.on('console', (message) => {
        const isOurs401 = message.text().includes('401')
        if (message.type() === 'error' && !isOurs401) wrong.push(message.text())
      })
      page.on('pageerror', (error) => wrong.push(error.message))
      page.on('request', (request) => {
        const sent = [request.url(), JSON.stringify(request.headers())].join(' ')
        if (sent.includes(token)) wrong.push(`the token was sent in ${request.url()}`)
      })
      await page.goto(served.link)
      await page.waitForURL(`${origin}/`)
      equal(await page.locator('h1').innerText(), 'Overview')
      // Once more, now that there is a session; and by going back through what the browser remembers.
      await page.goto(served.link)
      await page.waitForURL((url) => url.pathname === '/')
      ok(!page.url().includes(token), page.url())
      await page.goBack()
      ok(!page.url().includes(token), page.url())
      // A link of an earlier start says so, and leaves nothing behind.
      await context.clearCookies()
      await page.goto(`${origin}/sign-in#token=an-old-token`)
      await page.waitForSelector('#wrong')
      ok(!page.url().includes('old-token'), page.url())
      deepEqual(wrong, [])
      await context.close()
    },
  ],
]
