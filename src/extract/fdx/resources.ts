import type { FdxProvider } from '../../config/provider.ts'
import type { JsonValue } from '../../page/json.ts'
import { type Checkpoint, getCheckpoint } from '../../state/checkpoints.ts'
import type { Extraction } from '../extraction.ts'
import { type AccountResource, accountStream, pathSegment, planned } from './account-stream.ts'
import { accountFacts } from './list.ts'
import { readPull } from './pull.ts'
import { resumable } from './resume.ts'
import { readSingle } from './single.ts'
import { fetchFiles, planFiles } from './statement-files.ts'
import { type LearnedRange, readWindows } from './windowed.ts'

type Fdx = Extraction<FdxProvider>

/** What the provider has taught about dates, per resource, for the accounts that follow. */
export type Learned = Readonly<Record<'transactions' | 'statements', LearnedRange>>

export const newLearned = (): Learned => ({
  transactions: { days: Number.POSITIVE_INFINITY },
  statements: { days: Number.POSITIVE_INFINITY },
})

export const readCustomer = (extraction: Fdx): Promise<void> =>
  readSingle(extraction, {
    entity: 'fdx.customers',
    stream: 'customers',
    what: 'customers',
    path: '/customers/current',
    list: 'customers',
    accountId: null,
  })

export async function readAccounts(extraction: Fdx): Promise<void> {
  const { connection, provider, state, world } = extraction
  const from = resumable(getCheckpoint(state, connection.id, 'accounts'), world.now())
  await readPull(extraction, {
    entity: 'fdx.accounts',
    stream: 'accounts',
    what: 'accounts',
    path: '/accounts',
    list: 'accounts',
    query: { resultType: 'details' },
    accountId: null,
    window: null,
    pullId: from?.pull_id ?? world.uuid(),
    cursor: from?.cursor ?? null,
    pagesBefore: from?.pages ?? 0,
    goodUntil: null,
    marks: provider.accountDetail === 'each' ? ['descriptors'] : [],
    alsoPlan: (items) => plans(extraction, items, provider.accountDetail === 'each'),
  })
}

/** How each resource of an account is read. */
export const readers: Readonly<
  Record<AccountResource, (extraction: Fdx, accountId: string, learned: Learned) => Promise<void>>
> = {
  account: (extraction, accountId) =>
    readSingle(extraction, {
      entity: 'fdx.accounts',
      stream: accountStream('account', accountId),
      what: 'account',
      path: `/accounts/${pathSegment(accountId)}`,
      list: 'accounts',
      accountId,
      alsoPlan: (items) => plans(extraction, items, false),
    }),
  transactions: (extraction, accountId, learned) =>
    readWindows(extraction, accountId, {
      resource: 'transactions',
      entity: 'fdx.transactions',
      learned: learned.transactions,
    }),
  contact: (extraction, accountId) =>
    readSingle(extraction, {
      entity: 'fdx.contact',
      stream: accountStream('contact', accountId),
      what: 'contact',
      path: `/accounts/${pathSegment(accountId)}/contact`,
      list: 'contacts',
      accountId,
    }),
  'payment-networks': async (extraction, accountId) => {
    const { connection, state, world } = extraction
    const stream = accountStream('payment-networks', accountId)
    const from = resumable(getCheckpoint(state, connection.id, stream), world.now())
    await readPull(extraction, {
      entity: 'fdx.payment_networks',
      stream,
      what: 'payment networks',
      path: `/accounts/${pathSegment(accountId)}/payment-networks`,
      list: 'paymentNetworks',
      query: {},
      accountId,
      window: null,
      pullId: from?.pull_id ?? world.uuid(),
      cursor: from?.cursor ?? null,
      pagesBefore: from?.pages ?? 0,
      goodUntil: null,
    })
  },
  statements: (extraction, accountId, learned) =>
    readWindows(extraction, accountId, {
      resource: 'statements',
      entity: 'fdx.statements',
      learned: learned.statements,
      ...(extraction.pipeline.statementFiles && {
        onRecords: (records) => planFiles(extraction, accountId, records),
        afterwards: () => fetchFiles(extraction, accountId),
      }),
    }),
}

/** What is to be asked for of the accounts on a page; `onlyThemselves`: the list says too little of them. */
function plans(
  extraction: Fdx,
  items: readonly JsonValue[],
  onlyThemselves: boolean,
): readonly Checkpoint[] {
  const { issue, pipeline } = extraction
  const found = new Map<string, Checkpoint>()
  const plan = (resource: AccountResource, id: string) =>
    found.set(accountStream(resource, id), planned(extraction, resource, id))
  for (const facts of items.map(accountFacts)) {
    if (facts.hasError)
      issue('accounts', 'ACCOUNT_ERROR', 'accounts: an account came with an error; run again later')
    if (facts.id === null)
      issue(
        'accounts',
        'ACCOUNT_WITHOUT_ID',
        'accounts: an account came without an id that can be used',
      )
    else if (onlyThemselves) plan('account', facts.id)
    else
      for (const resource of pipeline.resources) {
        if (resource === 'customers' || resource === 'accounts') continue
        if (resource !== 'transactions' || !facts.withoutTransactions) plan(resource, facts.id)
      }
  }
  return [...found.values()]
}
