import { dayOf } from '../calendar.ts'
import type { Asked, FdxTools } from '../fdx.ts'
import { fdxError, tokenRefused } from '../fdx-errors.ts'
import type { Answer, Call } from '../http.ts'
import { html, otherOrigin, redirect } from '../http.ts'
import type { Account } from '../invented/book.ts'
import type { answerTroubles } from '../misbehaviours.ts'
import type { Shape } from '../shape.ts'
import type { About } from '../switchboard.ts'
import { bomb, deepJson } from './bombs.ts'
import { gatewayPage, retryAfter } from './retry-after.ts'

type AnswerTrouble = keyof typeof answerTroubles
type Make = (variant: string, shape: Shape, tools: FdxTools) => Answer

/** In place of any FDX answer. Those that need the account are in `refusalTrouble`. */
const instead: Partial<Record<AnswerTrouble, Make>> = {
  consent_withdrawn: (_variant, shape) => fdxError(shape, 602),
  unauthorized_no_code: (variant, shape) => tokenRefused(shape, variant === '403' ? 403 : 401),
  rate_limited(variant, shape, tools) {
    if (variant === 'as_422') return fdxError(shape, 1207, 422)
    const answer = fdxError(shape, 1207)
    const wait = { 'retry-after': retryAfter(variant, tools.now()) }
    return { ...answer, headers: { ...answer.headers, ...wait } }
  },
  server_error(variant, shape) {
    if (variant === '502_html') return html(502, gatewayPage)
    return variant === '503' ? { status: 503 } : fdxError(shape, 500)
  },
  maintenance_503(_variant, shape) {
    const answer = fdxError(shape, 503)
    return { ...answer, headers: { ...answer.headers, 'retry-after': '5' } }
  },
  html_200: () => html(200, '<!doctype html><title>Sign in</title><h1>Please sign in</h1>'),
  redirect_302: (_variant, _shape, tools) =>
    redirect(otherOrigin(tools.origin, '/elsewhere/accounts')),
  huge_body: (variant) => bomb(variant),
  deep_json: () => deepJson,
}

/** Answers that only some endpoints give. */
const atEndpoint: Partial<Record<AnswerTrouble, readonly string[]>> = {
  payment_networks_501: ['payment-networks'],
  no_data_1107: ['transactions'],
}

export function answerTrouble(
  shape: Shape,
  call: Call,
  tools: FdxTools,
  about: About,
): Answer | undefined {
  const { switches } = tools
  for (const [name, make] of Object.entries(instead) as [AnswerTrouble, Make][]) {
    const variant = switches.strikes(name, about)
    if (variant !== undefined) return make(variant, shape, tools)
  }
  if (scopeMissing(tools, about)) return fdxError(shape, 602)
  if (strikesAt('payment_networks_501', tools, about)) return fdxError(shape, 501)
  if (strikesAt('no_data_1107', tools, about)) return fdxError(shape, 1107)
  const long = windowDays(call) > 90
  if (long && switches.strikes('window_too_long_703', about) !== undefined)
    return fdxError(shape, 703)
  return undefined
}

function strikesAt(name: AnswerTrouble, { switches }: FdxTools, about: About): boolean {
  return (
    (atEndpoint[name]?.includes(about.endpoint) ?? true) &&
    switches.strikes(name, about) !== undefined
  )
}

/** Transactions, unless the rule itself names an endpoint. */
function scopeMissing({ switches }: FdxTools, about: About): boolean {
  const named = switches
    .rules()
    .some((rule) => rule.name === 'scope_missing' && rule.endpoint === about.endpoint)
  if (!named && about.endpoint !== 'transactions') return false
  return switches.strikes('scope_missing', about) !== undefined
}

function windowDays({ url }: Call): number {
  const start = url.searchParams.get('startTime') ?? url.searchParams.get('startDate')
  const end = url.searchParams.get('endTime') ?? url.searchParams.get('endDate')
  return start && end ? dayOf(end) - dayOf(start) : 0
}

/** What one account of a person refuses. */
export function refusalTrouble(asked: Asked, account: Account): Answer | undefined {
  const { shape, tools, about, household } = asked
  const first = account.key.index === 0
  const last = account.key.index === household.accounts.length - 1
  const strikes = (name: AnswerTrouble) => tools.switches.strikes(name, about) !== undefined
  if (first && strikes('account_not_found_701')) return fdxError(shape, 701)
  if (first && strikes('account_closed_705')) return fdxError(shape, 705)
  if (last && about.endpoint === 'transactions' && strikes('not_supported_704'))
    return fdxError(shape, 704)
  return undefined
}
