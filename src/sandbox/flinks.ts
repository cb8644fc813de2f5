import { randomUUID } from 'node:crypto'
import { connectAnswer } from './connect-page.ts'
import { sandboxCredentials } from './credentials.ts'
import type { Endpoint } from './endpoints.ts'
import { flinksError } from './flinks-errors.ts'
import { loginOf, securityQuestion, temperOf } from './flinks-logins.ts'
import { institution, links, loginMember, payloadOf } from './flinks-payload.ts'
import type { FlinksTools, Session } from './flinks-state.ts'
import { sessionLife } from './flinks-state.ts'
import type { Answer, Call } from './http.ts'
import { header, json, jsonText } from './http.ts'
import type { JsonObject } from './json.ts'
import type { About } from './switchboard.ts'
import { troubledBytes } from './troubles/bytes.ts'
import { authorizeTrouble, dataTrouble } from './troubles/flinks.ts'

const services = `/flinks/v3/${sandboxCredentials.flinksCustomerId}/BankingServices/`

/** The answer of Flinks' native API; undefined for a path that is not part of it. */
export function flinksAnswer(call: Call, tools: FlinksTools): Answer | undefined {
  const { pathname } = call.url
  if (pathname === '/flinks/v2/' || pathname === '/flinks/v2') {
    tools.count({ provider: 'flinks', endpoint: 'connect', person: undefined })
    return connectAnswer(call, tools)
  }
  if (!pathname.startsWith(services)) return undefined
  const [name = '', id = '', ...more] = pathname.slice(services.length).split('/')
  if (more.length > 0) return undefined
  const body = call.body === '' ? {} : readBody(call.body)
  if (!body) return flinksError('INVALID_REQUEST')
  return service(`${call.method} ${name}`, name as Endpoint, id, call, body, tools)
}

function service(
  route: string,
  endpoint: Endpoint,
  id: string,
  call: Call,
  body: Body,
  tools: FlinksTools,
): Answer | undefined {
  switch (route) {
    case 'POST GenerateAuthorizeToken':
      return generateToken(call, tools)
    case 'POST Authorize':
      return authorize(call, body, tools)
    case 'POST GetAccountsSummary':
    case 'POST GetAccountsDetail':
    case 'POST GetStatements':
      return data(endpoint, endpoint, text(body['RequestId']), call, body, tools)
    case 'GET GetAccountsSummaryAsync':
    case 'GET GetAccountsDetailAsync':
    case 'GET GetStatementsAsync':
      return data(endpoint, endpoint.slice(0, -5) as Endpoint, id, call, {}, tools)
    case 'DELETE DeleteCard':
      return deleteCard(id, tools)
    default:
      return undefined
  }
}

type Body = Readonly<Record<string, unknown>>

