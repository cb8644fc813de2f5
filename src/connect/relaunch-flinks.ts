import { Agent, request } from 'undici'
import { z } from 'zod'
import type { FlinksProvider } from '../config/provider.ts'
import { FdxError } from '../errors.ts'
import { type Connection, setConnectionState } from '../state/connections.ts'
import { type FlinksConnectOptions, mintAuthorizeToken, registerLogin } from './connect-flinks.ts'

const challenge = z.object({ HttpStatusCode: z.literal(203), RequestId: z.string().min(1) })
const opened = z.object({ HttpStatusCode: z.literal(200) })
/** Flinks may hold a call for 210 seconds (docs/flinks-account-detail-flow-article.txt). Milliseconds. */
const holdMs = 240_000
const agent = new Agent({ pipelining: 0, headersTimeout: holdMs, bodyTimeout: 10_000 })

/**
 * Lets the person answer what the bank asks of a connection in `needs_mfa`: opens a live session, and where
 * it ends with a question shows Flinks Connect with that session's RequestId and a fresh token
 * (docs/flinks-retrieve-account-data.txt, "Handle 203 MFA during refresh").
 * @throws FdxError `CONNECT_REFUSED`, `CONNECT_TIMEOUT`, `CLIENT_REFUSED`, `UNREACHABLE`, `VAULT_RECORD`.
 */
export async function relaunchFlinks(
  options: FlinksConnectOptions,
  connection: Connection,
): Promise<Connection> {
  const { provider, receiver, state, vault, world } = options
  const secret = await vault.read(connection.id)
  if (secret.kind !== 'login')
    throw new FdxError('VAULT_RECORD', 'the vault record of this connection is of another kind')
  const requestId = await questionOf(provider, secret.loginId)
  if (requestId === undefined) {
    const at = new Date(world.now()).toISOString()
    setConnectionState(state, connection.id, 'active', '', at)
    return { ...connection, state: 'active', reason: '', updated_at: at }
  }
  const link = new URL(provider.connectUrl)
  link.searchParams.set('requestId', requestId)
  link.searchParams.set('authorizeToken', await mintAuthorizeToken(provider))
  link.searchParams.set('redirectUrl', receiver.redirectUri)
  const [back] = await Promise.all([
    receiver.received(options.timeoutMs, options.signal),
    options.open(link),
  ])
  if (back.searchParams.get('loginId')?.toLowerCase() !== secret.loginId)
    throw new FdxError(
      'CONNECT_REFUSED',
      'Flinks Connect came back without this login; answer the question for the same person',
    )
  return registerLogin(options, provider, secret.loginId, connection.label)
}

/** RequestId of the session that waits for an answer; undefined when the bank let us in without one. */
async function questionOf(provider: FlinksProvider, loginId: string): Promise<string | undefined> {
  const token = await mintAuthorizeToken(provider)
  const answer = await request(`${provider.baseUrl}/Authorize`, {
    method: 'POST',
    headers: { 'flinks-auth-key': token, 'content-type': 'application/json' },
    body: JSON.stringify({ LoginId: loginId, MostRecentCached: false, Save: true }),
    dispatcher: agent,
    signal: AbortSignal.timeout(holdMs),
  }).catch((cause: unknown) => {
    throw new FdxError('UNREACHABLE', 'Flinks cannot be reached', { cause })
  })
  const body = await answer.body.json().catch(() => undefined)
  if (opened.safeParse(body).success) return undefined
  const asked = challenge.safeParse(body)
  if (asked.success) return asked.data.RequestId
  throw new FdxError(
    'CONNECT_REFUSED',
    'Flinks opened no session for this login; the person must link the bank again: fdx connect, without --relaunch',
  )
}
