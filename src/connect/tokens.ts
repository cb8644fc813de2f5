import * as oc from 'openid-client'
import pLimit from 'p-limit'
import type { FdxProvider } from '../config/provider.ts'
import { FdxError } from '../errors.ts'
import { type Connection, setConnectionState } from '../state/connections.ts'
import { holdLock } from '../state/lock.ts'
import type { State } from '../state/state.ts'
import type { World } from '../world.ts'
import { dropIntent, fingerprint, journalAnswer, readIntent, writeIntent } from './intent.ts'
import { oauthConfiguration } from './oauth.ts'
import { nextGrant, readTokenAnswer } from './token-answer.ts'
import { askedWaitMs, tokenOutcome } from './token-outcome.ts'
import type { Grant, Vault } from './vault.ts'

export interface TokenManager {
  /**
   * A live access token of the connection. Pass the one that a provider refused to have it renewed; it is
   * renewed only when it is still the current one, so that ten refusals cost one request.
   * @throws FdxError `REAUTH` (the grant is lost; the connection is flagged), `CLIENT_REFUSED` (our
   *   credentials), `TOKEN_UNAVAILABLE` (nothing was sent, or the server is busy), `TOKEN_AMBIGUOUS` (the
   *   outcome is unknown; the next call settles it), `LOCK_TIMEOUT`, `VAULT_RECORD`, `DISK_FULL`.
   */
  accessToken(connection: Connection, rejected?: string): Promise<string>
  /** Settles an intent that a killed process left open, before anything else is done. */
  settle(connection: Connection): Promise<void>
}

export interface TokenOptions {
  readonly provider: FdxProvider
  readonly vault: Vault
  readonly state: State
  readonly world: World
  /** Folder of the lock files, one a connection. */
  readonly locks: string
  /** Longest wait for another process that holds the connection. Milliseconds. */
  readonly lockWaitMs?: number
  /** Waits before the one retry of an unknown outcome; inside a server's usual grace time. Milliseconds. */
  readonly ambiguousRetryMs?: number
}

/** Refreshes that one process runs at once: a herd of connections must not swamp the token server. */
const refreshesAtOnce = 16

/**
 * Keeps the tokens of one provider's connections: one refresh in flight, one owner across processes, the
 * intent on disk before the request and the answer on disk before anybody looks at it
 * (facts/reliability-security.md 3.4).
 */
