import { z } from 'zod'

/** Plain http is for this machine only; elsewhere a token would travel in the clear. */
const loopbackHosts = new Set(['127.0.0.1', 'localhost', '[::1]'])

export function isSafeUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const url = new URL(text)
  if (url.username !== '' || url.password !== '' || url.hash !== '') return false
  return url.protocol === 'https:' || (url.protocol === 'http:' && loopbackHosts.has(url.hostname))
}

const safeUrl = (about: string) =>
  z
    .string()
    .refine(
      isSafeUrl,
      'expected an https:// URL (http:// for this machine only), without user info',
    )
    .describe(about)

const seconds = (about: string) => z.number().int().min(0).max(86_400).describe(about)

/** How hard a provider may be asked. Providers publish no figures, so these are polite defaults. */
const pace = z
  .strictObject({
    concurrency: z
      .number()
      .int()
      .min(1)
      .max(256)
      .default(8)
      .describe('Requests in flight at once.'),
    requestsPerSecond: z
      .number()
      .positive()
      .max(10_000)
      .default(20)
      .describe('Requests started in a second.'),
    attempts: z
      .number()
      .int()
      .min(1)
      .max(20)
      .default(6)
      .describe('Tries of one GET before its stream is given up for this run.'),
    firstRetryMs: z
      .number()
      .int()
      .min(1)
      .max(60_000)
      .default(500)
      .describe('Upper bound of the first wait before a retry; doubles, with full jitter.'),
    requestTimeoutSeconds: seconds('Deadline of one whole answer.').default(60),
    budgetSeconds: seconds(
      'Longest time one request may take with all its retries; a longer Retry-After ends the stream.',
    ).default(300),
  })
  .prefault({})

const refresh = z
  .strictObject({
    rotates: z
      .enum(['never', 'always', 'unknown'])
      .default('unknown')
      .describe('Whether each refresh gives a new refresh token and ends the old one.'),
    reuse: z
      .enum(['revokes', 'tolerates', 'unknown'])
      .default('unknown')
      .describe('What the server does when a used refresh token comes back.'),
    idleDays: z
      .number()
      .int()
      .min(1)
      .max(3_650)
      .optional()
      .describe('An unused refresh token dies after so many days.'),
    graceSeconds: z
      .number()
      .int()
      .min(1)
      .max(3_600)
      .default(10)
      .describe('For how long a server that tolerates reuse gives the same answer again.'),
    earlySeconds: seconds(
      'Refresh so long before the access token ends; 0 for a provider that refuses early refreshes.',
    ).default(60),
  })
  .prefault({})

/** How a client shows who it is at the token endpoint (RFC 6749 section 2.3, RFC 7523, RFC 8705). */
export const clientAuthMethods = [
  'client_secret_post',
  'client_secret_basic',
  'private_key_jwt',
  'tls_client_auth',
] as const
export type ClientAuthMethod = (typeof clientAuthMethods)[number]

const filePath = (about: string) => z.string().min(1).describe(about)

const privateKey = z
  .strictObject({
    file: filePath('PEM file (PKCS #8) of the key, readable by this user alone.').optional(),
    pem: z
      .string()
      .min(1)
      .optional()
      .describe('The PEM text itself, in place of `file`; always from the environment.'),
    kid: z.string().min(1).optional().describe('Key id, as registered in the client’s JWKS.'),
    alg: z.enum(['ES256', 'PS256']).default('ES256').describe('Signature algorithm.'),
  })
  .refine(({ file, pem }) => (file === undefined) !== (pem === undefined), {
    message: 'expected either file or pem',
  })
  .describe('Signs the client’s assertions for `clientAuth: private_key_jwt`.')

const tls = z
  .strictObject({
    certFile: filePath('PEM file of the client certificate and its chain.').optional(),
    keyFile: filePath('PEM file of its key, readable by this user alone.').optional(),
    caFile: filePath('PEM file of a CA to trust besides the public ones.').optional(),
  })
  .refine(({ certFile, keyFile }) => (certFile === undefined) === (keyFile === undefined), {
    message: 'expected certFile and keyFile together',
  })
  .describe('Certificates of the provider’s endpoints, for tokens and for data alike.')

