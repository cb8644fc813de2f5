import type { Pipeline } from '../../../src/config/pipeline.ts'
import type { ConnectionReport } from '../../../src/extract/extract.ts'
import type { MisbehaviourName } from '../../../src/sandbox/misbehaviours.ts'
import type { Misbehaviour } from '../../../src/sandbox/sandbox.ts'
import type { Dialect } from '../../support/exam.ts'

/** How the connection ends that meets a misbehaviour. */
export interface Ends {
  readonly status: ConnectionReport['status']
  readonly code: ConnectionReport['code']
  /** A code among the run's issues. */
  readonly issue?: string
  /** Requests that were repeated. */
  readonly retries?: number
}

/** One form of a misbehaviour, and its end in each dialect that has it. */
export interface Case {
  readonly rule?: Omit<Misbehaviour, 'name' | 'provider' | 'person'>
  /** At FDX providers. */
  readonly fdx?: Ends | Readonly<Record<Exclude<Dialect, 'flinks'>, Ends>>
  readonly flinks?: Ends
  /** What is asked for, where it is not what usually is. */
  readonly resources?: Pipeline['resources']
}

const fine: Ends = { status: 'ok', code: '' }
const failed = (code: Ends['code']): Ends => ({ status: 'failed', code })
const partial = (code: Ends['code'], issue: string = code): Ends => ({
  status: 'partial',
  code,
  issue,
})
const noted = (issue: string): Ends => ({ ...fine, issue })
const retried = (retries: number): Ends => ({ ...fine, retries })
const reauth = (code: Ends['code']): Ends => ({ status: 'reauth', code })

const always = 1_000
const accounts = { endpoint: 'accounts' } as const
const transactions = { endpoint: 'transactions' } as const

/**
 * Every misbehaviour of the sandbox, and how a connection that meets it ends. A misbehaviour that is new there does
 * not compile here until its end is written down.
 */
