import type { Pipeline } from '../../src/config/pipeline.ts'
import type { FdxProvider, Provider } from '../../src/config/provider.ts'
import { readPipeline, readProvider } from '../../src/config/read.ts'
import { registerLogin } from '../../src/connect/connect-flinks.ts'
import { newGrant, register } from '../../src/connect/register.ts'
import type { Job } from '../../src/run.ts'
import { type Sandbox, sandboxCredentials } from '../../src/sandbox/sandbox.ts'
import type { Connection } from '../../src/state/connections.ts'
import { realWorld } from '../../src/world.ts'
import type { Flow } from './flow.ts'

/** The sandbox's providers: each speaks one dialect. */
export const dialects = ['outbound', 'rotating', 'v6', 'flinks'] as const
export type Dialect = (typeof dialects)[number]

const places = {
  outbound: { base: '/outbound/api/fdx/5', oauth: '/outbound/api/v1', tokenBody: 'json' },
  rotating: { base: '/rotating/fdx/v5', oauth: '/rotating/oauth2', tokenBody: 'form' },
  v6: { base: '/v6/fdx/v6', oauth: '/v6/oauth2', tokenBody: 'form' },
} as const

/** Every variable that the files of pipelines/providers/ ask for; what they mean does not matter here. */
const anyEnvironment = new Proxy<Record<string, string>>(
  {},
  { get: (_, name) => (/UR[IL]$/.test(String(name)) ? 'https://bank.example' : 'value') },
)

/** Which of the sandbox's dialects a provider file is answered in. */
export function dialectOf(provider: Provider): Dialect {
  if (provider.protocol === 'flinks') return 'flinks'
  if (provider.version === 6) return 'v6'
  return provider.oauth.refresh.rotates === 'never' ? 'outbound' : 'rotating'
}

/** Provider files, by name, as they are. */
export const examined = (name: string): Provider => readProvider('pipelines', name, anyEnvironment)

/** Payment networks are left out: not every account of the sandbox has them. */
const usual: Pipeline['resources'] = [
  'customers',
  'accounts',
  'transactions',
  'contact',
  'statements',
]

export interface ExamOptions {
  readonly pace?: Partial<Provider['pace']>
  /** Deadline of a token request. */
  readonly tokenSeconds?: number
  readonly pollMinutes?: number
  readonly resources?: Pipeline['resources'] | undefined
}

/** What a provider file says, but asked at the sandbox, with its secrets, and quickly. */
export function examJob(sandbox: Sandbox, provider: Provider, options: ExamOptions): Job {
  const { pace, tokenSeconds = 20, pollMinutes = 1, resources = usual } = options
  const quick = { concurrency: 8, requestsPerSecond: 10_000, attempts: 3, firstRetryMs: 2 }
  const patient = { requestTimeoutSeconds: 30, budgetSeconds: 30 }
  const asked = { ...provider, pace: { ...provider.pace, ...quick, ...patient, ...pace } }
  const pipeline: Pipeline = {
    ...readPipeline('pipelines', 'sandbox-v6-nightly', anyEnvironment),
    provider: provider.name,
    name: `${provider.name}-exam`,
    resources: [...resources],
    statementFiles: true,
    flinks: ['detail'],
  }
  if (asked.protocol === 'fdx')
    return { pipeline, provider: atSandbox(sandbox, asked, tokenSeconds) }
  const { flinksCustomerId, flinksAuthKey, flinksApiKey } = sandboxCredentials
  return {
    pipeline,
    provider: {
      ...asked,
      baseUrl: `${sandbox.url}/flinks/v3/${flinksCustomerId}/BankingServices`,
      connectUrl: `${sandbox.url}/flinks/v2/`,
      authKey: flinksAuthKey,
      apiKey: flinksApiKey,
      pollSeconds: 0.05,
      pollMinutes,
    },
  }
}

function atSandbox(sandbox: Sandbox, provider: FdxProvider, timeoutSeconds: number): FdxProvider {
  const { base, oauth, tokenBody } = places[dialectOf(provider) as Exclude<Dialect, 'flinks'>]
  const { issuer: _i, privateKey: _k, tls: _t, discovery: _d, ...own } = provider.oauth
  return {
    ...provider,
    baseUrl: sandbox.url + base,
    pageSize: 2,
    oauth: {
      ...own,
      discovery: false,
      authorizationEndpoint: `${sandbox.url}${oauth}/authorize`,
      tokenEndpoint: `${sandbox.url}${oauth}/token`,
      clientId: sandboxCredentials.clientId,
      clientSecret: sandboxCredentials.clientSecret,
      clientAuth: 'client_secret_post',
      tokenBody,
      dpop: false,
      pushedAuthorization: false,
      timeoutSeconds,
    },
  }
}

/** Connects a person of the sandbox to a provider file, without a browser. */
export async function examConnect(
  flow: Flow,
  sandbox: Sandbox,
  { provider }: Job,
  person: number,
): Promise<Connection> {
  const tools = { vault: flow.vault, state: flow.state, world: realWorld }
  const dialect = dialectOf(provider)
  if (provider.protocol === 'flinks' || dialect === 'flinks') {
    const [login] = sandbox.logins(person, 1)
    if (provider.protocol !== 'flinks' || !login) throw new Error(`there is no login ${person}`)
    return registerLogin(tools, provider, login.loginId, '')
  }
  const { refreshToken, sub, scope } = sandbox.grant(dialect, person)
  const now = { receivedAt: realWorld.now(), expiresAt: 0 }
  const grant = { kind: 'grant', generation: 0, refreshToken, accessToken: null, ...now } as const
  const who = { provider, subject: sub, label: '', scopes: scope, consentDays: 90 }
  return register(tools, who, newGrant(grant))
}
