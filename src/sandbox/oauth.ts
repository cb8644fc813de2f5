import { createHash } from 'node:crypto'
import { sandboxCredentials } from './credentials.ts'
import type { Grant, Grants } from './grants.ts'
import type { Answer, Call } from './http.ts'
import { bearer, header, json, jsonText } from './http.ts'
import { personOf } from './invented/person.ts'
import type { JsonObject } from './json.ts'
import type { SandboxOptions } from './options.ts'
import type { Shape } from './shape.ts'
import type { Switchboard } from './switchboard.ts'
import { troubleAfterToken, troubleBeforeToken } from './troubles/token.ts'

/** What the authorization server of a provider works with. */
export interface OauthTools {
  readonly options: SandboxOptions
  readonly grants: Grants
  readonly switches: Switchboard
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** Address of the sandbox, without a slash at the end. */
  readonly origin: string
}

/** `POST` to the token endpoint: the three grants of RFC 6749, by the provider's dialect. */
export function tokenAnswer(shape: Shape, call: Call, tools: OauthTools): Answer {
  const form = formOf(shape, call)
  const { grants, switches, now } = tools
  const refreshed = grants.readRefresh(shape.provider, form?.get('refresh_token') ?? undefined)
  const person = refreshed?.grant.person ?? grants.readCode(form?.get('code') ?? '')?.grant.person
  const about = { provider: shape.provider, endpoint: 'token', person } as const
  const instead = troubleBeforeToken(switches, about, now(), tools.origin)
  if (instead) return instead
  if (!form) return refused(400, 'invalid_request', 'The body is in no form this endpoint reads.')
  const struck = switches.strikes('invalid_client', about) !== undefined
  if (struck || !authenticated(call, form))
    return refused(shape.oauth.invalidClient, 'invalid_client', 'Client authentication failed.')
  const answer = grantAnswer(shape, form, tools, about)
  return answer.status === 200 ? troubleAfterToken(switches, about, answer) : answer
}

function grantAnswer(
  shape: Shape,
  form: URLSearchParams,
  tools: OauthTools,
  about: Parameters<typeof troubleAfterToken>[1],
): Answer {
  switch (form.get('grant_type')) {
    case 'authorization_code':
      return redeem(shape, form, tools)
    case 'refresh_token':
      if (tools.switches.strikes('invalid_grant', about) !== undefined)
        return refused(400, 'invalid_grant', 'The consent was withdrawn.')
      return refresh(shape, form, tools)
    case 'client_credentials':
      if (shape.oauth.clientCredentials) return clientToken(shape, tools)
      return refused(400, 'unauthorized_client', 'This client may not use client_credentials.')
    default:
      return refused(400, 'unsupported_grant_type', 'Use authorization_code or refresh_token.')
  }
}

/** The body's members, from a form or, where the dialect says so, from JSON. */
function formOf(shape: Shape, call: Call): URLSearchParams | undefined {
  const type = header(call, 'content-type') ?? ''
  if (type.startsWith('application/x-www-form-urlencoded')) return new URLSearchParams(call.body)
  if (!shape.oauth.jsonBody || !type.startsWith('application/json')) return undefined
  try {
    const body: unknown = JSON.parse(call.body)
    if (typeof body !== 'object' || body === null) return undefined
    return new URLSearchParams(
      Object.entries(body).map(([name, value]): [string, string] => [name, String(value)]),
    )
  } catch {
    return undefined
  }
}

/** client_secret_post or client_secret_basic (RFC 6749 2.3.1). */
function authenticated(call: Call, form: URLSearchParams): boolean {
  const { clientId, clientSecret } = sandboxCredentials
  const basic = /^Basic +(\S+)$/i.exec(header(call, 'authorization') ?? '')?.[1]
  if (basic !== undefined) {
    const [id = '', secret = ''] = Buffer.from(basic, 'base64').toString('utf8').split(':')
    return formDecoded(id) === clientId && formDecoded(secret) === clientSecret
  }
  return form.get('client_id') === clientId && form.get('client_secret') === clientSecret
}

function formDecoded(text: string): string {
  return new URLSearchParams(`v=${text}`).get('v') ?? ''
}

function redeem(shape: Shape, form: URLSearchParams, tools: OauthTools): Answer {
  const code = tools.grants.readCode(form.get('code') ?? '')
  if (!code || code.grant.provider !== shape.provider)
    return refused(400, 'invalid_grant', 'The code is unknown or more than five minutes old.')
  if (code.used) {
    // RFC 6749 4.1.2: a code that comes twice was stolen once, so its tokens end.
    code.grant.revoked = true
    return refused(400, 'invalid_grant', 'The code was used before; its tokens are revoked.')
  }
  if (form.get('redirect_uri') !== code.redirectUri)
    return refused(400, 'invalid_grant', 'redirect_uri differs from the one of the request.')
  if (code.challenge !== undefined && s256(form.get('code_verifier') ?? '') !== code.challenge)
    return refused(400, 'invalid_grant', 'code_verifier does not fit the challenge.')
  code.used = true
  return tokens(shape, code.grant, tools, true)
}

function s256(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url')
}

