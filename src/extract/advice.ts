import { type Code, type Facts, FdxError } from '../errors.ts'

/** What an answer meant, and what to do next. Codes that no answer can give are not here. */
const advice: Readonly<Partial<Record<Code, string>>> = {
  TOKEN_REFUSED: 'the provider refuses a fresh access token; run fdx connect for this provider',
  CONSENT_LOST: 'the consent has ended or was withdrawn; ask the person to connect again',
  LOGIN_REFUSED: 'the bank refuses this login; ask the person to connect again',
  NEEDS_MFA: 'the bank asks the person a question; fdx status names the command that answers it',
  SESSION_LOST: 'the provider forgot the session twice; try again later',
  FORBIDDEN: 'the provider forbids this; check the credentials and the subscription with it',
  NOT_FOUND: 'the provider does not know this account any more',
  NOT_SUPPORTED: 'the provider does not offer this here',
  ACCOUNT_CLOSED: 'the account is closed; what was loaded before stays',
  NO_DATA: 'the provider has no data for this',
  RANGE_REFUSED: 'the provider refuses this range of dates; lower historyDays',
  REQUEST_INVALID: 'the provider refuses the request; check version and baseUrl in its file',
  ANSWER_INVALID: 'the answer is not what the protocol says; ask the provider',
  REDIRECTED: 'the provider redirects, which is never followed; correct baseUrl',
  RATE_LIMITED: 'the provider asks for fewer requests; lower requestsPerSecond or try later',
  PROVIDER_DOWN: 'the provider failed; try again later',
  MAINTENANCE: 'the provider or the bank is under maintenance; try again later',
}

/** The error for an answer that was refused. `what` names the resource without its ids. */
export function answerError(code: Code, what: string, facts: Facts): FdxError {
  const status = facts['status'] === undefined ? '' : ` (HTTP ${facts['status']})`
  return new FdxError(code, `${what}: ${advice[code] ?? 'the answer was refused'}${status}`, {
    facts,
  })
}
