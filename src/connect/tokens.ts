import pLimit from 'p-limit'
import { type Code, FdxError } from '../errors.ts'
import { type Connection, getConnection } from '../state/connections.ts'
import { clockJumps } from './clock-jump.ts'
import { skewOf } from './clock-skew.ts'
import { type ConnectionLocks, lockConnection } from './connection-lock.ts'
import { type ProvedRequest, signProof } from './dpop.ts'
import { readIntent } from './intent.ts'
import { type RefreshOptions, refresher } from './refresh.ts'
import { newTokenMetrics, type TokenMetrics } from './token-metrics.ts'
import type { Grant } from './vault.ts'

export interface TokenManager {
  /**
   * A live access token of the connection. Pass the one that a provider refused to have it renewed; it is
   * renewed only when it is still the current one, so that ten refusals cost one request.
   * @throws FdxError `REAUTH` (the grant is lost; the connection is flagged), `CLIENT_REFUSED` (our
   *   credentials), `TOKEN_UNAVAILABLE` (nothing was sent, or the server is busy), `TOKEN_AMBIGUOUS` (the
   *   outcome is unknown; the next call settles it), `LOCK_TIMEOUT`, `VAULT_RECORD`, `DISK_FULL`.
   */
  accessToken(connection: Connection, rejected?: string): Promise<string>
  /** Settles an intent that a killed process left open, before anything else is done. Throws as above. */
  settle(connection: Connection): Promise<void>
  /** Settles every open intent of this provider's connections: the first thing to do after a start. */
  settleAll(): Promise<Upkeep>
  /** Refreshes those whose refresh token has not been used for two thirds of the provider's idle limit. */
  keepAlive(connections: readonly Connection[]): Promise<Upkeep>
  /**
   * The `DPoP` header of one data request, or undefined where tokens are plain bearers (RFC 9449). With it
   * the token goes as `Authorization: DPoP …`.
   */
  proof(connection: Connection, request: ProvedRequest): Promise<string | undefined>
  readonly metrics: TokenMetrics
}

/** What was done for many connections; one that failed stops no other. */
export interface Upkeep {
  readonly done: readonly string[]
  readonly failed: readonly { readonly connectionId: string; readonly code: Code }[]
}

export interface TokenOptions extends RefreshOptions, ConnectionLocks {}

/** Refreshes that one process runs at once: a herd of connections must not swamp the token server. */
const refreshesAtOnce = 16

const dayMs = 86_400_000

/**
 * Keeps the tokens of one provider's connections: one refresh in flight, one owner across processes, the
 * intent on disk before the request and the answer on disk before anybody looks at it
 * (facts/reliability-security.md 3.4).
 */
