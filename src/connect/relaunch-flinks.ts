import { z } from 'zod'
import type { FlinksProvider } from '../config/provider.ts'
import { FdxError } from '../errors.ts'
import { type Connection, setConnectionState } from '../state/connections.ts'
import { callFlinks } from './call-flinks.ts'
import {
  type FlinksConnectOptions,
  mintAuthorizeToken,
  parseJson,
  registerLogin,
} from './connect-flinks.ts'

const challenge = z.object({ HttpStatusCode: z.literal(203), RequestId: z.string().min(1) })
const opened = z.object({ HttpStatusCode: z.literal(200) })
/** Flinks may hold a call for 210 seconds (docs/flinks-account-detail-flow-article.txt). Milliseconds. */
const holdMs = 240_000

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
  const { text } = await callFlinks(provider, {
    method: 'POST',
    path: '/Authorize',
    headers: { 'flinks-auth-key': token },
    body: { LoginId: loginId, MostRecentCached: false, Save: true },
    deadlineMs: holdMs,
  })
  const body = parseJson(text)
  if (opened.safeParse(body).success) return undefined
  const asked = challenge.safeParse(body)
  if (asked.success) return asked.data.RequestId
  throw new FdxError(
    'CONNECT_REFUSED',
    'Flinks opened no session for this login; the person must link the bank again: fdx connect, without --relaunch',
  )
}
