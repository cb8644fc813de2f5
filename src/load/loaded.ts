/**
 * What the loader reads of a page’s body, in the order in which entities load (accounts before what belongs to
 * them): the list of records, or null where the body itself is one record. Pages of any other entity wait in
 * their segments.
 */
export const listOf = {
  'fdx.customers': 'customers',
  'fdx.accounts': 'accounts',
  'fdx.transactions': 'transactions',
  'fdx.contact': null,
  'fdx.payment_networks': 'paymentNetworks',
  'fdx.statements': 'statements',
  'flinks.summary': 'Accounts',
  'flinks.detail': 'Accounts',
  'flinks.statements': 'StatementsByAccount',
} as const satisfies Record<string, string | null>

/** An entity whose pages the loader takes. */
export type LoadedEntity = keyof typeof listOf

export const loadedEntities = Object.keys(listOf) as LoadedEntity[]

const login =
  'Login JSON, InstitutionName JSON, InstitutionId JSON, Institution JSON, Tag JSON, RequestId JSON'

/** How DuckDB reads a page’s body: records stay JSON. */
export const bodyType: Record<LoadedEntity, string> = {
  'fdx.customers': 'STRUCT(customers JSON[])',
  'fdx.accounts': 'STRUCT(accounts JSON[])',
  'fdx.transactions': 'STRUCT(transactions JSON[])',
  'fdx.contact': 'JSON',
  'fdx.payment_networks': 'STRUCT(paymentNetworks JSON[])',
  'fdx.statements': 'STRUCT(statements JSON[])',
  'flinks.summary': `STRUCT(Accounts JSON[], ${login})`,
  'flinks.detail': `STRUCT(Accounts JSON[], ${login})`,
  'flinks.statements': `STRUCT(StatementsByAccount JSON[], ${login})`,
}
