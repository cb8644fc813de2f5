import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto'
import { sandboxCredentials } from './credentials.ts'
import type { FdxProvider } from './invented/plan.ts'

/** What one consumer let one client do at one provider. The only thing here that grows with use. */
export interface Grant {
  readonly id: string
  readonly provider: FdxProvider
  readonly person: number
  readonly sub: string
  readonly scope: string
  /** How often the refresh token was changed. */
  generation: number
  /** Milliseconds since 1970 of the last token request. */
  usedAt: number
  rotatedAt: number
  /** The last token answer of a provider with grace, to be given again. */
  lastAnswer: string | undefined
  revoked: boolean
  /** Data requests that the access token is still good for; see `expires_mid_paging`. */
  requestsLeft: number
  /** `account/statement` of downloads that were answered with 1300 once. */
  readonly statementsAsked: Set<string>
}

export interface Code {
  readonly grant: Grant
  readonly redirectUri: string
  readonly challenge: string | undefined
  readonly expiresAt: number
  used: boolean
}

export interface Grants {
  /** A new grant, not yet spent on any token. */
  open(provider: FdxProvider, person: number, sub: string, scope: string): Grant
  code(grant: Grant, redirectUri: string, challenge: string | undefined): string
  readCode(code: string): Code | undefined
  accessToken(grant: Grant, seconds: number): string
  /** The grant of an access token that is alive. */
  readAccess(provider: FdxProvider, token: string | undefined): Grant | undefined
  refreshToken(grant: Grant): string
  /** The grant of a refresh token and the token's generation, alive or not. */
  readRefresh(
    provider: FdxProvider,
    token: string | undefined,
  ): { readonly grant: Grant; readonly generation: number } | undefined
  grantsOf(provider: FdxProvider, person: number): readonly Grant[]
}

const codeLife = 300_000

/** Keeps grants in memory. Tokens carry their grant's id and a MAC, so tokens themselves are not kept. */
export function openGrants(now: () => number): Grants {
  const grants = new Map<string, Grant>()
  const codes = new Map<string, Code>()
  const secret = randomUUID()
  const mac = (text: string) => createHmac('sha256', secret).update(text).digest('base64url')
  const signed = (text: string, given: string) => {
    const wanted = Buffer.from(mac(text))
    const got = Buffer.from(given)
    return wanted.length === got.length && timingSafeEqual(wanted, got)
  }
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

  return {
    open(provider, person, sub, scope) {
      const grant: Grant = {
        id: randomUUID(),
        provider,
        person,
        sub,
        scope,
        generation: 0,
        usedAt: now(),
        rotatedAt: 0,
        lastAnswer: undefined,
        revoked: false,
        requestsLeft: Infinity,
        statementsAsked: new Set(),
      }
      grants.set(grant.id, grant)
      return grant
    },
    code(grant, redirectUri, challenge) {
      for (const [text, old] of codes) if (old.expiresAt < now()) codes.delete(text)
      const code = randomUUID()
      codes.set(code, { grant, redirectUri, challenge, expiresAt: now() + codeLife, used: false })
      return code
    },
    readCode(text) {
      const code = codes.get(text)
      return code && code.expiresAt >= now() ? code : undefined
    },
    accessToken(grant, seconds) {
      const issued = Math.floor(now() / 1000)
      const claims = {
        client_id: sandboxCredentials.clientId,
        sub: grant.sub,
        scope: grant.scope,
        iat: issued,
        exp: issued + seconds,
        jti: grant.id,
      }
      const text = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`
      return `${text}.${mac(text)}`
    },
    readAccess(provider, token) {
      const [head, claims, given, ...more] = (token ?? '').split('.')
      if (!head || !claims || !given || more.length > 0) return undefined
      if (!signed(`${head}.${claims}`, given)) return undefined
      const { jti, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as {
        jti: string
        exp: number
      }
      const grant = grants.get(jti)
      if (!grant || grant.revoked || grant.provider !== provider) return undefined
      return exp * 1000 > now() ? grant : undefined
    },
    refreshToken(grant) {
      const text = `${grant.id}.${grant.generation}`
      return `rt.${text}.${mac(text)}`
    },
    readRefresh(provider, token) {
      const [mark, id, generation, given, ...more] = (token ?? '').split('.')
      if (mark !== 'rt' || !id || !generation || !given || more.length > 0) return undefined
      if (!signed(`${id}.${generation}`, given)) return undefined
      const grant = grants.get(id)
      if (!grant || grant.provider !== provider) return undefined
      return { grant, generation: Number(generation) }
    },
    grantsOf: (provider, person) =>
      [...grants.values()].filter((one) => one.provider === provider && one.person === person),
  }
}
