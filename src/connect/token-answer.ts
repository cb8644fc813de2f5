import { z } from 'zod'
import type { Grant } from './vault.ts'

/** Used when a server does not say how long its access token lives, and at most this long. Seconds. */
const defaultLife = 300
const longestLife = 86_400

/** The members of a token answer (RFC 6749 section 5.1) that we use, as forgiving as can be. */
export interface TokenAnswer {
  readonly accessToken: string | undefined
  readonly refreshToken: string | undefined
  readonly lifeSeconds: number
  /** It is whole and of a token type we can use: its access token may be used without further judgement. */
  readonly sound: boolean
  readonly scope: string | undefined
  /** `sub`, as a member or inside a JWT access or ID token: who the person is at the provider. */
  readonly subject: string | undefined
}

const text = z.string().min(1).optional().catch(undefined)
const answerSchema = z.object({
  access_token: text,
  refresh_token: text,
  id_token: text,
  token_type: text,
  scope: text,
  sub: text,
  expires_in: z.coerce.number().positive().optional().catch(undefined),
})

/** Reads a token answer; of one that was cut short, whatever whole tokens are in it. */
export function readTokenAnswer(bytes: Buffer): TokenAnswer {
  const body = bytes.toString('utf8').replace(/^\uFEFF/, '')
  let members: unknown
  try {
    members = JSON.parse(body)
  } catch {
    members = Object.fromEntries(
      ['access_token', 'refresh_token'].map((name) => [
        name,
        new RegExp(`"${name}"\\s*:\\s*"([^"\\\\]+)"`).exec(body)?.[1],
      ]),
    )
  }
  const parsed = answerSchema.safeParse(members)
  const found: z.output<typeof answerSchema> = parsed.success ? parsed.data : {}
  return {
    accessToken: found.access_token,
    refreshToken: found.refresh_token,
    lifeSeconds: Math.min(found.expires_in ?? defaultLife, longestLife),
    sound: /^(bearer|dpop)$/i.test(found.token_type ?? ''),
    scope: found.scope,
    subject: found.sub ?? jwtSubject(found.id_token) ?? jwtSubject(found.access_token),
  }
}

/** `sub` of a JWT, unverified: it names the person and opens nothing. */
function jwtSubject(token: string | undefined): string | undefined {
  const payload = token?.split('.')[1]
  if (payload === undefined) return undefined
  try {
    const { sub } = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'))
    return typeof sub === 'string' && sub !== '' ? sub : undefined
  } catch {
    return undefined
  }
}

/**
 * The record that follows from an answer. An answer without a refresh token leaves the old one in force
 * (RFC 6749 section 6); one without a usable access token counts as expired, so the next call refreshes.
 */
export function nextGrant(
  old: Pick<Grant, 'generation' | 'refreshToken' | 'rotates' | 'dpopKey'>,
  answer: TokenAnswer,
  at: number,
  usable = true,
): Grant {
  const accessToken = usable ? (answer.accessToken ?? null) : null
  const rotated = answer.refreshToken !== undefined && answer.refreshToken !== old.refreshToken
  return {
    kind: 'grant',
    generation: old.generation + 1,
    refreshToken: answer.refreshToken ?? old.refreshToken,
    accessToken,
    receivedAt: at,
    expiresAt: accessToken === null ? at : at + answer.lifeSeconds * 1000,
    // Only an answer to a refresh teaches it; one rotation is enough to expect the next.
    rotates: old.refreshToken === null ? undefined : rotated || old.rotates === true,
    dpopKey: old.dpopKey,
  }
}
