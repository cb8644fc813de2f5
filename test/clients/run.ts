import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { type Client, clients } from './clients.ts'
import { expected } from './expected.ts'
import { type Endpoint, type Server, startEndpoint } from './support/endpoint.ts'
import { startPostgres } from './support/postgres.ts'

/**
 * `npm run test:clients`: real clients against a real endpoint over a generation that the embedded sandbox made. Each client is
 * a program of its own; its outcomes are compared with what `expected.ts` says, else with those against PostgreSQL itself.
 * What is not installed is skipped by name; with FDX_REQUIRE_CLIENTS=1, where a quick one or PostgreSQL is missing, it fails.
 */
const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean' },
    only: { type: 'string' },
    verbose: { type: 'boolean' },
    data: { type: 'string' },
  },
})

/** Longest that one client may take. */
const patienceMs = 240_000

interface Outcome {
  readonly row: string
  readonly check: string
  readonly text: string
}

async function outcomesOf(client: Client, server: Server, caFile: string): Promise<Outcome[]> {
  const [command = '', ...args] = client.command
  const child = spawn(command, args, {
    env: {
      ...process.env,
      PGHOST: '127.0.0.1',
      PGPORT: String(server.port),
      PGUSER: server.user,
      PGPASSWORD: server.password,
      PGDATABASE: 'warehouse',
      FDX_CA_FILE: caFile,
      LANG: 'C.UTF-8',
      TZ: 'UTC',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: patienceMs,
  })
  const found: Outcome[] = []
  createInterface({ input: child.stdout }).on('line', (line) => {
    const [row, check, text] = line.split('\t')
    if (row !== undefined && check !== undefined && text !== undefined)
      found.push({ row, check, text })
  })
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  if (code !== 0)
    found.push({
      row: Object.keys(client.rows)[0] ?? '',
      check: 'ran to its end',
      text: `ERROR it ended with ${code}`,
    })
  return found
}

/** Why an outcome is wrong; undefined when it is right. */
function wrong(
  { check, row, text }: Outcome,
  client: Client,
  theirs: ReadonlyMap<string, string>,
): string | undefined {
  const wanted =
    expected[`${client.name}/${row}/${check}`] ??
    (client.compared ? theirs.get(`${row}\t${check}`) : undefined)
  if (wanted === undefined) return text.startsWith('ERROR') ? text : undefined
  const same = typeof wanted === 'string' ? wanted === text : wanted.test(text)
  return same ? undefined : `${text}\n      wanted: ${wanted}`
}

interface Tally {
  passed: number
  failed: number
}

function report(
  client: Client,
  ours: readonly Outcome[],
  theirs: ReadonlyMap<string, string>,
  rows: Map<string, Tally>,
): void {
  for (const outcome of ours) {
    const row = client.rows[outcome.row] ?? `${client.name}: ${outcome.row}`
    const tally = rows.get(row) ?? { passed: 0, failed: 0 }
    rows.set(row, tally)
    const reason = wrong(outcome, client, theirs)
    if (reason === undefined) tally.passed++
    else {
      tally.failed++
      say(`  FAILED ${client.name}: ${outcome.check}\n      ${reason}`)
    }
  }
}

const say = (text: string) => process.stdout.write(`${text}\n`)

async function main(): Promise<boolean> {
  const chosen = clients.filter(
    ({ name, quick }) =>
      (flags.only === undefined || name === flags.only) && (!flags.quick || quick),
  )
  const rows = new Map<string, Tally>()
  const skipped: string[] = []
  let missing = 0
  const skip = (what: string, required: boolean) => {
    skipped.push(what)
    if (required && process.env['FDX_REQUIRE_CLIENTS'] === '1') missing++
  }
  await using endpoint: Endpoint = await startEndpoint(flags.data)
  using postgres = await startPostgres(endpoint.generation)
  if (!postgres) skip('comparison with PostgreSQL 15: it is not installed', true)
  for (const client of chosen) {
    if (!client.needs()) {
      skip(`${client.name}: it is not installed`, client.quick)
      continue
    }
    const ours = await outcomesOf(client, endpoint, endpoint.caFile)
    if (flags.verbose)
      for (const { row, check, text } of ours) say(`  ${row} | ${check} | ${text.slice(0, 200)}`)
    const theirs =
      client.compared && postgres
        ? await outcomesOf(
            client,
            { port: postgres.port, user: postgres.user, password: 'any' },
            endpoint.caFile,
          )
        : []
    report(
      client,
      ours,
      new Map(theirs.map(({ row, check, text }) => [`${row}\t${check}`, text])),
      rows,
    )
  }
  say('')
  for (const [row, { passed, failed }] of rows)
    say(
      `${failed === 0 ? 'green' : 'RED  '}  ${String(passed).padStart(4)} of ${String(passed + failed).padEnd(4)} ${row}`,
    )
  for (const what of skipped) say(`skip                ${what}`)
  if (missing > 0) say(`FAILED: ${missing} of these must be there (FDX_REQUIRE_CLIENTS=1)`)
  const passed = [...rows.values()].reduce((sum, tally) => sum + tally.passed, 0)
  const failed = [...rows.values()].reduce((sum, tally) => sum + tally.failed, missing)
  say(
    `\n${passed} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`,
  )
  return failed === 0
}

process.exitCode = (await main()) ? 0 : 1
