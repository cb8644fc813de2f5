import { z } from 'zod'
import type { FlinksProvider } from '../config/provider.ts'
import { FdxError } from '../errors.ts'
import type { Connection } from '../state/connections.ts'
import type { State } from '../state/state.ts'
import type { World } from '../world.ts'
import { callFlinks } from './call-flinks.ts'
import type { RedirectReceiver } from './redirect.ts'
import { register } from './register.ts'
import type { Vault } from './vault.ts'

type Tools = { readonly vault: Vault; readonly state: State; readonly world: World }

/** LoginIds are GUIDs (facts/flinks-native.md 2). */
const loginIdForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/**
 * Registers a LoginId that Flinks Connect gave. It opens the login's data, so it is sealed like a token.
 * @throws FdxError `CONFIG_INVALID` when it is no LoginId.
 */
export async function registerLogin(
  tools: Tools,
  provider: FlinksProvider,
  loginId: string,
  label: string,
): Promise<Connection> {
  if (!loginIdForm.test(loginId))
    throw new FdxError(
      'CONFIG_INVALID',
      'a Flinks LoginId is a GUID: 8-4-4-4-12 hexadecimal digits',
    )
  const registration = { provider, subject: loginId, label, scopes: '', consentDays: undefined }
  return register(tools, registration, { kind: 'login', loginId: loginId.toLowerCase() })
}

export interface FlinksConnectOptions extends Tools {
  readonly provider: FlinksProvider
  readonly receiver: RedirectReceiver
  readonly open: (link: URL) => Promise<void>
  readonly label: string
  readonly timeoutMs: number
  readonly signal?: AbortSignal
}

/**
 * Sends the person through Flinks Connect, whose redirect carries the LoginId
 * (docs/flinks-retrieve-account-data.txt).
 * @throws FdxError `CONNECT_REFUSED`, `CONNECT_STATE`, `CONNECT_TIMEOUT`, `CLIENT_REFUSED`, `UNREACHABLE`.
 */
export async function connectFlinks(options: FlinksConnectOptions): Promise<Connection> {
  const { provider, receiver } = options
  const link = new URL(provider.connectUrl)
  link.searchParams.set('redirectUrl', receiver.redirectUri)
  link.searchParams.set('authorizeToken', await mintAuthorizeToken(provider))
  const [back] = await Promise.all([
    receiver.received(options.timeoutMs, options.signal),
    options.open(link),
  ])
  const loginId = back.searchParams.get('loginId')
  if (loginId === null)
    throw new FdxError(
      'CONNECT_REFUSED',
      'Flinks Connect came back without a LoginId; connect again',
    )
  return registerLogin(options, provider, loginId, options.label)
}

const tokenAnswer = z.object({ Token: z.string().min(1) })

/**
 * A token for one call of Authorize or one showing of Flinks Connect: single use, so it is minted right
 * before and never stored (facts/flinks-native.md 3).
 * @throws FdxError `CLIENT_REFUSED` (401: the secret is wrong), or as `callFlinks`.
 */
export async function mintAuthorizeToken(provider: FlinksProvider): Promise<string> {
  const { status, text } = await callFlinks(provider, {
    method: 'POST',
    path: '/GenerateAuthorizeToken',
    headers: { 'flinks-auth-key': provider.authKey },
    body: {},
    deadlineMs: 20_000,
  })
  if (status === 401 || status === 403)
    throw new FdxError('CLIENT_REFUSED', `Flinks refuses the authKey of ${provider.name}`)
  const parsed = tokenAnswer.safeParse(status === 200 ? parseJson(text) : undefined)
  if (!parsed.success) throw new FdxError('UNREACHABLE', 'Flinks gave no authorize token')
  return parsed.data.Token
}

/** Undefined for what is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
