import { z } from 'zod'
import { safeUrl, seconds } from './setting.ts'

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
  timeoutSeconds: z
    .number()
    .min(0.1)
    .max(120)
    .optional()
    .describe(
      'Deadline of one token request; left out 20, or less than `refresh.graceSeconds` where reuse is tolerated.',
    ),
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

/** How a provider gives consents and tokens. */
export const oauth = oauthSettings.superRefine((settings, { addIssue }) => {
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
