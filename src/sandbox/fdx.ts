import { dayOf } from './calendar.ts'
import { writeAccount, writeTransaction } from './dialect/accounts.ts'
import { writeContact, writeCustomer, writePaymentNetworks } from './dialect/people.ts'
import type { Endpoint } from './endpoints.ts'
import { assetTransferNetworks, rewardAnswer, taxForms } from './extras.ts'
import { fdxError, tokenRefused } from './fdx-errors.ts'
import type { Grant } from './grants.ts'
import type { Answer, Call } from './http.ts'
import { bearer, header, jsonText } from './http.ts'
import type { Account, Household } from './invented/book.ts'
import { livesDays, livesOn } from './invented/lives.ts'
import type { Movement } from './invented/transactions.ts'
import type { Json, JsonObject } from './json.ts'
import type { OauthTools } from './oauth.ts'
import { pageMembers, pageOf, sliceOf } from './paging.ts'
import type { Resource, Shape } from './shape.ts'
import { statementAnswer, statementsOf } from './statements.ts'
import type { About } from './switchboard.ts'
import { answerTrouble, refusalTrouble } from './troubles/answers.ts'
import { troubledBytes } from './troubles/bytes.ts'
import { troubledPage } from './troubles/pages.ts'
import { numericId, troubledAccounts, troubledTransactions } from './troubles/records.ts'
import type { Window } from './window.ts'
import { windowOf } from './window.ts'

export interface FdxTools extends OauthTools {
  readonly household: (provider: Shape['provider'], person: number) => Household
  /** Counts a request. */
  readonly count: (about: About) => void
}

/** A data request that passed the door: whose it is and what it is for. */
export interface Asked {
  readonly shape: Shape
  readonly call: Call
  readonly tools: FdxTools
  readonly grant: Grant
  readonly household: Household
  readonly about: About
}

/** Which endpoint a path below the base is, with the ids in it. */
interface Route {
  readonly endpoint: Endpoint
  readonly ids: readonly string[]
}

const routes: readonly (readonly [RegExp, Endpoint])[] = [
  [/^\/customers\/current$/, 'customers'],
  [/^\/accounts$/, 'accounts'],
  [/^\/accounts\/([^/]+)$/, 'account'],
  [/^\/accounts\/([^/]+)\/transactions$/, 'transactions'],
  [/^\/accounts\/([^/]+)\/contact$/, 'contact'],
  [/^\/accounts\/([^/]+)\/payment-networks$/, 'payment-networks'],
  [/^\/accounts\/([^/]+)\/asset-transfer-networks$/, 'asset-transfer-networks'],
  [/^\/accounts\/([^/]+)\/statements$/, 'statements'],
  [/^\/accounts\/([^/]+)\/statements\/([^/]+)$/, 'statement'],
  [/^\/reward-programs$/, 'reward-programs'],
  [/^\/reward-programs\/([^/]+)\/categories$/, 'reward-programs'],
  [/^\/tax-forms$/, 'tax-forms'],
]

/** What a grant must cover for each endpoint. */
const needs: Partial<Record<Endpoint, Resource>> = {
  customers: 'contact',
  contact: 'contact',
  accounts: 'basic',
  account: 'details',
  transactions: 'transactions',
  'payment-networks': 'payments',
  statements: 'statements',
  statement: 'statements',
}

/** The answer to a data request at one FDX provider; undefined when the path is none of its resources. */
export function fdxAnswer(shape: Shape, call: Call, tools: FdxTools): Answer | undefined {
  const route = routeOf(call.url.pathname.slice(shape.base.length))
  if (!route) return undefined
  const grant = tools.grants.readAccess(shape.provider, bearer(call))
  const about: About = { provider: shape.provider, endpoint: route.endpoint, person: grant?.person }
  tools.count(about)
  const answer = { ...guarded(shape, call, tools, route, grant, about) }
  const interaction = header(call, 'x-fapi-interaction-id')
  if (interaction === undefined) return answer
  return { ...answer, headers: { ...answer.headers, 'x-fapi-interaction-id': interaction } }
}

function guarded(
  shape: Shape,
  call: Call,
  tools: FdxTools,
  route: Route,
  grant: Grant | undefined,
  about: About,
): Answer {
  if (call.method !== 'GET') return { ...fdxError(shape, 401), status: 405 }
  if (shape.interactionRequired && !header(call, 'x-fapi-interaction-id'))
    return fdxError(shape, 401)
  if (!grant || grant.person < 0) return tokenRefused(shape)
  if (grant.requestsLeft <= 0) return tokenRefused(shape)
  grant.requestsLeft -= 1
  const instead = answerTrouble(shape, call, tools, about)
  if (instead) return instead
  if (!covers(shape, grant, needs[route.endpoint])) return fdxError(shape, 602)
  const household = tools.household(shape.provider, grant.person)
  return resource({ shape, call, tools, grant, household, about }, route)
}

function routeOf(path: string): Route | undefined {
  for (const [pattern, endpoint] of routes) {
    const found = pattern.exec(path)
    if (found) return { endpoint, ids: found.slice(1).map(decodeURIComponent) }
  }
  return undefined
}

/** A grant without any word that we know opens everything; otherwise each resource needs its own word. */
export function covers(shape: Shape, grant: Grant, resource: Resource | undefined): boolean {
  const words = grant.scope.split(' ')
  const known = Object.values(shape.oauth.scopes)
  if (resource === undefined || !words.some((word) => known.includes(word))) return true
  return words.includes(shape.oauth.scopes[resource])
}