const oauthSettings = z.strictObject({
  issuer: safeUrl(
    'Issuer (RFC 8414); with `discovery: true` its metadata gives the endpoints.',
  ).optional(),
  discovery: z.boolean().default(false).describe('Read the endpoints from the issuer’s metadata.'),
  authorizationEndpoint: safeUrl('Where the person is sent to consent.').optional(),
  tokenEndpoint: safeUrl('Where codes and refresh tokens are exchanged.').optional(),
  revocationEndpoint: safeUrl('Where a grant is ended.').optional(),
  pushedAuthorizationEndpoint: safeUrl(
    'Where the authorization request is pushed to (RFC 9126).',
  ).optional(),
  revocation: z
    .enum(['rfc7009', 'bearer-delete', 'none'])
    .default('rfc7009')
    .describe('`bearer-delete`: DELETE with the access token, as Flinks Outbound documents.'),
  clientId: z.string().min(1).describe('OAuth client id; usually from the environment.'),
  clientSecret: z
    .string()
    .min(1)
    .optional()
    .describe('OAuth client secret, for `client_secret_*`; always from the environment.'),
  clientAuth: z
    .enum(clientAuthMethods)
    .default('client_secret_post')
    .describe('How the client shows who it is at the token endpoint.'),
  privateKey: privateKey.optional(),
  tls: tls.optional(),
  tokenBody: z
    .enum(['form', 'json'])
    .default('form')
    .describe('Encoding of token requests; OAuth says form, Flinks documents JSON.'),
  pkce: z.boolean().default(true).describe('Send an S256 code challenge (RFC 7636).'),
  pushedAuthorization: z
    .boolean()
    .default(false)
    .describe('Push the authorization request, so that the browser carries none of it (RFC 9126).'),
  dpop: z
    .boolean()
    .default(false)
    .describe('Bind tokens to a key of the connection’s own (RFC 9449).'),
  requireIss: z
    .boolean()
    .default(false)
    .describe('Refuse an authorization answer without `iss` (RFC 9207), advertised or not.'),
  scopes: z
    .array(z.string().min(1))
    .min(1)
    .describe('Scopes asked for, as the provider names them.'),
  authorizeParameters: z
    .record(z.string(), z.string())
    .default({})
    .describe('Further query parameters of the authorization request, such as provider_id.'),
  redirectUri: safeUrl('Registered redirect URI; http://127.0.0.1:0/callback takes any free port.'),
  consentDays: z
    .number()
    .int()
    .min(1)
    .max(3_650)
    .optional()
    .describe('How long a consent lasts where the provider does not say.'),
  refresh,
})

type OauthSettings = z.output<typeof oauthSettings>

/** What each client authentication cannot do without: the setting, and whether it is there. */
const neededBy: Record<ClientAuthMethod, readonly [string, (oauth: OauthSettings) => boolean]> = {
  client_secret_post: ['clientSecret', (oauth) => oauth.clientSecret !== undefined],
  client_secret_basic: ['clientSecret', (oauth) => oauth.clientSecret !== undefined],
  private_key_jwt: ['privateKey', (oauth) => oauth.privateKey !== undefined],
  tls_client_auth: ['tls.certFile', (oauth) => oauth.tls?.certFile !== undefined],
}

const oauth = oauthSettings.superRefine((settings, { addIssue }) => {
  const miss = (setting: string, by: string) =>
    addIssue({ code: 'custom', path: setting.split('.'), message: `missing; ${by} needs it` })
  const [setting, isThere] = neededBy[settings.clientAuth]
  if (!isThere(settings)) miss(setting, `clientAuth ${settings.clientAuth}`)
  if (settings.discovery && settings.issuer === undefined) miss('issuer', 'discovery')
  if (settings.discovery) return
  // The issuer is the audience of the client's assertions.
  if (settings.clientAuth === 'private_key_jwt' && settings.issuer === undefined)
    miss('issuer', 'clientAuth private_key_jwt')
  if (settings.tokenEndpoint === undefined) miss('tokenEndpoint', 'discovery: false')
  if (settings.pushedAuthorization && settings.pushedAuthorizationEndpoint === undefined)
    miss('pushedAuthorizationEndpoint', 'pushedAuthorization')
})

