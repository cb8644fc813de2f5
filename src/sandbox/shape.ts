import type { FdxProvider } from './invented/plan.ts'

/** How one FDX provider in the box speaks: all that tells it from the others. */
export interface Shape {
  readonly provider: FdxProvider
  /** Path of the FDX resources. */
  readonly base: string
  readonly version: 5 | 6
  /** `link`: nextOffset and an absolute links.next.href; `offset`: nextOffset alone; `pageKey`: nextPageKey. */
  readonly paging: 'link' | 'offset' | 'pageKey'
  /** How an instant ends after its seconds. */
  readonly instantEnd: string
  /** Whether an error `code` is a JSON string. */
  readonly textCodes: boolean
  /** HTTP status of codes for which providers differ (fdx-standard 10). */
  readonly statusOf: Readonly<Record<number, number>>
  /** Whether every request must have `x-fapi-interaction-id` (FDX 6.0). */
  readonly interactionRequired: boolean
  readonly oauth: OauthShape
}

export interface OauthShape {
  readonly authorize: string
  readonly token: string
  readonly revoke: string
  /** Flinks: `DELETE` with the access token. Others: RFC 7009. */
  readonly revokeBy: 'bearer' | 'token'
  readonly jsonBody: boolean
  readonly pkceRequired: boolean
  /** `kept`: never changes. `rotates`: a used one revokes the grant. `grace`: a used one gets the same answer for a while. */
  readonly refresh: 'kept' | 'rotates' | 'grace'
  /** `iss` in the redirect (RFC 9207) and RFC 8414 metadata. */
  readonly metadata: string | undefined
  /** `sub` as a member of the token answer. */
  readonly subInAnswer: boolean
  readonly clientCredentials: boolean
  /** HTTP status of `invalid_client`: Flinks documents 400, RFC 6749 5.2 says 401. */
  readonly invalidClient: 400 | 401
  /** What each resource needs; a token without any of these words may read everything. */
  readonly scopes: Readonly<Record<Resource, string>>
}

/** What a scope opens. */
export const resources = [
  'basic',
  'details',
  'transactions',
  'contact',
  'payments',
  'statements',
  'personal',
  'investments',
] as const
export type Resource = (typeof resources)[number]

const fdxScopes: Record<Resource, string> = {
  basic: 'fdx:accountbasic:read',
  details: 'fdx:accountdetailed:read',
  transactions: 'fdx:transactions:read',
  contact: 'fdx:customercontact:read',
  payments: 'fdx:paymentsupport:read',
  statements: 'fdx:statements:read',
  personal: 'fdx:customerpersonal:read',
  investments: 'fdx:investments:read',
}

export const shapes: Record<FdxProvider, Shape> = {
  outbound: {
    provider: 'outbound',
    base: '/outbound/api/fdx/5',
    version: 5,
    paging: 'link',
    instantEnd: '.0000000Z',
    textCodes: false,
    statusOf: { 602: 401, 501: 405 },
    interactionRequired: false,
    oauth: {
      authorize: '/outbound/api/v1/authorize',
      token: '/outbound/api/v1/token',
      revoke: '/outbound/api/v1/revoke',
      revokeBy: 'bearer',
      jsonBody: true,
      pkceRequired: false,
      refresh: 'kept',
      metadata: undefined,
      subInAnswer: false,
      clientCredentials: true,
      invalidClient: 400,
      scopes: {
        basic: 'ACCOUNT_BASIC',
        details: 'ACCOUNT_DETAILED',
        transactions: 'TRANSACTIONS',
        contact: 'CUSTOMER_CONTACT',
        payments: 'ACCOUNT_PAYMENTS',
        statements: 'STATEMENTS',
        personal: 'CUSTOMER_PERSONAL',
        investments: 'INVESTMENTS',
      },
    },
  },
  rotating: {
    provider: 'rotating',
    base: '/rotating/fdx/v5',
    version: 5,
    paging: 'offset',
    instantEnd: '.000+0000',
    textCodes: true,
    statusOf: { 602: 403, 501: 500 },
    interactionRequired: false,
    oauth: {
      authorize: '/rotating/oauth2/authorize',
      token: '/rotating/oauth2/token',
      revoke: '/rotating/oauth2/revoke',
      revokeBy: 'token',
      jsonBody: false,
      pkceRequired: true,
      refresh: 'rotates',
      metadata: '/rotating',
      subInAnswer: true,
      clientCredentials: false,
      invalidClient: 401,
      scopes: fdxScopes,
    },
  },
  v6: {
    provider: 'v6',
    base: '/v6/fdx/v6',
    version: 6,
    paging: 'pageKey',
    instantEnd: '.000Z',
    textCodes: true,
    statusOf: { 602: 403, 501: 500 },
    interactionRequired: true,
    oauth: {
      authorize: '/v6/oauth2/authorize',
      token: '/v6/oauth2/token',
      revoke: '/v6/oauth2/revoke',
      revokeBy: 'token',
      jsonBody: false,
      pkceRequired: true,
      refresh: 'grace',
      metadata: '/v6',
      subInAnswer: false,
      clientCredentials: false,
      invalidClient: 401,
      scopes: fdxScopes,
    },
  },
}
