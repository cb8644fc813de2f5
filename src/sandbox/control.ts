import type { Endpoint } from './endpoints.ts'
import type { TrueLink } from './invented/lives.ts'
import type { FdxProvider, Provider } from './invented/plan.ts'
import type { SandboxPerson } from './invented/truth.ts'
import type { Misbehaviour } from './switchboard.ts'

/** A Flinks login, with how it behaves. */
export interface LoginRow {
  readonly login: number
  readonly loginId: string
  readonly name: string
  readonly temper: string
}

/** A person of a provider, as `/admin/people` lists them. */
export interface PersonRow {
  readonly person: number
  readonly name: string
  readonly sub: string
  readonly accounts: readonly string[]
}

/** A request that came under another host name, where redirects and foreign links lead. */
export interface Stranger {
  readonly path: string
  /** Names of the headers with secrets that it carried, and `body` for client or refresh secrets in its body. */
  readonly secrets: readonly string[]
}

/** What can be done with a running sandbox, from the same process or over `/admin`. */
export interface SandboxControl {
  /** Switches a misbehaviour on. Throws RangeError, with the list of what there is, for an unknown word. */
  misbehave(rule: Misbehaviour): void
  /** Switches all misbehaviours off. */
  behave(): void
  /** The misbehaviours that are on and have strikes left. */
  rules(): readonly Misbehaviour[]
  /** All true data of a person: numbers are decimal text. Throws RangeError when there is no such person. */
  truth(provider: Provider, person: number): SandboxPerson
  /** Which rows of `pending_lives` are one event, for a reader who has looked every day. */
  links(provider: FdxProvider, person: number): readonly TrueLink[]
  /**
   * Requests that came to this server under another host name than its own: what followed a redirect or a link to
   * another origin (`redirect_302`, `token_redirect`, `foreign_next`, `statement_302`). The newest 1,000.
   */
  elsewhere(): readonly Stranger[]
  /** Requests so far, by provider and endpoint. */
  requests(): Partial<Record<Provider, Partial<Record<Endpoint, number>>>>
  people(provider: Provider, offset?: number, limit?: number): readonly PersonRow[]
  /** The Flinks LoginIds, the first `limit` of them (default 100). */
  logins(offset?: number, limit?: number): readonly LoginRow[]
  /** A refresh token of a new grant, without a browser. `scope` is everything when left out. */
  grant(
    provider: FdxProvider,
    person: number,
    scope?: string,
  ): { readonly refreshToken: string; readonly sub: string; readonly scope: string }
  /** The person withdraws consent at the bank: their tokens end. Answers how many grants that were. */
  withdraw(provider: FdxProvider, person: number): number
  /** Moves the day on which all data ends. */
  moveTo(today: string): void
  /** Moves the clock of tokens and sessions on. */
  advance(seconds: number): void
  /** Sends a Flinks webhook of a login to `url`; resolves with the receiver's status. */
  webhook(
    url: string,
    login: number,
    type?: 'GetAccountsDetail' | 'GetAccountsSummary' | 'GetStatements',
    signature?: string,
  ): Promise<number>
}
