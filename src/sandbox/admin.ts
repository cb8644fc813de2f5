import type { SandboxControl } from './control.ts'
import type { Answer, Call } from './http.ts'
import { json, jsonText } from './http.ts'
import type { FdxProvider, Provider } from './invented/plan.ts'
import { fdxProviders, providers } from './invented/plan.ts'
import type { Json } from './json.ts'
import { misbehaviours } from './misbehaviours.ts'
import type { Misbehaviour } from './switchboard.ts'

/** `/admin/…`: the control of the sandbox, for people and child processes. JSON in, JSON out. */
export async function adminAnswer(
  call: Call,
  control: SandboxControl,
): Promise<Answer | undefined> {
  const act = actions[`${call.method} ${call.url.pathname.slice('/admin/'.length)}`]
  if (!act) return undefined
  try {
    const result = await act(control, call.url.searchParams, readBody(call.body))
    return jsonText(200, JSON.stringify(result ?? { done: true }))
  } catch (error) {
    if (error instanceof RangeError || error instanceof SyntaxError)
      return json(400, { message: error.message })
    throw error
  }
}

type Body = Readonly<Record<string, unknown>>
type Action = (control: SandboxControl, query: URLSearchParams, body: Body) => unknown

const actions: Readonly<Record<string, Action>> = {
  'GET people': (control, query) => {
    const provider = providerIn(query.get('provider'))
    return control.people(
      provider,
      wholeOr(query.get('offset'), 0),
      wholeOr(query.get('limit'), 100),
    )
  },
  'GET logins': (control, query) =>
    control.logins(wholeOr(query.get('offset'), 0), wholeOr(query.get('limit'), 100)),
  'GET truth': (control, query) =>
    control.truth(providerIn(query.get('provider')), whole(query.get('person'))),
  'GET links': (control, query) =>
    control.links(fdxProviderIn(query.get('provider')), whole(query.get('person'))),
  'GET elsewhere': (control) => control.elsewhere(),
  'GET requests': (control) => control.requests(),
  'GET misbehaviours': (control) => ({ on: control.rules(), all: misbehaviours }),
  'POST misbehave': (control, _query, body) => {
    control.misbehave(body as unknown as Misbehaviour)
    return { on: control.rules() }
  },
  'POST behave': (control) => control.behave(),
  'POST grants': (control, _query, body) =>
    control.grant(
      fdxProviderIn(body['provider']),
      whole(body['person']),
      optionalText(body['scope']),
    ),
  'POST withdraw': (control, _query, body) => ({
    withdrawn: control.withdraw(fdxProviderIn(body['provider']), whole(body['person'])),
  }),
  'POST today': (control, _query, body) => control.moveTo(String(body['today'])),
  'POST clock': (control, _query, body) => control.advance(whole(body['seconds'])),
  'POST webhook': async (control, _query, body) => {
    const url = optionalText(body['url'])
    if (url === undefined || !URL.canParse(url))
      throw new RangeError('A webhook needs a url to go to.')
    const type = optionalText(body['type']) ?? 'GetAccountsDetail'
    if (type !== 'GetAccountsDetail' && type !== 'GetAccountsSummary' && type !== 'GetStatements')
      throw new RangeError('type is GetAccountsDetail, GetAccountsSummary or GetStatements.')
    const login = wholeOr(body['login'], 0)
    return { status: await control.webhook(url, login, type, optionalText(body['signature'])) }
  },
}

function readBody(body: string): Body {
  const value: Json = body === '' ? {} : JSON.parse(body)
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new RangeError('The body must be a JSON object.')
  return value as Body
}

function providerIn(value: unknown): Provider {
  const found = providers.find((name) => name === value)
  if (!found) throw new RangeError(`provider must be one of: ${providers.join(', ')}.`)
  return found
}

function fdxProviderIn(value: unknown): FdxProvider {
  const found = fdxProviders.find((name) => name === value)
  if (!found) throw new RangeError(`provider must be one of: ${fdxProviders.join(', ')}.`)
  return found
}

function whole(value: unknown): number {
  const number = value === null || value === '' ? Number.NaN : Number(value)
  if (!Number.isSafeInteger(number) || number < 0)
    throw new RangeError('person, login, seconds, offset and limit are whole numbers, 0 or more.')
  return number
}

function wholeOr(value: unknown, usual: number): number {
  return value === null || value === undefined ? usual : whole(value)
}

function optionalText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
