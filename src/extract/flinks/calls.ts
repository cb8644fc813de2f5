import type { FlinksProvider, FlinksResource } from '../../config/provider.ts'
import type { Entity } from '../../page/page.ts'

/** A data call of Flinks' native API, and its `Async` twin (facts/flinks-native.md 5). */
export interface FlinksCall {
  readonly endpoint: string
  /** For messages. */
  readonly what: string
  readonly entity: Entity
  /** The member that makes an answer whole. */
  readonly holds: string
  readonly body: (provider: FlinksProvider) => Readonly<Record<string, unknown>>
}

export const flinksCalls: Readonly<Record<FlinksResource, FlinksCall>> = {
  summary: {
    endpoint: 'GetAccountsSummary',
    what: 'account summary',
    entity: 'flinks.summary',
    holds: 'Accounts',
    body: () => ({ WithBalance: true, WithAccountIdentity: true }),
  },
  detail: {
    endpoint: 'GetAccountsDetail',
    what: 'account detail',
    entity: 'flinks.detail',
    holds: 'Accounts',
    body: (provider) => ({
      WithAccountIdentity: true,
      WithKYC: provider.withKyc,
      WithTransactions: true,
      DaysOfTransactions: provider.daysOfTransactions,
    }),
  },
  statements: {
    endpoint: 'GetStatements',
    what: 'statements',
    entity: 'flinks.statements',
    holds: 'StatementsByAccount',
    body: (provider) => ({ NumberOfStatements: provider.numberOfStatements }),
  },
}