function readBody(body: string): Body | undefined {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null ? (value as Body) : undefined
  } catch {
    return undefined
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function generateToken(call: Call, { state, count }: FlinksTools): Answer {
  count({ provider: 'flinks', endpoint: 'GenerateAuthorizeToken', person: undefined })
  if (header(call, 'flinks-auth-key') !== sandboxCredentials.flinksAuthKey)
    return flinksError('UNAUTHORIZED')
  const token = randomUUID()
  state.tokens.add(token)
  return json(200, { HttpStatusCode: 200, Token: token })
}

/** Opens a session: at once, or after the security questions, or not at all (flinks-native 4). */
function authorize(call: Call, body: Body, tools: FlinksTools): Answer {
  const { state, options, switches, now } = tools
  const old = state.sessions.get(text(body['RequestId']))
  const login = old?.login ?? loginOf(options.seed, text(body['LoginId']), options.connections)
  const about: About = { provider: 'flinks', endpoint: 'Authorize', person: login }
  tools.count(about)
  // A token is spent by its first use, whatever comes of it.
  if (!state.tokens.delete(header(call, 'flinks-auth-key') ?? ''))
    return flinksError('UNAUTHORIZED')
  if (login === undefined || state.deleted.has(login)) return flinksError('INVALID_LOGIN')
  const trouble = authorizeTrouble(switches, about)
  if (trouble) return trouble
  if (temperOf(login) === 'disabled') return flinksError('DISABLED_LOGIN')
  const live = body['MostRecentCached'] === false
  const session = old ?? openSession(login, body, tools)
  const responses = body['SecurityResponses']
  if (old && responses) {
    const refused = securityResponses(responses)
    if (refused) return refused
    state.answered.add(login)
  } else if (asksQuestions(login, live, tools, about)) return challenge(session)
  session.authorized = true
  if (live || responses) state.refreshedAt.set(login, now())
  return json(200, {
    Links: links('GetAccountsDetail', session.requestId),
    HttpStatusCode: 200,
    Login: loginMember(login, tools),
    ...institution,
    RequestId: session.requestId,
    Tag: session.tag,
  })
}

/** An `mfa` login asks when live, and when cached until somebody has answered once. */
function asksQuestions(
  login: number,
  live: boolean,
  { switches, state }: FlinksTools,
  about: About,
): boolean {
  if (switches.strikes('mfa', about) !== undefined) return true
  return temperOf(login) === 'mfa' && (live || !state.answered.has(login))
}

function openSession(login: number, body: Body, { state, now }: FlinksTools): Session {
  for (const [id, { touched }] of state.sessions)
    if (now() - touched > sessionLife) state.sessions.delete(id)
  const session: Session = {
    requestId: randomUUID(),
    login,
    tag: typeof body['Tag'] === 'string' ? body['Tag'] : undefined,
    firstAsked: undefined,
    authorized: false,
    touched: now(),
    detail: undefined,
  }
  state.sessions.set(session.requestId, session)
  return session
}

function challenge(session: Session): Answer {
  return json(203, {
    HttpStatusCode: 203,
    SecurityChallenges: [{ Type: 'QuestionAndAnswer', Prompt: securityQuestion.prompt }],
    ...institution,
    RequestId: session.requestId,
  })
}

/** A map of the exact prompt to a list of answers. */
function securityResponses(responses: unknown): Answer | undefined {
  const entries = Object.entries(responses ?? {})
  const answer = entries.find(([prompt]) => prompt === securityQuestion.prompt)?.[1]
  if (answer === undefined) return flinksError('UNKNOWN_CHALLENGE_KEY')
  const given: unknown = Array.isArray(answer) ? answer[0] : answer
  return given === securityQuestion.answer ? undefined : flinksError('INVALID_SECURITY_RESPONSE')
}

/** A data endpoint or its polling twin: 202 while the login is slow, then the same 200. */
function data(
  endpoint: Endpoint,
  what: Endpoint,
  requestId: string,
  call: Call,
  body: Body,
  tools: FlinksTools,
): Answer {
  const { state, options, switches, now } = tools
  const session = state.sessions.get(requestId)
  const about: About = { provider: 'flinks', endpoint, person: session?.login }
  tools.count(about)
  if (options.apiKeyRequired && header(call, 'x-api-key') !== sandboxCredentials.flinksApiKey)
    return flinksError('UNAUTHORIZED')
  if (!session?.authorized || now() - session.touched > sessionLife)
    return flinksError('SESSION_NONEXISTENT')
  const trouble = dataTrouble(switches, about, now(), tools.origin)
  if (trouble) return trouble
  session.touched = now()
  session.firstAsked ??= now()
  session.detail = endpoint === what ? { ...(body as JsonObject) } : session.detail
  const slow =
    (temperOf(session.login) === 'slow' || switches.strikes('slow', about) !== undefined) &&
    now() - session.firstAsked < options.pendingSeconds * 1000
  const forever = switches.strikes('pending_forever', about) !== undefined
  const partial = endpoint === what && switches.strikes('partial_202', about) !== undefined
  const payload = () => payloadOf(what, session, tools, about)
  if (slow || forever || partial) return pending(what, requestId, partial ? payload() : {})
  return troubledBytes(switches, about, jsonText(200, JSON.stringify(payload())))
}

function pending(what: Endpoint, requestId: string, partial: JsonObject): Answer {
  const { Accounts } = partial
  return json(202, {
    FlinksCode: 'OPERATION_PENDING',
    Links: links(`${what}Async`, requestId),
    HttpStatusCode: 202,
    Message: 'Your operation is still processing',
    RequestId: requestId,
    Accounts: Array.isArray(Accounts) ? Accounts.slice(0, 1) : undefined,
  })
}

function deleteCard(loginId: string, { state, options, switches, count }: FlinksTools): Answer {
  const login = loginOf(options.seed, loginId, options.connections)
  const about: About = { provider: 'flinks', endpoint: 'DeleteCard', person: login }
  count(about)
  if (login === undefined || state.deleted.has(login)) return flinksError('INVALID_LOGIN')
  if (switches.strikes('card_in_use', about) !== undefined) return flinksError('CARD_IN_USE')
  state.deleted.add(login)
  for (const [id, session] of state.sessions) if (session.login === login) state.sessions.delete(id)
  return json(200, { HttpStatusCode: 200, StatusCode: 200, Message: `Card ${loginId} deleted` })
}
