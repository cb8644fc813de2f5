import { dayOf } from './calendar.ts'
import type { Endpoint } from './endpoints.ts'
import { detailAccounts, summaryAccounts } from './flinks-data.ts'
import { loginIdOf } from './flinks-logins.ts'
import type { FlinksTools, Session } from './flinks-state.ts'
import type { Household } from './invented/book.ts'
import type { Json, JsonObject } from './json.ts'
import { statementPdf } from './statement-file.ts'
import type { About } from './switchboard.ts'

/** The 200 of a data endpoint; a webhook carries the same with `ResponseType`. */
export function payloadOf(
  what: Endpoint,
  session: Session,
  tools: FlinksTools,
  about: About,
): JsonObject {
  const { options, switches } = tools
  const household = tools.household(session.login)
  const asked = session.detail ?? {}
  const envelope = {
    HttpStatusCode: 200,
    Login: loginMember(session.login, tools),
    ...institution,
    RequestId: session.requestId,
    Tag: session.tag,
  }
  if (what === 'GetStatements') return { ...envelope, StatementsByAccount: statements(household) }
  const summary = what === 'GetAccountsSummary'
  const filter = asked['AccountsFilter']
  const accounts = summary
    ? summaryAccounts(household)
    : detailAccounts(household, dayOf(options.today), {
        withIdentity: asked['WithAccountIdentity'] !== false,
        withHolder: asked['WithKYC'] !== false,
        withTransactions: asked['WithTransactions'] !== false,
        days: asked['DaysOfTransactions'] === 'Days365' ? 365 : 90,
        only: Array.isArray(filter) && filter.length > 0 ? filter.map(String) : undefined,
      })
  const empty = !summary && switches.strikes('empty_transactions', about) !== undefined
  return {
    ...envelope,
    Links: summary ? links('GetAccountsDetail', session.requestId) : undefined,
    Accounts: empty ? accounts.map((account) => ({ ...account, Transactions: [] })) : accounts,
  }
}

function statements(household: Household): Json {
  return household.accounts.map((account) => ({
    AccountNumber: String(account.descriptor['accountNumberDisplay']),
    Statements: [
      {
        UniqueId: `${account.accountId}-1`,
        FileType: 'PDF',
        Base64Bytes: statementPdf(`Statement of ${account.key.type}`).toString('base64'),
      },
    ],
  }))
}

/** Flinks' test bank, as each answer names it. */
export const institution = {
  InstitutionName: 'FlinksCapital',
  InstitutionId: 14,
  Institution: 'FlinksCapital',
}

/** `LastRefresh` is UTC without Z, with 6 or 7 fractional digits (flinks-native 4). */
export function loginMember(login: number, { options, state }: FlinksTools): JsonObject {
  const live = state.refreshedAt.get(login)
  const instant =
    live === undefined ? `${options.today}T05:40:54.569` : new Date(live).toISOString().slice(0, 23)
  return {
    Username: `user${login}`,
    IsScheduledRefresh: false,
    LastRefresh: `${instant}${login % 2 === 0 ? '261' : '2610'}`,
    Type: login % 3 === 0 ? 'Personal' : null,
    Id: loginIdOf(options.seed, login),
  }
}

/** `Links` of an answer: the endpoint to call next. */
export function links(rel: string, requestId: string): Json {
  return [{ rel, href: `/${rel}`, example: `/${rel}/${requestId}` }]
}