/** The resources of an FDX provider that a pipeline may ask for. */
export const fdxResources = ['customers', 'accounts', 'transactions'] as const
export type FdxResource = (typeof fdxResources)[number]

export const fdxProviderSchema = z.strictObject({
  protocol: z.literal('fdx'),
  title: z.string().min(1).describe('The provider’s name for people.'),
  version: z
    .union([z.literal(4), z.literal(5), z.literal(6)], 'expected 4, 5 or 6')
    .describe('FDX major version: 4 and 5 wrap each record in a key, 6 has accountCategory.'),
  baseUrl: safeUrl('What stands before /accounts, such as https://host/api/fdx/5.'),
  oauth,
  paging: z
    .enum(['offset', 'pageKey'])
    .default('offset')
    .describe('Query parameter that carries the opaque cursor.'),
  pageSize: z
    .number()
    .int()
    .min(1)
    .max(1_000)
    .optional()
    .describe('`limit` of each list request; left out, the provider decides.'),
  windowParameters: z
    .enum(['startTime', 'startDate'])
    .default('startTime')
    .describe('startTime/endTime (to FDX 6.0) or startDate/endDate (6.3 on).'),
  historyDays: z
    .number()
    .int()
    .min(1)
    .max(3_650)
    .default(730)
    .describe('How far back the first pull of transactions goes.'),
  headers: z
    .record(z.string(), z.string())
    .default({})
    .describe('Further headers for this provider, such as FDX-API-Data-Recipient-Id.'),
  interactionId: z
    .boolean()
    .default(true)
    .describe('Send x-fapi-interaction-id (required from FDX 6.0, harmless before).'),
  pace,
})

export const flinksProviderSchema = z.strictObject({
  protocol: z.literal('flinks'),
  title: z.string().min(1).describe('The provider’s name for people.'),
  instance: z
    .string()
    .min(1)
    .describe('Name of the Flinks instance: LoginIds are valid on the one that issued them.'),
  baseUrl: safeUrl('Such as https://INSTANCE-api.private.fin.ag/v3/CUSTOMER_ID/BankingServices.'),
  connectUrl: safeUrl('Flinks Connect page, for a new login or an MFA question.'),
  authKey: z
    .string()
    .min(1)
    .describe('Secret for GenerateAuthorizeToken; always from the environment.'),
  apiKey: z
    .string()
    .min(1)
    .optional()
    .describe(
      'x-api-key of the data endpoints, where Flinks enabled it; always from the environment.',
    ),
  mode: z
    .enum(['cached', 'live'])
    .default('cached')
    .describe('cached: the last stored aggregation, never a bank session; live: ask the bank.'),
  daysOfTransactions: z
    .enum(['Days90', 'Days365'])
    .default('Days365')
    .describe('Window of history.'),
  withKyc: z.boolean().default(true).describe('Ask for the Holder block.'),
  pollSeconds: z
    .number()
    .min(0.05)
    .max(300)
    .default(10)
    .describe('Wait between two polls of an Async endpoint.'),
  pollMinutes: z.number().min(0.01).max(60).default(30).describe('Longest time to poll.'),
  redirectUri: safeUrl('Where Flinks Connect sends the LoginId; port 0 takes any free port.'),
  pace,
})

export const providerSchema = z.discriminatedUnion('protocol', [
  fdxProviderSchema,
  flinksProviderSchema,
])

/** A provider file, read, checked, with its secrets in place. `name` is the file’s name. */
export type FdxProvider = z.output<typeof fdxProviderSchema> & { readonly name: string }
export type FlinksProvider = z.output<typeof flinksProviderSchema> & { readonly name: string }
export type Provider = FdxProvider | FlinksProvider
export type Pace = Provider['pace']