export const outcomes: Readonly<Record<MisbehaviourName, readonly [Case, ...Case[]]>> = {
  // the token endpoint
  expires_mid_paging: [
    { rule: { variant: '2_requests' }, resources: ['accounts', 'transactions'], fdx: fine },
  ],
  invalid_client: [{ fdx: failed('CLIENT_REFUSED') }],
  invalid_grant: [{ fdx: reauth('REAUTH') }],
  refresh_without_refresh_token: [
    { rule: { variant: 'absent' }, fdx: fine },
    { rule: { variant: 'null' }, fdx: fine },
    { rule: { variant: 'empty' }, fdx: fine },
  ],
  token_500_after_rotation: [{ fdx: { outbound: fine, rotating: reauth('REAUTH'), v6: fine } }],
  token_reset_before: [{ fdx: fine }],
  token_reset_after: [{ fdx: { outbound: fine, rotating: reauth('REAUTH'), v6: fine } }],
  token_cut_body: [
    {
      // The new refresh token is kept, and the next run works with it.
      rule: { variant: 'after_refresh_token' },
      fdx: {
        outbound: fine,
        rotating: failed('TOKEN_UNAVAILABLE'),
        v6: failed('TOKEN_UNAVAILABLE'),
      },
    },
    {
      rule: { variant: 'before_refresh_token' },
      fdx: { outbound: fine, rotating: reauth('REAUTH'), v6: fine },
    },
  ],
  token_stall: [
    {
      fdx: {
        outbound: failed('TOKEN_AMBIGUOUS'),
        rotating: reauth('REAUTH'),
        v6: failed('TOKEN_AMBIGUOUS'),
      },
    },
  ],
  token_html_502: [{ fdx: failed('TOKEN_AMBIGUOUS') }],
  token_429: [{ rule: { variant: 'long' }, fdx: failed('TOKEN_UNAVAILABLE') }],
  token_redirect: [{ fdx: failed('REDIRECTED') }],

  // answers
  consent_withdrawn: [{ fdx: reauth('CONSENT_LOST') }],
  scope_missing: [
    { fdx: partial('SCOPE_MISSING') },
    { rule: { endpoint: 'customers' }, fdx: partial('SCOPE_MISSING') },
  ],
  unauthorized_no_code: [
    { rule: { variant: '401' }, fdx: fine },
    { rule: { variant: '403' }, fdx: fine },
    { rule: { variant: '401', times: always }, fdx: failed('TOKEN_REFUSED') },
  ],
  rate_limited: [
    { rule: { variant: 'seconds', times: 1 }, fdx: retried(1) },
    { rule: { variant: 'date', times: 1 }, fdx: retried(1) },
    { rule: { variant: 'garbage' }, fdx: retried(2) },
    { rule: { variant: 'long' }, fdx: failed('RATE_LIMITED'), flinks: failed('RATE_LIMITED') },
    { rule: { variant: 'as_422' }, fdx: retried(2), flinks: fine },
  ],
  server_error: [
    { rule: { variant: '500' }, fdx: retried(2) },
    { rule: { variant: '502_html', times: 1 }, fdx: retried(1), flinks: fine },
    { rule: { variant: '503' }, fdx: retried(2) },
    { rule: { times: always }, flinks: failed('PROVIDER_DOWN') },
    { rule: { times: always, ...accounts }, fdx: failed('PROVIDER_DOWN') },
    { rule: { times: always, ...transactions }, fdx: partial('PROVIDER_DOWN') },
  ],
  maintenance_503: [{ fdx: failed('MAINTENANCE'), flinks: failed('PROVIDER_DOWN') }],
  html_200: [
    { rule: accounts, fdx: failed('ANSWER_INVALID') },
    { rule: { endpoint: 'customers' }, fdx: partial('ANSWER_INVALID') },
    { flinks: failed('ANSWER_INVALID') },
  ],
  redirect_302: [{ fdx: failed('REDIRECTED'), flinks: failed('REDIRECTED') }],
  huge_body: [
    { rule: { variant: 'gzip', ...accounts }, fdx: failed('BODY_TOO_LARGE') },
    { rule: { variant: 'double_gzip', ...accounts }, fdx: failed('BODY_TOO_LARGE') },
    { rule: { variant: 'endless', ...accounts }, fdx: failed('BODY_TOO_LARGE') },
    { rule: { variant: 'gzip' }, flinks: failed('BODY_TOO_LARGE') },
  ],
  deep_json: [
    { rule: accounts, fdx: failed('JSON_TOO_DEEP') },
    { flinks: failed('JSON_TOO_DEEP') },
  ],
  window_too_long_703: [{ fdx: fine }],
  no_data_1107: [{ fdx: fine }],
  account_not_found_701: [{ fdx: fine }],
  account_closed_705: [{ fdx: fine }],
  not_supported_704: [{ fdx: fine }],
  payment_networks_501: [
    {
      resources: ['accounts', 'payment-networks'],
      fdx: { outbound: fine, rotating: partial('PROVIDER_DOWN'), v6: partial('PROVIDER_DOWN') },
    },
  ],
  statement_1300: [{ fdx: fine }],
  statement_302: [{ fdx: fine }],

  // cursors
  repeated_cursor: [
    { rule: transactions, fdx: partial('PAGE_LOOP') },
    { rule: accounts, fdx: failed('PAGE_LOOP') },
  ],
  cycling_cursor: [{ rule: transactions, fdx: partial('PAGE_LOOP') }],
  endless_cursor: [{ rule: transactions, fdx: partial('PAGE_LOOP') }],
  endless_empty_pages: [
    { rule: transactions, fdx: partial('PAGE_EMPTY_RUN') },
    { rule: accounts, fdx: failed('PAGE_EMPTY_RUN') },
  ],
  foreign_next: [
    { rule: { variant: 'host', ...transactions }, fdx: partial('NEXT_LINK_ORIGIN') },
    { rule: { variant: 'http', ...transactions }, fdx: partial('NEXT_LINK_ORIGIN') },
    { rule: { variant: 'port', ...transactions }, fdx: partial('NEXT_LINK_ORIGIN') },
    { rule: { variant: 'user_info', ...transactions }, fdx: partial('NEXT_LINK_ORIGIN') },
    { rule: { variant: 'slashes', ...transactions }, fdx: partial('NEXT_LINK_ORIGIN') },
    { rule: { variant: 'homograph', ...transactions }, fdx: partial('NEXT_LINK_ORIGIN') },
    { rule: { variant: 'javascript', ...transactions }, fdx: partial('NEXT_LINK_ORIGIN') },
  ],
  missing_page: [{ fdx: fine }],
  duplicate_transactions: [{ fdx: fine }],
  unstable_order: [{ fdx: fine }],

  // records
  missing_memo: [{ fdx: fine }],
  signed_amounts: [{ fdx: fine }],
  pending_then_posted: [{ fdx: fine }],
  pending_lives: [{ fdx: fine }],
  unknown_kind: [{ fdx: fine }],
  unknown_fields: [{ fdx: fine }],
  wrong_types: [{ fdx: fine }],
  account_error_206: [{ fdx: partial('PARTIAL_CONTENT', 'ACCOUNT_ERROR') }],
  full_number_in_display: [{ fdx: fine }],
  missing_account_category: [{ fdx: fine }],
  ids_as_numbers: [{ fdx: fine }],
  exact_numbers: [{ fdx: fine }],

  // bytes
  cut_body: [
    { rule: accounts, fdx: failed('UNREACHABLE') },
    { rule: { times: 2, ...accounts }, fdx: retried(2) },
  ],
  drip: [{ rule: accounts, fdx: failed('UNREACHABLE') }],
  dirty_json: [{ fdx: fine }],

  // Flinks
  pending_forever: [{ flinks: failed('PROVIDER_STUCK') }],
  mfa: [{ flinks: { status: 'needs_mfa', code: 'NEEDS_MFA' } }],
  agg_error: [{ flinks: failed('PROVIDER_DOWN') }, { rule: { times: 1 }, flinks: fine }],
  retry_later: [{ flinks: failed('PROVIDER_DOWN') }, { rule: { times: 1 }, flinks: fine }],
  too_many_requests_401: [
    { flinks: fine },
    { rule: { times: always }, flinks: failed('RATE_LIMITED') },
  ],
  session_expired: [
    { rule: { variant: 'nonexistent' }, flinks: fine },
    { rule: { variant: 'expired' }, flinks: fine },
    { rule: { times: always }, flinks: failed('SESSION_LOST') },
  ],
  card_in_use: [{ flinks: failed('PROVIDER_DOWN') }, { rule: { times: 2 }, flinks: fine }],
  empty_transactions: [{ flinks: noted('TRANSACTIONS_EMPTY') }],
  partial_202: [{ flinks: fine }],
  unauthorized: [{ flinks: failed('FORBIDDEN') }],
  slow: [{ flinks: fine }],
}
