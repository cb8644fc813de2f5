import { z } from 'zod'
import { oauth } from './oauth.ts'
import { safeUrl, seconds } from './setting.ts'

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

const privateNetwork = z
  .boolean()
  .default(false)
  .describe(
    'The base URL’s host may have an address in a private network: a gateway of your own before the provider. Never one of this machine or of a cloud’s metadata.',
  )

/** The resources of an FDX provider that a pipeline may ask for. */
export const fdxResources = [
  'customers',
  'accounts',
  'transactions',
  'contact',
  'payment-networks',
  'statements',
] as const

/** What a pipeline may ask of Flinks' native API, in the order in which it is asked for. */
export const flinksResources = ['summary', 'detail', 'statements'] as const
export type FlinksResource = (typeof flinksResources)[number]

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
  accountDetail: z
    .enum(['list', 'each'])
    .default('list')
    .describe('each: the list gives descriptors only, so every account is asked for by its id.'),
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
  privateNetwork,
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
  numberOfStatements: z
    .enum(['MostRecent', 'Months3', 'Months12'])
    .default('MostRecent')
    .describe('Which statements a pipeline that asks for them gets.'),
  apiSecret: z
    .string()
    .min(1)
    .optional()
    .describe('Bearer secret of GetNightlyRefreshStatus, where Flinks gave one.'),
  webhookSecrets: z
    .array(z.string().min(1))
    .max(4)
    .default([])
    .describe(
      'Secrets that sign webhooks; two while one replaces the other. Without one, none is taken.',
    ),
  webhookHeaders: z
    .array(z.string().min(1))
    .min(1)
    .default(['flinks-authenticity-key', 'X-Flinks-Signature'])
    .describe('Headers that may carry the signature; the first that is there counts.'),
  withKyc: z.boolean().default(true).describe('Ask for the Holder block.'),
  pollSeconds: z
    .number()
    .min(0.05)
    .max(300)
    .default(10)
    .describe('Wait between two polls of an Async endpoint.'),
  pollMinutes: z.number().min(0.01).max(60).default(30).describe('Longest time to poll.'),
  redirectUri: safeUrl('Where Flinks Connect sends the LoginId; port 0 takes any free port.'),
  privateNetwork,
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
