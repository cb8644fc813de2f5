import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts'
import { type Flow, openFlow } from '../support/flow.ts'

/** The sign-in token of every `fdx serve` here. */
export const token = 'a-token-that-only-this-test-knows'

/** What the pages are tried on: a sandbox, the real `fdx serve` on what was read from it, and Chromium. */
export interface Stage extends AsyncDisposable {
  readonly sandbox: Sandbox
  readonly flow: Flow
  /** Where the console is: `http://127.0.0.1:PORT`. */
  readonly url: () => string
  readonly browser: Browser
  /** A browser of a person of its own, signed in, whose every wrong turn is noted. */
  person(look?: Look): Promise<Person>
  /** Kills `fdx serve` and starts it again on the same port. */
  restart(): Promise<void>
  /** A run in a process of its own, as cron would start it. */
  fdx(...args: string[]): Promise<string>
}

export interface Look {
  readonly theme?: 'light' | 'dark'
  readonly width?: number
}

export interface Person extends AsyncDisposable {
  readonly page: Page
  readonly context: BrowserContext
  /** Errors on the console, requests to another origin, answers of 400 and more; emptied when read. */
  wrong(): string[]
}

export async function openStage(chromiumPath: string): Promise<Stage> {
  await using stack = new AsyncDisposableStack()
  const sandbox = stack.use(await startSandbox({ port: 0, connections: 30, transactions: 60 }))
  const flow = stack.use(await openFlow(sandbox))
  for (const person of [0, 1, 2]) await flow.connect('outbound', person)
  for (const person of [0, 1]) await flow.connect('v6', person)
  for (const login of [0, 2, 3]) await flow.connect('flinks', login)
  sandbox.misbehave({ name: 'wrong_types', provider: 'v6', person: 1, endpoint: 'accounts' })
  sandbox.misbehave({ name: 'unknown_kind', provider: 'outbound', person: 2 })
  await flow.run('outbound', 'v6', 'flinks')

  const environment = { ...process.env, ...flow.env, FDX_CONSOLE_TOKEN: token }
  let served = await startServe(environment, '0')
  stack.defer(() => stopServe(served.child))
  const browser = await chromium.launch({
    executablePath: chromiumPath,
    args: ['--no-sandbox'],
  })
  stack.defer(() => browser.close())
  const url = () => served.url
  const memory: Memory = {}
  const kept = stack.move()
  return {
    sandbox,
    flow,
    browser,
    url,
    person: (look) => openPerson(browser, url(), memory, look),
    restart: async () => {
      await stopServe(served.child)
      served = await startServe(environment, new URL(served.url).port)
    },
    fdx: (...args) => runFdx(environment, args),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

type Environment = Readonly<Record<string, string | undefined>>

/** Starts the real command and waits until it says where it listens. */
async function startServe(
  env: Environment,
  port: string,
): Promise<{ child: ChildProcess; url: string }> {
  const args = ['src/fdx.js', 'serve', '--json', '--port', port, '--sql-port', '0']
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const said: string[] = []
  createInterface({ input: child.stderr }).on('line', (line) => said.push(line))
  for await (const line of createInterface({ input: child.stdout })) {
    const { url } = JSON.parse(line) as { url: string }
    return { child, url }
  }
  throw new Error(`fdx serve ended before it listened:\n${said.slice(-20).join('\n')}`)
}

async function stopServe(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await ended
}

async function runFdx(env: Environment, args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, ['src/fdx.js', ...args], {
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return (await child.stdout.toArray()).join('')
}

/** A session lasts over steps: who signs in too often within a minute is told to wait. */
interface Memory {
  cookies?: Awaited<ReturnType<BrowserContext['cookies']>>
}

async function openPerson(
  browser: Browser,
  url: string,
  memory: Memory,
  look: Look = {},
): Promise<Person> {
  const context = await browser.newContext({
    viewport: { width: look.width ?? 1280, height: 860 },
    colorScheme: look.theme ?? 'light',
    acceptDownloads: true,
  })
  const page = await context.newPage()
  let wrong: string[] = []
  page.on('console', (message) => {
    // The answer itself is noted below, with its address.
    if (message.text().startsWith('Failed to load resource')) return
    if (message.type() === 'error' || message.type() === 'warning')
      wrong.push(`console: ${message.text()}`)
  })
  page.on('pageerror', (error) => wrong.push(`script: ${error.message}`))
  page.on('request', (request) => {
    const { origin } = new URL(request.url())
    if (origin !== url) wrong.push(`request to ${origin}`)
  })
  page.on('response', (response) => {
    if (response.status() >= 400) wrong.push(`${response.status()} ${response.url()}`)
  })
  if (memory.cookies) await context.addCookies(memory.cookies)
  await page.goto(url)
  if (page.url() !== `${url}/`) {
    await page.goto(`${url}/sign-in#token=${token}`)
    await page.waitForURL(`${url}/`)
    memory.cookies = await context.cookies()
  }
  return {
    page,
    context,
    wrong: () => {
      const all = wrong
      wrong = []
      return all
    },
    [Symbol.asyncDispose]: () => context.close(),
  }
}

/** Opens a page and waits until all its parts are there. */
export async function visit(page: Page, address: string): Promise<void> {
  await page.goto(address)
  await settled(page)
}

export async function settled(page: Page): Promise<void> {
  await page.waitForSelector('[aria-busy="true"]', { state: 'detached', timeout: 60_000 })
}