function resource(asked: Asked, { endpoint, ids }: Route): Answer {
  const { shape, household, grant } = asked
  if (endpoint === 'customers') {
    const customer = writeCustomer(shape, household, covers(shape, grant, 'personal'))
    return body(asked, shape.provider === 'rotating' ? { customer } : customer)
  }
  if (endpoint === 'accounts') return accountsAnswer(asked)
  if (endpoint === 'reward-programs') return body(asked, rewardAnswer(asked, ids[0]))
  if (endpoint === 'tax-forms') return body(asked, taxForms(asked))
  const account = accountBy(asked, ids[0] ?? '')
  if (!account) return fdxError(shape, 701)
  const refusal = refusalTrouble(asked, account)
  return refusal ?? ofAccount(asked, endpoint, account, ids[1])
}

function ofAccount(
  asked: Asked,
  endpoint: Endpoint,
  account: Account,
  id: string | undefined,
): Answer {
  const { shape, household } = asked
  switch (endpoint) {
    case 'account':
      return accountAnswer(asked, account)
    case 'transactions':
      return transactionsAnswer(asked, account)
    case 'contact':
      return shape.provider === 'outbound'
        ? fdxError(shape, 501)
        : body(asked, writeContact(shape, household, account))
    case 'payment-networks':
      if (account.key.kind !== 'deposit') return fdxError(shape, shape.version === 5 ? 501 : 704)
      return listAnswer(asked, 'paymentNetworks', writePaymentNetworks(shape, account))
    case 'asset-transfer-networks':
      return body(asked, { assetTransferNetworks: assetTransferNetworks(account) })
    case 'statements': {
      const window = windowOf(asked)
      if (typeof window === 'number') return fdxError(shape, window)
      return listAnswer(asked, 'statements', statementsOf(asked, account, window))
    }
    default:
      return statementAnswer(asked, account, id ?? '')
  }
}

/** The account with this id; ids that were sent as 20-digit numbers are known too. */
function accountBy(asked: Asked, id: string): Account | undefined {
  return asked.household.accounts.find((account) => isCalled(account, id))
}

function isCalled({ accountId }: Account, id: string): boolean {
  return accountId === id || numericId(accountId) === id
}

function accountsAnswer(asked: Asked): Answer {
  const { call, household } = asked
  const wanted = call.url.searchParams.get('accountIds')?.split(',')
  const accounts = household.accounts.filter(
    (account) => wanted?.some((id) => isCalled(account, id)) ?? true,
  )
  const window = windowOf(asked)
  if (typeof window === 'number') return fdxError(asked.shape, window)
  const write = (account: Account) => writtenAccount(asked, account, window)
  return listAnswer(asked, 'accounts', accounts, (rows) =>
    troubledAccounts(asked, rows, rows.map(write)),
  )
}

function writtenAccount(asked: Asked, account: Account, window: Window): JsonObject {
  const { shape, call, grant } = asked
  const lightweight =
    asked.about.endpoint === 'accounts' && call.url.searchParams.get('resultType') !== 'details'
  return writeAccount(shape, account, {
    details: !lightweight && covers(shape, grant, 'details'),
    investments: covers(shape, grant, 'investments'),
    within: window,
  })
}

function accountAnswer(asked: Asked, account: Account): Answer {
  const [written] = troubledAccounts(asked, [account], [writtenAccount(asked, account, () => true)])
  return body(asked, written ?? {})
}

function transactionsAnswer(asked: Asked, account: Account): Answer {
  const window = windowOf(asked)
  if (typeof window === 'number') return fdxError(asked.shape, window)
  const rows = movementsOf(asked, account).filter(window).toReversed()
  return listAnswer(asked, 'transactions', rows, (page) =>
    troubledTransactions(
      asked,
      account,
      page,
      page.map((row) => writeTransaction(asked.shape, account, row)),
    ),
  )
}

/** What the account shows: its ledger, or, where `pending_lives` is on, the lives of single purchases. */
function movementsOf({ about, tools }: Asked, account: Account): readonly Movement[] {
  const isAlive =
    account.key.kind === 'deposit' && tools.switches.strikes('pending_lives', about) !== undefined
  if (!isAlive) return account.statement().movements
  const today = dayOf(tools.options.today)
  return livesOn(account.key, today - livesDays, today)
}

/** A page of a list, under the name that FDX gives the list. */
export function listAnswer<T extends object>(
  asked: Asked,
  name: string,
  all: readonly T[],
  write: (rows: readonly T[]) => readonly Json[] = (rows) => rows as readonly JsonObject[],
): Answer {
  const { shape, call, tools } = asked
  const slice = sliceOf(shape, call, tools.options)
  if (!slice) return fdxError(shape, 401)
  const honest = { ...pageOf(all, slice), members: {} as JsonObject }
  const page = troubledPage(asked, all, slice, {
    ...honest,
    members: pageMembers(shape, honest, slice, call, tools.origin),
  })
  return body(asked, { ...page.members, [name]: write(page.rows) })
}

/** A 200, or 206 where an account could not be read, with instants in this provider's spelling. */
export function body(asked: Asked, value: JsonObject): Answer {
  const text = JSON.stringify(value).replace(
    /"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)Z"/g,
    `"$1${asked.shape.instantEnd}"`,
  )
  const partial = asked.about.endpoint === 'accounts' && text.includes('"error":{')
  return troubledBytes(asked.tools.switches, asked.about, jsonText(partial ? 206 : 200, text))
}
