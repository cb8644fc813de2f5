import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listProviders } from '../../../src/config/read.ts'
import { extract } from '../../../src/run.ts'
import type { MisbehaviourName } from '../../../src/sandbox/misbehaviours.ts'
import { type Sandbox, startSandbox } from '../../../src/sandbox/sandbox.ts'
import { getConnection } from '../../../src/state/connections.ts'
import { runConnections, runIssues } from '../../../src/state/runs.ts'
import { realWorld } from '../../../src/world.ts'
import {
  dialectOf,
  dialects,
  type ExamOptions,
  examConnect,
  examined,
  examJob,
} from '../../support/exam.ts'
import { landedPages } from '../../support/extract.ts'
import { openFlow, quiet } from '../../support/flow.ts'
import { marksOf, stateBytes } from '../../support/marks.ts'
import { type Case, type Ends, outcomes } from './outcomes.ts'

/** Every provider file meets every misbehaviour (`npm run test:exam`); else each misbehaviour meets one of them. */
const isWhole = process.env['FDX_EXAM'] === 'whole'

interface Seat {
  readonly file: string
  readonly name: MisbehaviourName
  readonly rule: NonNullable<Case['rule']>
  readonly resources: Case['resources']
  readonly ends: Ends
  /** Of the sandbox's people, who is used for nothing else. */
  readonly person: number
}

/** Whom nothing befalls: of all things that are asked for, each of their accounts has what it needs. */
const goodPerson = 1

/**
 * The first four logins of Flinks have tempers of their own, and every third person of one
 * dialect has transactions inside the accounts, so that no list of them is asked for.
 */
const personAt = (seat: number) => 4 + 3 * Math.floor(seat / 2) + (seat % 2)

const files = listProviders('pipelines')
const providers = new Map(files.map((file) => [file, examined(file)]))

function endsAt({ fdx, flinks }: Case, file: string): Ends | undefined {
  const provider = providers.get(file)
  const dialect = provider && dialectOf(provider)
  if (dialect === undefined || dialect === 'flinks') return dialect && flinks
  return fdx && ('status' in fdx ? fdx : fdx[dialect])
}

const rows = Object.entries(outcomes) as [MisbehaviourName, readonly Case[]][]
const seats: readonly Seat[] = rows
  .flatMap(([name, cases]) => cases.map((one) => ({ name, one })))
  .flatMap(({ name, one }, at) => {
    const all = files.flatMap((file) => {
      const ends = endsAt(one, file)
      const { rule = {}, resources } = one
      return ends ? [{ file, name, rule, resources, ends }] : []
    })
    return isWhole ? all : all.filter((_, i) => i === at % all.length)
  })
  .map((seat, at) => ({ ...seat, person: personAt(at) }))

/** What is meant to be cut off, or waited for in vain, should not take long; all else has time, on any machine. */
const inBrief: Partial<Record<MisbehaviourName, ExamOptions>> = {
  drip: { pace: { requestTimeoutSeconds: 5, attempts: 1 } },
  maintenance_503: { pace: { budgetSeconds: 4 } },
  token_stall: { tokenSeconds: 3 },
  pending_forever: { pollMinutes: 0.01 },
}

let box: Sandbox
beforeAll(async () => {
  box = await startSandbox({
    port: 0,
    connections: personAt(seats.length),
    accounts: 3,
    transactions: 12,
    pendingSeconds: 0.2,
    today: '2026-01-15',
  })
})
afterAll(() => box[Symbol.asyncDispose]())

const title = ({ file, name, rule, ends: { status, code } }: Seat) =>
  `${file}: ${[name, rule.variant, rule.endpoint, rule.times].filter(Boolean).join(' ')} → ${status} ${code}`

test('every dialect of the sandbox is some provider file’s, and every misbehaviour meets one', () => {
  expect(new Set([...providers.values()].map(dialectOf))).toEqual(new Set(dialects))
  expect(new Set(seats.map(({ name }) => name))).toEqual(new Set(Object.keys(outcomes)))
})

describe.concurrent('the exam', () => {
  test.each(seats.map((seat) => [title(seat), seat] as const))('%s', async (_, seat) => {
    const { person } = seat
    const provider = providers.get(seat.file)
    if (!provider) throw new Error(`there is no provider file ${seat.file}`)
    const dialect = dialectOf(provider)
    const job = examJob(box, provider, { ...inBrief[seat.name], resources: seat.resources })
    using flow = await openFlow(box)
    const bad = await examConnect(flow, box, job, person)
    const good = await examConnect(flow, box, job, goodPerson)
    box.misbehave({ ...seat.rule, name: seat.name, provider: dialect, person })
    const [report] = await extract([job], {
      ...flow,
      world: realWorld,
      signal: new AbortController().signal,
      watch: quiet,
    })

    const runId = report?.runId ?? ''
    const ended = new Map(runConnections(flow.state, runId).map((one) => [one.connection_id, one]))
    const issues = runIssues(flow.state, runId)
    const { issue, ...wanted } = seat.ends
    expect(ended.get(bad.id), JSON.stringify(issues)).toMatchObject(wanted)
    if (issue) expect(issues.map(({ code }) => code)).toContain(issue)
    // One bad connection harms no other.
    expect(ended.get(good.id)).toMatchObject({ status: 'ok', retries: 0 })
    const state = ['reauth', 'needs_mfa'].includes(wanted.status) ? wanted.status : 'active'
    expect(getConnection(flow.state, bad.id)?.state).toBe(state)
    // What came before the trouble is kept, and what is told of it names neither the person nor a token.
    const kept = landedPages(flow.paths).filter((page) => page.connection_id === bad.id)
    expect(kept.length).toBe(ended.get(bad.id)?.pages)
    const told = JSON.stringify([report, issues]) + stateBytes(flow.paths.root)
    const secret = await flow.vault.read(bad.id)
    const tokens = secret.kind === 'grant' ? [secret.refreshToken, secret.accessToken] : []
    const marks = [...marksOf(box.truth(dialect, person)), ...tokens].filter(Boolean)
    expect(marks.length).toBeGreaterThan(3)
    expect(marks.filter((mark) => told.includes(String(mark)))).toEqual([])
  })
})