export function tokenManager(options: TokenOptions): TokenManager {
  const { provider, vault, state, world } = options
  const metrics = newTokenMetrics()
  const refresh = refresher(options, metrics)
  const inFlight = new Map<string, Promise<string>>()
  const limit = pLimit(refreshesAtOnce)
  const jumps = clockJumps(world.now, options.monotonic ?? (() => performance.now()))
  /** By connection: how many jumps of the clock its access token was renewed after. */
  const renewedAfter = new Map<string, number>()

  /** To 80 % of its life, or `earlySeconds` before its end, whichever is earlier. */
  const fresh = (grant: Grant, rejected: string | undefined): grant is UsableGrant => {
    if (grant.accessToken === null || grant.accessToken === rejected) return false
    const { earlySeconds } = provider.oauth.refresh
    const life = grant.expiresAt - grant.receivedAt
    const margin = earlySeconds === 0 ? 0 : Math.max(life * 0.2, earlySeconds * 1000)
    return world.now() < grant.expiresAt - Math.min(margin, life / 2)
  }

  const readGrant = async (connection: Connection): Promise<Grant> => {
    const secret = await vault.read(connection.id)
    if (secret.kind !== 'grant')
      throw new FdxError('VAULT_RECORD', 'the vault record of this connection is of another kind')
    return secret
  }

  const withLock = async <T>(connection: Connection, work: () => Promise<T>): Promise<T> => {
    using _lock = await lockConnection(vault, connection.id, options)
    await options.failpoint?.('locked')
    return await work()
  }

  /** A grant that is known to be lost is not sent again: only the person can bring it back. */
  const refuseLost = (connection: Connection): void => {
    const now = getConnection(state, connection.id)
    if (now?.state === 'reauth')
      throw new FdxError('REAUTH', `${now.reason}; connect again: fdx connect ${provider.name}`)
  }

  const renew = (connection: Connection, rejected: string | undefined): Promise<string> =>
    limit(() =>
      withLock(connection, async () => {
        const { grant, attempts } = await refresh.settle(connection, await readGrant(connection))
        if (attempts === 0 && fresh(grant, rejected)) return grant.accessToken
        refuseLost(connection)
        const next = await refresh.spend(connection, grant, attempts)
        if (next.accessToken === null)
          throw new FdxError('TOKEN_UNAVAILABLE', 'the token answer holds no access token')
        return next.accessToken
      }),
    )

  const accessToken = async (connection: Connection, rejected?: string): Promise<string> => {
    const grant = await readGrant(connection)
    const jumpsNow = jumps()
    const distrusted = jumpsNow > (renewedAfter.get(connection.id) ?? 0)
    const refused = rejected ?? (distrusted ? (grant.accessToken ?? undefined) : undefined)
    if (fresh(grant, refused)) return grant.accessToken
    let pending = inFlight.get(connection.id)
    if (pending === undefined) {
      pending = renew(connection, refused).finally(() => inFlight.delete(connection.id))
      inFlight.set(connection.id, pending)
    }
    const token = await pending
    // The renewal that we joined did not know that this one is refused; ours will.
    if (token === refused) return accessToken(connection, refused)
    if (distrusted) renewedAfter.set(connection.id, jumpsNow)
    return token
  }

  const settle = async (connection: Connection): Promise<void> => {
    if ((await readIntent(vault, connection.id)) === undefined) return
    await withLock(connection, async () => {
      const { grant, attempts } = await refresh.settle(connection, await readGrant(connection))
      if (attempts === 0) return
      refuseLost(connection)
      await refresh.spend(connection, grant, attempts)
    })
  }

  /** One at a time is slow and all at once is a herd: as many as refreshes may run. */
  const forEach = async (
    connections: readonly Connection[],
    work: (connection: Connection) => Promise<unknown>,
  ): Promise<Upkeep> => {
    const done: string[] = []
    const failed: Upkeep['failed'][number][] = []
    const some = pLimit(refreshesAtOnce)
    await some.map(connections, async (connection) => {
      try {
        await work(connection)
        done.push(connection.id)
      } catch (error) {
        if (!(error instanceof FdxError)) throw error
        failed.push({ connectionId: connection.id, code: error.code })
      }
    })
    return { done, failed }
  }

  return {
    accessToken,
    settle,
    settleAll: async () => {
      const open = (await vault.list('intent')).map((id) => getConnection(state, id))
      const ours = open.filter((found) => found?.provider === provider.name && isLive(found))
      return forEach(ours as Connection[], settle)
    },
    keepAlive: async (connections) => {
      const { idleDays } = provider.oauth.refresh
      if (idleDays === undefined) return { done: [], failed: [] }
      const idleSince = world.now() - (idleDays * dayMs * 2) / 3
      const idle: Connection[] = []
      const unread = await forEach(connections.filter(isLive), async (connection) => {
        if ((await readGrant(connection)).receivedAt < idleSince) idle.push(connection)
      })
      const kept = await forEach(idle, async (connection) => {
        const { accessToken: old } = await readGrant(connection)
        await accessToken(connection, old ?? undefined)
      })
      return { done: kept.done, failed: [...unread.failed, ...kept.failed] }
    },
    proof: async (connection, request) => {
      const { dpopKey } = await readGrant(connection)
      return dpopKey === undefined
        ? undefined
        : signProof(dpopKey, request, world.now() + skewOf(provider) * 1_000)
    },
    metrics,
  }
}

const isLive = ({ state }: Connection) => state === 'active' || state === 'needs_mfa'

type UsableGrant = Grant & { readonly accessToken: string }
