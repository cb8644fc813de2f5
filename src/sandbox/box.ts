import { dayOf } from './calendar.ts'
import type { SandboxControl, Stranger } from './control.ts'
import type { Endpoint } from './endpoints.ts'
import type { FdxTools } from './fdx.ts'
import { loginIdOf, temperOf } from './flinks-logins.ts'
import { payloadOf } from './flinks-payload.ts'
import type { FlinksTools, Session } from './flinks-state.ts'
import { newFlinksState } from './flinks-state.ts'
import { openGrants } from './grants.ts'
import type { Call } from './http.ts'
import { header } from './http.ts'
import type { Household } from './invented/book.ts'
import { householdOf } from './invented/book.ts'
import { livesDays, trueLinks } from './invented/lives.ts'
import { personOf } from './invented/person.ts'
import type { Provider } from './invented/plan.ts'
import { planOf } from './invented/plan.ts'
import { truthOf } from './invented/truth.ts'
import { openGrant } from './oauth.ts'
import type { SandboxOptions } from './options.ts'
import { sandboxOptions } from './options.ts'
import { shapes } from './shape.ts'
import type { About } from './switchboard.ts'
import { openSwitchboard } from './switchboard.ts'
import { sendWebhook, webhookSignature } from './webhook.ts'

/** How many transactions are kept between requests, so that the pages of one account are computed once. */
const transactionsKept = 200_000
/** What a household has when no number is given. */
const usualTransactions = 1500

/** Headers that must not reach another origin. */
const secretHeaders = ['authorization', 'x-api-key', 'flinks-auth-key', 'dpop']
const strangersKept = 1000

/** The inside of a running sandbox: its state, and what the two families of providers work with. */
export interface Box {
  readonly url: string
  readonly control: SandboxControl
  tools(): FdxTools
  flinksTools(): FlinksTools
  /** Remembers a request that came by another name of this machine; see `SandboxControl.elsewhere`. */
  noteHost(call: Call): void
}

/** Puts a sandbox together; `url` is where it will be reached. */
export function openBox(given: SandboxOptions, url: string): Box {
  let options = given
  let ahead = 0
  const now = () => given.clock() + ahead
  const switches = openSwitchboard()
  const grants = openGrants(now)
  const flinks = newFlinksState()
  const counts: Partial<Record<Provider, Partial<Record<Endpoint, number>>>> = {}
  const households = new Map<string, Household>()
  const each = (given.transactions ?? usualTransactions) * (given.accounts ?? 1)
  const householdsKept = Math.min(512, Math.max(4, Math.floor(transactionsKept / (each + 1))))

  const household = (provider: Provider, person: number): Household => {
    const key = `${provider}/${person}`
    const kept = households.get(key)
    const found = kept ?? householdOf({ ...options, today: dayOf(options.today) }, provider, person)
    households.delete(key)
    households.set(key, found)
    const [oldest] = households.keys()
    if (households.size > householdsKept && oldest !== undefined) households.delete(oldest)
    return found
  }
  const known = (person: number): number => {
    if (Number.isSafeInteger(person) && person >= 0 && person < options.connections) return person
    throw new RangeError(`There is no person ${person}; they are 0 to ${options.connections - 1}.`)
  }
  const count = ({ provider, endpoint }: About): void => {
    counts[provider] ??= {}
    const row = counts[provider]
    row[endpoint] = (row[endpoint] ?? 0) + 1
  }
  const elsewhere: Stranger[] = []
  const shared = () => ({ options, switches, now, origin: url, count })
  const tools = (): FdxTools => ({ ...shared(), grants, household })
  const flinksTools = (): FlinksTools => ({
    ...shared(),
    state: flinks,
    household: (login) => household('flinks', login),
  })
  const range = (offset: number, limit: number): number[] => {
    const end = Math.min(options.connections, offset + Math.min(limit, 10_000))
    return Array.from({ length: Math.max(0, end - offset) }, (_, at) => offset + at)
  }

  const control: SandboxControl = {
    elsewhere: () => [...elsewhere],
    misbehave: (rule) => switches.on(rule),
    behave: () => switches.off(),
    rules: () => switches.rules(),
    truth: (provider, person) => truthOf(household(provider, known(person))),
    links: (provider, person) => {
      const today = dayOf(options.today)
      return household(provider, known(person))
        .accounts.filter(({ key }) => key.kind === 'deposit')
        .flatMap(({ key }) => trueLinks(key, today - livesDays, today))
    },
    requests: () => structuredClone(counts),
    people: (provider, offset = 0, limit = 100) =>
      range(offset, limit).map((person) => {
        const { name, sub } = personOf(options.seed, provider, person)
        return { person, name, sub, accounts: planOf(provider, person, options.accounts) }
      }),
    logins: (offset = 0, limit = 100) =>
      range(offset, limit).map((login) => ({
        login,
        loginId: loginIdOf(options.seed, login),
        name: personOf(options.seed, 'flinks', login).name,
        temper: temperOf(login),
      })),
    grant(provider, person, scope) {
      const shape = shapes[provider]
      const words = scope ?? Object.values(shape.oauth.scopes).join(' ')
      const grant = openGrant(shape, known(person), words, { grants, options })
      return { refreshToken: grants.refreshToken(grant), sub: grant.sub, scope: grant.scope }
    },
    withdraw(provider, person) {
      const alive = grants.grantsOf(provider, known(person)).filter((grant) => !grant.revoked)
      for (const grant of alive) grant.revoked = true
      return alive.length
    },
    moveTo(today) {
      options = sandboxOptions({ ...options, today })
      households.clear()
    },
    advance(seconds) {
      ahead += seconds * 1000
    },
    async webhook(target, login, type = 'GetAccountsDetail', signature) {
      const about: About = { provider: 'flinks', endpoint: type, person: known(login) }
      const session: Session = {
        requestId: crypto.randomUUID(),
        login,
        tag: undefined,
        firstAsked: undefined,
        authorized: true,
        touched: now(),
        detail: undefined,
      }
      const payload = { ...payloadOf(type, session, flinksTools(), about), ResponseType: type }
      const body = JSON.stringify(payload)
      return sendWebhook(target, body, signature ?? webhookSignature(body))
    },
  }
  const noteHost = (call: Call): void => {
    if (header(call, 'host') === new URL(url).host) return
    const secrets = secretHeaders.filter((name) => header(call, name) !== undefined)
    if (/client_secret|refresh_token/.test(call.body)) secrets.push('body')
    elsewhere.push({ path: call.url.pathname, secrets })
    if (elsewhere.length > strangersKept) elsewhere.shift()
  }
  return { url, control, tools, flinksTools, noteHost }
}
