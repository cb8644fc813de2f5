import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { ConnectionReport } from '../../../src/extract/extract.ts'
import type { Sandbox } from '../../../src/sandbox/sandbox.ts'
import { type Misbehaviour, startSandbox } from '../../../src/sandbox/sandbox.ts'
import { getConnection } from '../../../src/state/connections.ts'
import { runIssues } from '../../../src/state/runs.ts'
import { dataFolder, extractAll, landedPages } from '../../support/extract.ts'
import { type SandboxFdx, sandboxProvider, sandboxToken } from '../../support/extract-sandbox.ts'
import { marksOf, stateBytes } from '../../support/marks.ts'

type Rule = Omit<Misbehaviour, 'provider' | 'person'>
interface Expected {
  readonly status: ConnectionReport['status']
  readonly code: ConnectionReport['code']
  /** A code among the run's issues. */
  readonly issue?: string
  readonly retries?: number
}

const fine: Expected = { status: 'ok', code: '' }
const failed = (code: ConnectionReport['code']): Expected => ({ status: 'failed', code })
const partial = (code: ConnectionReport['code']): Expected => ({
  status: 'partial',
  code,
  issue: code,
})

/** Each misbehaviour of an FDX provider that reading can meet, and how its connection ends. */
const troubles: [Rule, Expected][] = [
  [{ name: 'expires_mid_paging', variant: '2_requests' }, fine],
  [{ name: 'consent_withdrawn' }, { status: 'reauth', code: 'CONSENT_LOST' }],
  [{ name: 'scope_missing' }, partial('SCOPE_MISSING')],
  [{ name: 'scope_missing', endpoint: 'customers' }, partial('SCOPE_MISSING')],
  [{ name: 'unauthorized_no_code', variant: '401' }, fine],
  [{ name: 'unauthorized_no_code', variant: '403' }, fine],
  [{ name: 'unauthorized_no_code', variant: '401', times: 1_000 }, failed('TOKEN_REFUSED')],
  [
    { name: 'rate_limited', variant: 'seconds', times: 1 },
    { ...fine, retries: 1 },
  ],
  [
    { name: 'rate_limited', variant: 'date', times: 1 },
    { ...fine, retries: 1 },
  ],
  [
    { name: 'rate_limited', variant: 'garbage' },
    { ...fine, retries: 2 },
  ],
  [{ name: 'rate_limited', variant: 'long' }, failed('RATE_LIMITED')],
  [
    { name: 'rate_limited', variant: 'as_422' },
    { ...fine, retries: 2 },
  ],
  [
    { name: 'server_error', variant: '500' },
    { ...fine, retries: 2 },
  ],
  [
    { name: 'server_error', variant: '502_html' },
    { ...fine, retries: 2 },
  ],
  [
    { name: 'server_error', variant: '503' },
    { ...fine, retries: 2 },
  ],
  [{ name: 'server_error', times: 1_000, endpoint: 'accounts' }, failed('PROVIDER_DOWN')],
  [{ name: 'server_error', times: 1_000, endpoint: 'transactions' }, partial('PROVIDER_DOWN')],
  [{ name: 'maintenance_503' }, failed('MAINTENANCE')],
  [{ name: 'html_200', endpoint: 'accounts' }, failed('ANSWER_INVALID')],
  [{ name: 'html_200', endpoint: 'customers' }, partial('ANSWER_INVALID')],
  [{ name: 'redirect_302' }, failed('REDIRECTED')],
  [{ name: 'huge_body', variant: 'gzip', endpoint: 'accounts' }, failed('BODY_TOO_LARGE')],
  [{ name: 'huge_body', variant: 'double_gzip', endpoint: 'accounts' }, failed('BODY_TOO_LARGE')],
  [{ name: 'huge_body', variant: 'endless', endpoint: 'accounts' }, failed('BODY_TOO_LARGE')],
  [{ name: 'deep_json', endpoint: 'accounts' }, failed('JSON_TOO_DEEP')],
  [{ name: 'window_too_long_703' }, fine],
  [{ name: 'no_data_1107' }, fine],
  [{ name: 'account_not_found_701' }, fine],
  [{ name: 'account_closed_705' }, fine],
  [{ name: 'not_supported_704' }, fine],
  [{ name: 'repeated_cursor', endpoint: 'transactions' }, partial('PAGE_LOOP')],
  [{ name: 'repeated_cursor', endpoint: 'accounts' }, failed('PAGE_LOOP')],
  [{ name: 'cycling_cursor', endpoint: 'transactions' }, partial('PAGE_LOOP')],
  [{ name: 'endless_cursor', endpoint: 'transactions' }, partial('PAGE_LOOP')],
  [{ name: 'endless_empty_pages', endpoint: 'transactions' }, partial('PAGE_EMPTY_RUN')],
  [{ name: 'endless_empty_pages', endpoint: 'accounts' }, failed('PAGE_EMPTY_RUN')],
  ...['host', 'http', 'port', 'user_info', 'slashes', 'homograph', 'javascript'].map(
    (variant): [Rule, Expected] => [
      { name: 'foreign_next', variant, endpoint: 'transactions' },
      partial('NEXT_LINK_ORIGIN'),
    ],
  ),
  [{ name: 'missing_page' }, fine],
  [{ name: 'duplicate_transactions' }, fine],
  [{ name: 'unstable_order' }, fine],
  [{ name: 'pending_then_posted' }, fine],
  [{ name: 'unknown_kind' }, fine],
  [{ name: 'unknown_fields' }, fine],
  [{ name: 'wrong_types' }, fine],
  [
    { name: 'account_error_206' },
    { status: 'partial', code: 'PARTIAL_CONTENT', issue: 'ACCOUNT_ERROR' },
  ],
  [{ name: 'missing_account_category' }, fine],
  [{ name: 'ids_as_numbers' }, fine],
  [{ name: 'exact_numbers' }, fine],
  [{ name: 'dirty_json' }, fine],
  [{ name: 'cut_body', endpoint: 'accounts' }, failed('UNREACHABLE')],
  [
    { name: 'cut_body', endpoint: 'accounts', times: 2 },
    { ...fine, retries: 2 },
  ],
  [{ name: 'drip', endpoint: 'accounts' }, failed('UNREACHABLE')],
]

