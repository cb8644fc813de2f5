import type { Answer } from '../http.ts'
import { html, json, otherOrigin, redirect } from '../http.ts'
import type { MisbehaviourName, tokenTroubles } from '../misbehaviours.ts'
import type { About, Switchboard } from '../switchboard.ts'
import { gatewayPage, retryAfter } from './retry-after.ts'

type TokenTrouble = keyof typeof tokenTroubles

/** In place of the token endpoint's work; nothing is rotated. */
const before: Partial<
  Record<TokenTrouble, (variant: string, now: number, origin: string) => Answer>
> = {
  token_reset_before: () => reset,
  token_html_502: (variant) => html(Number(variant), gatewayPage),
  token_429: (variant, now) =>
    json(429, { error: 'temporarily_unavailable' }, { 'retry-after': retryAfter(variant, now) }),
  token_redirect: (_variant, _now, origin) => ({
    ...redirect(otherOrigin(origin, '/elsewhere/token')),
    status: 307,
  }),
}

/** Done to an answer that is right: whatever was rotated stays rotated. */
const after: Partial<Record<TokenTrouble, (variant: string, answer: Answer) => Answer>> = {
  token_500_after_rotation: () => json(500, { error: 'server_error' }),
  token_reset_after: () => reset,
  token_stall: (_variant, answer) => started(answer, 10, false),
  token_cut_body: (variant, answer) => started(answer, cutAt(variant, String(answer.body)), true),
}

/** Closes the connection with RST and no answer. */
const reset: Answer = { status: 0, send: (response) => void response.socket?.resetAndDestroy() }

/** Says how long the body is, sends the first bytes of it, and then cuts the connection or does nothing more. */
function started(answer: Answer, length: number, cut: boolean): Answer {
  return {
    status: answer.status,
    send(response) {
      const body = Buffer.from(answer.body ?? '')
      response.writeHead(answer.status, { ...answer.headers, 'content-length': body.length })
      response.write(body.subarray(0, length), () => {
        if (cut) response.socket?.destroySoon()
      })
    },
  }
}

function cutAt(variant: string, body: string): number {
  const name = body.indexOf('"refresh_token"')
  if (name < 0 || variant === 'before_refresh_token')
    return Math.max(1, name < 0 ? body.length >> 1 : name - 3)
  return body.indexOf('"', body.indexOf('"', name + 15) + 1) + 2
}

export function troubleBeforeToken(
  switches: Switchboard,
  about: About,
  now: number,
  origin: string,
): Answer | undefined {
  return first(before, switches, about, (make, variant) => make(variant, now, origin))
}

export function troubleAfterToken(switches: Switchboard, about: About, answer: Answer): Answer {
  return first(after, switches, about, (make, variant) => make(variant, answer)) ?? answer
}

function first<Make>(
  list: Partial<Record<TokenTrouble, Make>>,
  switches: Switchboard,
  about: About,
  use: (make: Make, variant: string) => Answer,
): Answer | undefined {
  for (const [name, make] of Object.entries(list) as [MisbehaviourName, Make][]) {
    const variant = switches.strikes(name, about)
    if (variant !== undefined) return use(make, variant)
  }
  return undefined
}
