import { readProvider } from '../config/read.ts'
import type { Settings } from '../config/settings.ts'
import { connectFdx } from '../connect/connect-fdx.ts'
import { connectFlinks } from '../connect/connect-flinks.ts'
import type { RedirectReceiver } from '../connect/redirect.ts'
import { relaunchFlinks } from '../connect/relaunch-flinks.ts'
import type { Vault } from '../connect/vault.ts'
import { FdxError } from '../errors.ts'
import { type Connection, getConnection } from '../state/connections.ts'
import type { State } from '../state/state.ts'
import type { World } from '../world.ts'

/** How long a person may take at the bank. Milliseconds. */
const attemptMs = 15 * 60_000
/** So many people may be at their banks at once. */
const attemptLimit = 200
export const callbackPath = '/callback'

export interface Begin {
  /** A file of pipelines/providers, without `.yaml`. */
  readonly provider: string
  /** Port that this server listens on: a loopback redirect URI must lead to it. */
  readonly port: number
  readonly label?: string
  /** Flinks: the connection in `needs_mfa` whose question is to be answered. */
  readonly relaunch?: string
}

/** Where to send the person; or, when the bank asked nothing after all, the connection. */
export type Begun = { readonly link: URL } | { readonly connection: Connection }

/** People who were sent to their banks and have not come back yet. In memory: a restart forgets them. */
export interface ConnectAttempts extends Disposable {
  /** @throws FdxError `CONFIG_INVALID`, `SECRET_MISSING`, `CONNECTION_UNKNOWN`, or what connect throws. */
  begin(wanted: Begin): Promise<Begun>
  /**
   * Takes the query string of a provider's answer, once. Its `state` is random and known only to whom we gave the link: an
   * answer without it belongs to nobody.
   * @throws FdxError `CONNECT_STATE`, or what connect throws.
   */
  finish(query: string): Promise<Connection>
}

interface Waiting {
  readonly back: (query: string) => void
  readonly done: Promise<Connection>
}

export interface ConnectTools {
  readonly settings: Settings
  readonly vault: Vault
  readonly state: State
  readonly world: World
  readonly signal?: AbortSignal
}

export function connectAttempts(tools: ConnectTools): ConnectAttempts {
  const waiting = new Map<string, Waiting>()
  const stop = new AbortController()

  async function begin(wanted: Begin): Promise<Begun> {
    const { settings, state, world } = tools
    const provider = readProvider(settings.pipelinesDir, wanted.provider, settings.env)
    if (waiting.size >= attemptLimit)
      throw new FdxError('CONNECT_REFUSED', 'too many people are at their banks; try again later')
    const token = world.bytes(32).toString('base64url')
    const uri = provider.protocol === 'fdx' ? provider.oauth.redirectUri : provider.redirectUri
    const { promise: answer, resolve: back } = Promise.withResolvers<URL>()
    const redirect = redirectUri(uri, wanted)
    // Flinks Connect knows no state: it travels in the redirect URI and comes back with it.
    if (provider.protocol === 'flinks') redirect.searchParams.set('state', token)
    const receiver: RedirectReceiver = {
      redirectUri: redirect.href,
      state: token,
      received: (timeoutMs, signal) => orStopped(answer, timeoutMs, signal),
      [Symbol.asyncDispose]: async () => {},
    }
    const { promise: opened, resolve: open } = Promise.withResolvers<URL>()
    const options = {
      ...tools,
      receiver,
      open: async (link: URL) => open(link),
      label: wanted.label ?? '',
      timeoutMs: attemptMs,
      signal: tools.signal ? AbortSignal.any([tools.signal, stop.signal]) : stop.signal,
    }
    let done: Promise<Connection>
    if (wanted.relaunch !== undefined) {
      const connection = getConnection(state, wanted.relaunch)
      if (connection?.provider !== provider.name || provider.protocol !== 'flinks')
        throw new FdxError('CONNECTION_UNKNOWN', `no such Flinks connection at ${provider.name}`)
      done = relaunchFlinks({ ...options, provider }, connection)
    } else if (provider.protocol === 'fdx') done = connectFdx({ ...options, provider })
    else done = connectFlinks({ ...options, provider })
    // With our own address, whatever a proxy made of it: the code is bound to this very redirect URI.
    waiting.set(token, { back: (query) => back(new URL(`?${query}`, redirect)), done })
    // Also for nobody who comes back: the attempt ends, and nothing may be left of it.
    void done.catch(() => {}).finally(() => waiting.delete(token))
    return Promise.race([
      opened.then((link) => ({ link })),
      done.then((connection) => ({ connection })),
    ])
  }

  return {
    begin,
    finish: async (query) => {
      const token = new URLSearchParams(query).get('state') ?? ''
      const found = waiting.get(token)
      if (found === undefined)
        throw new FdxError(
          'CONNECT_STATE',
          'this answer belongs to no open question: it was used already, or took too long; connect again',
        )
      waiting.delete(token)
      found.back(query)
      return found.done
    },
    [Symbol.dispose]: () => stop.abort(),
  }
}

const loopback = new Set(['127.0.0.1', 'localhost', '[::1]'])

/** The configured redirect URI, if it leads to this server (RFC 8252 section 7.3: any port of the loopback). */
function redirectUri(configured: string, { provider, port }: Begin): URL {
  const uri = new URL(configured)
  if (uri.pathname !== callbackPath)
    throw new FdxError(
      'CONFIG_INVALID',
      `provider ${provider}: the redirect URI must end with ${callbackPath} to come back here; or connect in a terminal: fdx connect ${provider}`,
    )
  if (!loopback.has(uri.hostname)) return uri // a proxy in front of this server brings it here
  if (uri.port !== '0' && uri.port !== String(port))
    throw new FdxError(
      'CONFIG_INVALID',
      `provider ${provider}: its redirect URI names port ${uri.port || '80'}, this server listens on ${port}; serve on that port, or connect in a terminal: fdx connect ${provider}`,
    )
  uri.port = String(port)
  return uri
}

async function orStopped(answer: Promise<URL>, ms: number, signal?: AbortSignal): Promise<URL> {
  const timeout = AbortSignal.timeout(ms)
  const stop = signal ? AbortSignal.any([timeout, signal]) : timeout
  const { promise: stopped, reject } = Promise.withResolvers<never>()
  const end = () =>
    reject(new FdxError('CONNECT_TIMEOUT', 'nobody came back from the provider; connect again'))
  stop.addEventListener('abort', end)
  if (stop.aborted) end()
  try {
    return await Promise.race([answer, stopped])
  } finally {
    stop.removeEventListener('abort', end)
  }
}