function refresh(shape: Shape, form: URLSearchParams, tools: OauthTools): Answer {
  const { grants, options, now } = tools
  const found = grants.readRefresh(shape.provider, form.get('refresh_token') ?? undefined)
  if (!found || found.grant.revoked)
    return refused(400, 'invalid_grant', 'The refresh token is unknown or revoked.')
  const { grant, generation } = found
  if (now() - grant.usedAt > options.refreshIdleDays * 86_400_000) {
    grant.revoked = true
    return refused(400, 'invalid_grant', `Unused for ${options.refreshIdleDays} days.`)
  }
  if (shape.oauth.refresh === 'kept') return tokens(shape, grant, tools, false)
  if (generation === grant.generation) return rotate(shape, grant, tools)
  const young = now() - grant.rotatedAt <= options.graceSeconds * 1000
  if (shape.oauth.refresh === 'grace' && young && generation === grant.generation - 1)
    return jsonText(200, grant.lastAnswer ?? '{}')
  grant.revoked = true
  return refused(400, 'invalid_grant', 'A used refresh token came again; the grant is revoked.')
}

function rotate(shape: Shape, grant: Grant, tools: OauthTools): Answer {
  const about = { provider: shape.provider, endpoint: 'token', person: grant.person } as const
  const without = tools.switches.strikes('refresh_without_refresh_token', about)
  if (without !== undefined) return tokens(shape, grant, tools, false, without)
  grant.generation += 1
  grant.rotatedAt = tools.now()
  const answer = tokens(shape, grant, tools, true)
  grant.lastAnswer = String(answer.body)
  return answer
}

function tokens(
  shape: Shape,
  grant: Grant,
  tools: OauthTools,
  withRefresh: boolean,
  without = withRefresh
    ? undefined
    : tools.switches.strikes('refresh_without_refresh_token', {
        provider: shape.provider,
        endpoint: 'token',
        person: grant.person,
      }),
): Answer {
  grant.usedAt = tools.now()
  const seconds = tokenSeconds(shape, grant, tools)
  const body: JsonObject = {
    access_token: tools.grants.accessToken(grant, seconds),
    token_type: 'Bearer',
    expires_in: seconds,
    refresh_token: withRefresh ? tools.grants.refreshToken(grant) : absent[without ?? 'absent'],
    scope: grant.scope,
    sub: shape.oauth.subInAnswer ? grant.sub : undefined,
  }
  return json(200, body)
}

const absent: Readonly<Record<string, null | '' | undefined>> = { null: null, empty: '' }

function tokenSeconds(shape: Shape, grant: Grant, { options, switches }: OauthTools): number {
  const about = { provider: shape.provider, endpoint: 'token', person: grant.person } as const
  const early = switches.strikes('expires_mid_paging', about)
  grant.requestsLeft = early === '2_requests' ? 2 : Infinity
  return early === '1_second' ? 1 : options.accessTokenSeconds
}

/** A token for the client itself, which opens the list of providers and no person's data. */
function clientToken(shape: Shape, tools: OauthTools): Answer {
  const grant = tools.grants.open(shape.provider, -1, sandboxCredentials.clientId, 'providers')
  return json(200, {
    access_token: tools.grants.accessToken(grant, tools.options.accessTokenSeconds),
    token_type: 'Bearer',
    expires_in: tools.options.accessTokenSeconds,
  })
}

/** Flinks: `DELETE` with the access token, 204. Others: RFC 7009, 200 for any token. */
export function revokeAnswer(shape: Shape, call: Call, tools: OauthTools): Answer {
  const { grants } = tools
  if (shape.oauth.revokeBy === 'bearer') {
    const grant = grants.readAccess(shape.provider, bearer(call))
    if (!grant) return refused(400, 'invalid_request', 'The access token is not alive.')
    grant.revoked = true
    return { status: 204 }
  }
  const form = formOf(shape, call)
  if (!form || !authenticated(call, form))
    return refused(shape.oauth.invalidClient, 'invalid_client', 'Client authentication failed.')
  const token = form.get('token') ?? ''
  const grant =
    grants.readRefresh(shape.provider, token)?.grant ?? grants.readAccess(shape.provider, token)
  if (grant) grant.revoked = true
  return { status: 200 }
}

function refused(status: number, error: string, description: string): Answer {
  return json(status, { error, error_description: description })
}

/** Opens a grant for a person, as when they press Allow. */
export function openGrant(
  shape: Shape,
  person: number,
  scope: string,
  tools: Pick<OauthTools, 'grants' | 'options'>,
): Grant {
  const { sub } = personOf(tools.options.seed, shape.provider, person)
  return tools.grants.open(shape.provider, person, sub, scope)
}

/** RFC 8414 metadata of a provider that has it. */
export function metadataOf(shape: Shape, origin: string): JsonObject {
  const { oauth } = shape
  return {
    issuer: `${origin}${oauth.metadata ?? ''}`,
    authorization_endpoint: `${origin}${oauth.authorize}`,
    token_endpoint: `${origin}${oauth.token}`,
    revocation_endpoint: `${origin}${oauth.revoke}`,
    response_types_supported: ['code'],
    grant_types_supported: ['authorization_code', 'refresh_token'],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    authorization_response_iss_parameter_supported: true,
    scopes_supported: Object.values(oauth.scopes),
  }
}
