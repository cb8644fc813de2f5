import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectFdx } from '../../src/connect/connect-fdx.ts'
import { listenForRedirect } from '../../src/connect/redirect.ts'
import { tokenManager } from '../../src/connect/tokens.ts'
import { openVault } from '../../src/connect/vault.ts'
import type { FdxError } from '../../src/errors.ts'
import { getConnection } from '../../src/state/connections.ts'
import { openState } from '../../src/state/state.ts'
import { realWorld } from '../../src/world.ts'
import { clientSecret, startAuthorizationServer, visit } from '../support/authorization-server.ts'
import { type FaultOptions, firstWrong, type Outcome, some } from './outcome.ts'
import { type Ending, providerAt, testKey } from './rig.ts'
import { type TokenFault, tokenFaults } from './token-faults.ts'

/**
 * The network and reply faults once more, between us and a real authorization server that rotates and
 * revokes on reuse: whether a token is alive, its own store says.
 */
export async function* realServer(options: FaultOptions): AsyncGenerator<Outcome> {
  for (const fault of some(tokenFaults, 6, options)) yield await meet(fault)
}

async function meet(fault: TokenFault): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'fdx-real-'))
  await using server = await startAuthorizationServer()
  using state = openState(join(folder, 'state.db'))
  try {
    const vault = await openVault(join(folder, 'vault'), testKey)
    const provider = providerAt(server.issuer, {
      issuer: server.issuer,
      discovery: true,
      clientSecret,
      clientAuth: 'client_secret_basic',
      scopes: ['openid', 'offline_access'],
      authorizeParameters: { prompt: 'consent' },
      timeoutSeconds: 0.5,
    })
    await using receiver = await listenForRedirect(provider.oauth.redirectUri)
    const tools = { provider, vault, state, world: realWorld, ambiguousRetryMs: 1 }
    const connection = await connectFdx({
      ...tools,
      receiver,
      open: visit,
      label: '',
      timeoutMs: 10_000,
    })
    const stored = async () => {
      const kept = await vault.read(connection.id)
      return kept.kind === 'grant' ? kept : undefined
    }
    const ask = async () =>
      tokenManager(tools).accessToken(connection, (await stored())?.accessToken ?? undefined)

    const before = server.tokenRequests()
    server.trouble = fault.trouble
    const call = await ask().then(
      () => 'token',
      ({ code }: FdxError) => code,
    )
    const requests = server.tokenRequests() - before
    const flagged = getConnection(state, connection.id)?.state === 'reauth'
    const alive = await server.takes((await stored())?.refreshToken ?? '')
    const ending: Ending = flagged ? 'flagged' : alive ? 'alive' : 'lost'
    const works = () => ask().then(Boolean, () => false)
    return {
      fault: `${fault.name}, real server`,
      ending,
      wrong: firstWrong({
        [`the call ended in ${call}`]: call === fault.strict,
        [`${requests} token requests`]: requests === fault.requests,
        'the next call does not work': flagged || (await works()),
      }),
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