export function tokenManager(options: TokenOptions): TokenManager {
  const { provider, vault, state, world } = options
  const inFlight = new Map<string, Promise<string>>()
  const limit = pLimit(refreshesAtOnce)
  let clientRefused: FdxError | undefined

  /** At 80 % of its life, or `earlySeconds` before its end, whichever is earlier. */
  const fresh = (grant: Grant, rejected: string | undefined): grant is UsableGrant => {
    if (grant.accessToken === null || grant.accessToken === rejected) return false
    const life = grant.expiresAt - grant.receivedAt
    const margin = Math.max(life * 0.2, provider.oauth.refresh.earlySeconds * 1000)
    return world.now() < grant.expiresAt - Math.min(margin, life / 2)
  }

  const readGrant = async (connection: Connection): Promise<Grant> => {
    const secret = await vault.read(connection.id)
    if (secret.kind !== 'grant')
      throw new FdxError('VAULT_RECORD', 'the vault record of this connection is of another kind')
    return secret
  }

  const withLock = async <T>(connection: Connection, work: () => Promise<T>): Promise<T> => {
    using _lock = await holdLock(`${options.locks}/${connection.id}.lock`, {
      waitMs: options.lockWaitMs ?? 60_000,
    })
    return await work()
  }

  /** Applies what an earlier process left: the answer that reached the disk, or the doubt that it did not. */
  const settleIntent = async (connection: Connection, grant: Grant) => {
    const intent = await readIntent(vault, connection.id)
    if (intent === undefined) return { grant, attempts: 0 }
    if (intent.generation !== grant.generation) {
      await dropIntent(vault, connection.id) // its answer was applied before the kill
      return { grant, attempts: 0 }
    }
    if (intent.answer === undefined) return { grant, attempts: intent.attempts }
    const answer = readTokenAnswer(intent.answer)
    if (answer.accessToken === undefined && answer.refreshToken === undefined)
      return { grant, attempts: intent.attempts }
    const next = nextGrant(grant, answer, intent.at)
    await vault.write(connection.id, next)
    await dropIntent(vault, connection.id)
    return { grant: next, attempts: 0 }
  }

  const flagLost = async (connection: Connection, doubt: boolean): Promise<FdxError> => {
    await dropIntent(vault, connection.id)
    const reason = doubt
      ? 'the rotated refresh token never reached us'
      : 'the provider refused the refresh token: it was revoked or has expired'
    const at = new Date(world.now()).toISOString()
    setConnectionState(state, connection.id, 'reauth', reason, at)
    return new FdxError('REAUTH', `${reason}; connect again: fdx connect ${provider.name}`)
  }

  /** Under the lock. `attempts` counts the requests already sent for this refresh token without an answer. */
  const spend = async (connection: Connection, grant: Grant, attempts: number): Promise<Grant> => {
    const refreshToken = grant.refreshToken
    if (refreshToken === null) throw await flagLost(connection, false)
    const intent = {
      fingerprint: fingerprint(refreshToken),
      generation: grant.generation,
      at: world.now(),
      attempts: attempts + 1,
    }
    // Discovery comes before the intent: nothing of it can spend the token.
    let answered: Buffer | undefined
    const configuration = await oauthConfiguration(provider, {
      onAnswer: async (bytes) => {
        answered = bytes
        await journalAnswer(vault, connection.id, grant.generation + 1, bytes)
      },
    })
    await writeIntent(vault, connection.id, intent).catch((cause: unknown) => {
      throw new FdxError('DISK_FULL', 'the disk takes no more; no token request was sent', {
        cause,
      })
    })
    let failure: unknown
    try {
      await oc.refreshTokenGrant(configuration, refreshToken)
    } catch (error) {
      failure = error
    }
    if (answered !== undefined) {
      const answer = readTokenAnswer(answered)
      // A refused answer that holds a refresh token has still ended the old one: keep it, use nothing else.
      if (failure === undefined || answer.refreshToken !== undefined) {
        const next = nextGrant(grant, answer, world.now(), failure === undefined)
        await vault.write(connection.id, next)
        await dropIntent(vault, connection.id)
        if (failure === undefined) return next
        throw new FdxError(
          'TOKEN_UNAVAILABLE',
          'the token answer is not valid; its refresh token is kept',
        )
      }
    }
    return afterFailure(connection, grant, attempts, failure)
  }

  const afterFailure = async (
    connection: Connection,
    grant: Grant,
    attempts: number,
    failure: unknown,
  ): Promise<Grant> => {
    const outcome = tokenOutcome(failure)
    // With an unknown outcome behind us the intent stays, whatever this attempt met before the server.
    const forget = async () => {
      if (attempts === 0) await dropIntent(vault, connection.id)
    }
    switch (outcome) {
      case 'not-sent':
        await forget()
        throw new FdxError('TOKEN_UNAVAILABLE', 'the token endpoint cannot be reached', {
          facts: { provider: provider.name },
        })
      case 'busy': {
        await forget()
        const facts = { retryInMs: askedWaitMs(failure, world.now()) ?? 0 }
        throw new FdxError('TOKEN_UNAVAILABLE', 'the token endpoint asks us to wait', { facts })
      }
      case 'redirected':
        await forget()
        throw new FdxError(
          'REDIRECTED',
          `the token endpoint redirects elsewhere; nothing was followed. Check oauth.tokenEndpoint of ${provider.name}`,
        )
      case 'client':
        await forget()
        clientRefused = new FdxError(
          'CLIENT_REFUSED',
          `the provider refuses our client credentials; check oauth.clientId and clientSecret of ${provider.name}`,
        )
        throw clientRefused
      case 'refused':
        await forget()
        throw new FdxError('CLIENT_REFUSED', 'the provider refuses the token request as we form it')
      case 'grant':
        throw await flagLost(connection, attempts > 0)
      case 'unknown':
        if (attempts > 0)
          throw new FdxError(
            'TOKEN_AMBIGUOUS',
            'the token endpoint gave no usable answer twice; the next run tries again',
          )
        await world.sleep(options.ambiguousRetryMs ?? 2_000)
        return spend(connection, grant, attempts + 1)
    }
  }

  const renew = (connection: Connection, rejected: string | undefined): Promise<string> =>
    limit(() =>
      withLock(connection, async () => {
        const { grant, attempts } = await settleIntent(connection, await readGrant(connection))
        if (attempts === 0 && fresh(grant, rejected)) return grant.accessToken
        if (clientRefused) throw clientRefused
        const next = await spend(connection, grant, attempts)
        if (next.accessToken === null)
          throw new FdxError('TOKEN_UNAVAILABLE', 'the token answer holds no access token')
        return next.accessToken
      }),
    )

  return {
    accessToken: async (connection, rejected) => {
      const grant = await readGrant(connection)
      if (fresh(grant, rejected)) return grant.accessToken
      let pending = inFlight.get(connection.id)
      if (pending === undefined) {
        pending = renew(connection, rejected).finally(() => inFlight.delete(connection.id))
        inFlight.set(connection.id, pending)
      }
      return pending
    },
    settle: async (connection) => {
      if ((await readIntent(vault, connection.id)) === undefined) return
      await withLock(connection, async () => {
        const { grant, attempts } = await settleIntent(connection, await readGrant(connection))
        if (attempts > 0) await spend(connection, grant, attempts)
      })
    },
  }
}

type UsableGrant = Grant & { readonly accessToken: string }
