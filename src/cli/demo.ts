import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { request } from 'undici'
import { readProvider } from '../config/read.ts'
import { demoFolder, readSettings, type Settings } from '../config/settings.ts'
import { connectFdx } from '../connect/connect-fdx.ts'
import { registerLogin } from '../connect/connect-flinks.ts'
import { listenForRedirect } from '../connect/redirect.ts'
import { writeNewKey } from '../connect/vault-key.ts'
import { FdxError } from '../errors.ts'
import { type RunReport, run } from '../run.ts'
import type { Misbehaviour, Sandbox } from '../sandbox/sandbox.ts'
import { openCurrent } from '../serve/generation.ts'
import { realWorld } from '../world.ts'
import { asTable } from './format.ts'
import { connectionsText, exitOf, notOkCount, reportJson, tablesText, watchWith } from './run.ts'
import { type Cli, exitCodes, openTalk, print, type Talk } from './terminal.ts'
import { openTools, readJobs, type Tools } from './tools.ts'

/** Who connects at each FDX provider of the sandbox, by its people's numbers. */
const people = {
  'sandbox-outbound': [0, 1, 2, 4],
  'sandbox-rotating': [0, 1, 2],
  'sandbox-v6': [0, 1],
} as const

/** Flinks logins: one slow, one that wants an MFA answer, one that the bank has disabled. */
const logins = [1, 2, 3] as const

/** How the connections that the sandbox refuses on purpose end: planned, and no failure of the demo. */
const plannedEndings: ReadonlySet<string> = new Set(['NEEDS_MFA', 'LOGIN_REFUSED', 'REAUTH'])
const plannedProvider = 'sandbox-flinks'

/** Troubles that the demo must get through without a person’s help. */
const troubles: readonly Misbehaviour[] = [
  { name: 'server_error', provider: 'outbound', person: 0, variant: '502_html', times: 2 },
  { name: 'rate_limited', provider: 'outbound', person: 1, variant: 'seconds', times: 1 },
  { name: 'unauthorized_no_code', provider: 'rotating', person: 0, times: 1 },
  { name: 'duplicate_transactions', provider: 'rotating', person: 1 },
  { name: 'wrong_types', provider: 'v6', person: 1, endpoint: 'accounts' },
  { name: 'unknown_kind', provider: 'outbound', person: 2 },
]

const netWorthSql = `
  with latest as (
    from mart.net_worth_daily qualify day = max(day) over (partition by connection_id, currency)
  )
  select provider, currency, count(distinct connection_id) as connections, sum(assets) as assets,
         sum(liabilities) as liabilities, sum(net_worth) as net_worth
  from latest group by all order by all`

export function addDemo(program: Command, cli: Cli): void {
  program
    .command('demo')
    .description('the whole flow on an embedded sandbox: connect, extract, land, load, query')
    .option('--json', 'the result as one JSON object')
    .action(async (flags) => {
      const started = performance.now()
      using talk = openTalk('lines')
      const home = join(readSettings(cli.env).dataDir, demoFolder)
      const demo = await prepareHome(home)
      const { startSandbox } = await import('../sandbox/sandbox.ts')
      await using sandbox = await startSandbox({ ...demo, port: 0 })
      const settings: Settings = {
        ...readSettings({
          ...cli.env,
          FDX_SANDBOX_URL: sandbox.url,
          FDX_VAULT_KEY_COMMAND: undefined,
          FDX_VAULT_KEY_FILE: join(home, 'vault.key'),
        }),
        dataDir: join(home, 'data'),
      }
      talk.say(
        `A sandbox with three FDX banks and Flinks is at ${sandbox.url}; some of it misbehaves on purpose.`,
      )
      using tools = await openTools(settings, talk.say)
      await connectEverybody(settings, tools, sandbox, talk, cli.signal)
      for (const trouble of troubles) sandbox.misbehave(trouble)

      const jobs = readJobs(
        settings,
        [...Object.keys(people), plannedProvider].map((name) => `${name}-nightly`),
      )
      const report = await run(jobs, {
        ...tools,
        world: realWorld,
        signal: cli.signal,
        watch: watchWith(talk),
      })
      const refusals = plannedRefusals(report)
      using generation = await openCurrent(tools.paths)
      const netWorth = await generation.query(netWorthSql)
      const seconds = Number(((performance.now() - started) / 1000).toFixed(1))
      talk.progress('done')
      if (flags.json)
        print(JSON.stringify({ ...reportJson(report), plannedRefusals: refusals, seconds }))
      else
        print(`${connectionsText(report)}
${refusals} of these were planned: the sandbox refuses them, to show how that ends.

${tablesText(report)}
Net worth, from mart.net_worth_daily
${asTable(netWorth)}
Done in ${seconds} s. What to try next:
  npx fdx query "select account_kind, count(*), sum(balance) from mart.accounts group by 1"
  npx fdx query "from mart.transactions limit 20" --csv
  npx fdx status
  FDX_DATA_DIR=${tools.paths.root} FDX_VAULT_KEY_FILE=${join(home, 'vault.key')} npx fdx serve --without schedule
                             the console and the SQL endpoint
  npx fdx sandbox            then, in another terminal: npx fdx connect sandbox-outbound
Everything is in ${home}; delete that folder to start afresh.`)
      const notOk = report.extracted.reduce((sum, one) => sum + notOkCount(one), 0)
      cli.exit = notOk === refusals ? exitCodes.done : exitOf(report)
    })
}