let box: Sandbox
beforeAll(async () => {
  box = await startSandbox({
    port: 0,
    connections: 4,
    accounts: 3,
    transactions: 12,
    today: '2026-01-15',
  })
})
afterEach(() => box.behave())
afterAll(() => box[Symbol.asyncDispose]())

/** Waiting, and packing a bomb, is the same for all providers; it need not be done three times. */
const slow = ({ name, variant = '' }: Rule) =>
  ['drip', 'huge_body'].includes(name) || ['seconds', 'date'].includes(variant)

/** The sandbox packs its bombs while we wait; everything else is quick, or is meant to be cut off. */
const paceFor = ({ name }: Rule) =>
  name === 'huge_body'
    ? { requestTimeoutSeconds: 20, budgetSeconds: 20 }
    : { attempts: 3, requestTimeoutSeconds: name === 'drip' ? 1 : 4, budgetSeconds: 4 }

const title = ([{ name, variant, endpoint, times }, { status, code }]: [Rule, Expected]) =>
  `${[name, variant, endpoint, times].filter(Boolean).join(' ')} → ${status} ${code}`

describe.each(['outbound', 'rotating', 'v6'] as const)('%s', (name: SandboxFdx) => {
  const rows = troubles.filter(([rule]) => name === 'v6' || !slow(rule))

  test.each(rows.map((row) => [title(row), ...row] as const))('%s', async (_, rule, wanted) => {
    using data = dataFolder()
    const provider = sandboxProvider(box, name, { pageSize: 2, pace: paceFor(rule) })
    box.misbehave({ ...rule, provider: name, person: 1 })
    const tokens = new Set<string>()
    const token = sandboxToken(box, name, 1)
    const marked = async (rejected?: string) => {
      const got = await token(rejected)
      tokens.add(got)
      return got
    }
    const [bad, good] = await extractAll(data, [
      { provider, connectionId: 'bad', token: marked },
      { provider, connectionId: 'good', token: sandboxToken(box, name, 2) },
    ])
    const issues = runIssues(data.state, bad?.runId ?? '')
    const { issue, ...report } = wanted
    expect(bad, JSON.stringify(issues)).toMatchObject(report)
    if (issue) expect(issues.map(({ code }) => code)).toContain(issue)
    // One bad connection harms no other, and what came before the trouble is kept.
    expect(good).toMatchObject({ status: 'ok', retries: 0 })
    expect(getConnection(data.state, 'bad')?.state).toBe(
      wanted.status === 'reauth' ? 'reauth' : 'active',
    )
    // What is told of it, and kept beside its pages, names neither the person nor a token.
    const told = JSON.stringify([bad, issues]) + stateBytes(data.paths.root)
    const secrets = [...marksOf(box.truth(name, 1)), ...tokens]
    expect(secrets.length).toBeGreaterThan(4)
    expect(secrets.filter((secret) => told.includes(secret))).toEqual([])
    const kept = landedPages(data.paths).filter((page) => page.connection_id === 'bad')
    expect(kept.length).toBe(bad?.pages)
  })
})
