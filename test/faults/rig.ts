import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type FdxProvider, fdxProviderSchema } from '../../src/config/provider.ts'
import { newGrant, register } from '../../src/connect/register.ts'
import { reauthReasons } from '../../src/connect/token-metrics.ts'
import { type TokenManager, type TokenOptions, tokenManager } from '../../src/connect/tokens.ts'
import { type Grant, openVault, type Vault } from '../../src/connect/vault.ts'
import type { VaultKey } from '../../src/connect/vault-key.ts'
import { type Connection, getConnection } from '../../src/state/connections.ts'
import { openState, type State } from '../../src/state/state.ts'
import { realWorld } from '../../src/world.ts'
import { type Rotation, startTokenServer, type TokenServer } from '../support/token-server.ts'

/** The key of every vault under test. */
export const testKey = { bytes: Buffer.alloc(32, 7), id: 'test' }
export const newKey = { bytes: Buffer.alloc(32, 8), id: 'new' }
export const secret = 'client-secret-MARK'
/** Any of these outside the vault and the wire is a leak. */
export const marks = /(refresh|access)-\d+-MARK|client-secret-MARK|MARKED-BODY/

/** One connection whose access token has ended, and the server that gave it. */
export interface Rig extends AsyncDisposable {
  readonly folder: string
  readonly server: TokenServer
  readonly provider: FdxProvider
  readonly vault: Vault
  readonly state: State
  readonly connection: Connection
  manager(options?: Partial<TokenOptions>): TokenManager
  stored(): Promise<Grant>
}

export const providerAt = (url: string, oauth: object = {}): FdxProvider => ({
  ...fdxProviderSchema.parse({
    protocol: 'fdx',
    title: 'A bank',
    version: 6,
    baseUrl: url,
    oauth: {
      tokenEndpoint: `${url}/token`,
      clientId: 'me',
      clientSecret: secret,
      scopes: ['openid'],
      redirectUri: 'http://127.0.0.1:0/callback',
      timeoutSeconds: 1,
      ...oauth,
    },
  }),
  name: 'bank',
})

export async function setUpRig(
  rotation: Rotation,
  oauth: object = {},
  key: VaultKey = testKey,
): Promise<Rig> {
  const folder = mkdtempSync(join(tmpdir(), 'fdx-fault-'))
  mkdirSync(join(folder, 'tmp'))
  const server = await startTokenServer(rotation)
  const vault = await openVault(join(folder, 'vault'), key)
  const state = openState(join(folder, 'state.db'))
  const provider = providerAt(server.url, oauth)
  const ended: Grant = {
    kind: 'grant',
    generation: 1,
    refreshToken: server.alive() ?? '',
    accessToken: 'access-1-MARK',
    receivedAt: 0,
    expiresAt: 1,
  }
  const connection = await register(
    { vault, state, world: realWorld },
    { provider, subject: 'alice', label: '', scopes: 'openid', consentDays: 90 },
    newGrant(ended),
  )
  return {
    folder,
    server,
    provider,
    vault,
    state,
    connection,
    manager: (options) =>
      tokenManager({
        provider,
        vault,
        state,
        world: realWorld,
        ambiguousRetryMs: 1,
        ...options,
      }),
    stored: async () => {
      const kept = await vault.read(connection.id)
      if (kept.kind !== 'grant') throw new Error('not a grant')
      return kept
    },
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]()
      state[Symbol.dispose]()
      rmSync(folder, { recursive: true })
    },
  }
}

/** `lost` is the one that must not be: in use, with a refresh token that the server does not take. */
export type Ending = 'alive' | 'flagged as refused' | 'flagged as lost' | 'flagged' | 'lost'

/** How the connection stands: what the disk says against what the server's own store says. */
export async function judge({ state, connection, server, stored }: Rig): Promise<Ending> {
  const standing = getConnection(state, connection.id)
  if (standing?.state === 'reauth') {
    if (standing.reason === reauthReasons.lost) return 'flagged as lost'
    return standing.reason === reauthReasons.refused ? 'flagged as refused' : 'flagged'
  }
  return (await stored()).refreshToken === server.alive() ? 'alive' : 'lost'
}

/** What every program does after a start: settle what is open, then ask for a token. */
export async function startAgain(rig: Rig): Promise<void> {
  const tokens = rig.manager()
  await tokens.settleAll()
  await tokens.accessToken(rig.connection).catch(() => {})
}