/**
 * The demo's folder: its vault key, and the sandbox's day, so that running it again another day finds the
 * same people with the same histories.
 */
async function prepareHome(home: string): Promise<{ today: string }> {
  mkdirSync(home, { recursive: true, mode: 0o700 })
  const key = join(home, 'vault.key')
  if (!existsSync(key)) await writeNewKey(key)
  const file = join(home, 'today')
  if (!existsSync(file)) writeFileSync(file, new Date(realWorld.now()).toISOString().slice(0, 10))
  const today = readFileSync(file, 'utf8').trim()
  if (!/^\d{4}-\d\d-\d\d$/.test(today))
    throw new FdxError('CONFIG_INVALID', `${file} must hold a day (YYYY-MM-DD); delete it`)
  return { today }
}

async function connectEverybody(
  settings: Settings,
  tools: Tools,
  sandbox: Sandbox,
  talk: Talk,
  signal: AbortSignal,
): Promise<void> {
  const stores = { vault: tools.vault, state: tools.state, world: realWorld }
  for (const [name, numbers] of Object.entries(people)) {
    const provider = readProvider(settings.pipelinesDir, name, settings.env)
    if (provider.protocol !== 'fdx') continue
    for (const person of numbers) {
      talk.progress(`connecting person ${person} at ${provider.title}`)
      await using receiver = await listenForRedirect(provider.oauth.redirectUri)
      const open = (link: URL) => approve(link, person)
      const label = `demo person ${person}`
      await connectFdx({ ...stores, provider, receiver, open, label, timeoutMs: 10_000, signal })
    }
    talk.say(
      `Connected ${numbers.length} people at ${provider.title}, by authorization_code with PKCE.`,
    )
  }
  const flinks = readProvider(settings.pipelinesDir, plannedProvider, settings.env)
  if (flinks.protocol !== 'flinks') return
  for (const { login, loginId, temper } of sandbox.logins())
    if (logins.some((wanted) => wanted === login))
      await registerLogin(stores, flinks, loginId, `demo login ${login} (${temper})`)
  talk.say(
    `Registered ${logins.length} Flinks logins: one slow, one that wants an MFA answer, one disabled.`,
  )
}

/** What a person does in the browser: opens the consent page, approves, is sent back to our redirect URI. */
async function approve(link: URL, person: number): Promise<void> {
  link.searchParams.set('approve', String(person))
  const consent = await request(link)
  await consent.body.dump()
  const location = consent.headers['location']
  if (typeof location !== 'string')
    throw new FdxError('CONNECT_REFUSED', 'the sandbox gave no consent')
  const back = await request(new URL(location, link))
  await back.body.dump()
}

const plannedRefusals = (report: RunReport): number =>
  report.extracted
    .filter(({ job }) => job.provider.name === plannedProvider)
    .flatMap(({ notOk }) => notOk)
    .filter(({ code }) => plannedEndings.has(code)).length
