import type { FlinksCode } from '../flinks-errors.ts'
import { flinksError } from '../flinks-errors.ts'
import type { Answer } from '../http.ts'
import { html, json, otherOrigin, redirect } from '../http.ts'
import type { MisbehaviourName } from '../misbehaviours.ts'
import type { About, Switchboard } from '../switchboard.ts'
import { bomb, deepJson } from './bombs.ts'
import { gatewayPage, retryAfter } from './retry-after.ts'

/** In place of an /Authorize answer. */
const atAuthorize: Partial<Record<MisbehaviourName, FlinksCode>> = {
  retry_later: 'RETRY_LATER',
  card_in_use: 'CARD_IN_USE',
}

type Make = (variant: string, now: number, origin: string) => Answer

/** In place of a data answer; the general misbehaviours speak here as a gateway does. */
const atData: Partial<Record<MisbehaviourName, Make>> = {
  agg_error: () => flinksError('AGGREGATION_ERROR'),
  too_many_requests_401: () => flinksError('TOO_MANY_REQUESTS'),
  unauthorized: () => flinksError('UNAUTHORIZED'),
  session_expired: (variant) =>
    flinksError(variant === 'expired' ? 'SESSION_EXPIRED' : 'SESSION_NONEXISTENT'),
  rate_limited: (variant, now) =>
    json(429, { message: 'Too many requests' }, { 'retry-after': retryAfter(variant, now) }),
  server_error: (variant) =>
    variant === '502_html'
      ? html(502, gatewayPage)
      : variant === '503'
        ? { status: 503 }
        : json(500, { HttpStatusCode: 500, Message: 'Internal error' }),
  maintenance_503: () => json(503, { Message: 'Maintenance' }, { 'retry-after': '5' }),
  html_200: () => html(200, '<!doctype html><title>Sign in</title><h1>Please sign in</h1>'),
  redirect_302: (_variant, _now, origin) => redirect(otherOrigin(origin, '/elsewhere/accounts')),
  huge_body: (variant) => bomb(variant),
  deep_json: () => deepJson,
}

export function authorizeTrouble(switches: Switchboard, about: About): Answer | undefined {
  for (const [name, code] of Object.entries(atAuthorize) as [MisbehaviourName, FlinksCode][])
    if (switches.strikes(name, about) !== undefined) return flinksError(code)
  return undefined
}

export function dataTrouble(
  switches: Switchboard,
  about: About,
  now: number,
  origin: string,
): Answer | undefined {
  for (const [name, make] of Object.entries(atData) as [MisbehaviourName, Make][]) {
    const variant = switches.strikes(name, about)
    if (variant !== undefined) return make(variant, now, origin)
  }
  return undefined
}
