import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { FdxError } from '../errors.ts'

/** Waits for the person to come back from the provider. */
export interface RedirectReceiver extends AsyncDisposable {
  /** The redirect URI to name in the request; the port is the one that is really listened on. */
  readonly redirectUri: string
  /** The `state` to send, where the receiver tells several answers apart by it; random when left out. */
  readonly state?: string
  /** The whole URL that was called. @throws FdxError `CONNECT_TIMEOUT`. */
  received(timeoutMs: number, signal?: AbortSignal): Promise<URL>
}

const page = (title: string, text: string) =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title>
<meta name="viewport" content="width=device-width"><style>body{font:18px/1.5 system-ui;margin:4em auto;max-width:32em;padding:0 1em}</style>
<h1>${title}</h1><p>${text}</p></html>`

/**
 * Listens for one redirect on this machine (RFC 8252 section 7.3); port 0 takes any free one. Other paths
 * and later calls get 404, and nothing of the query is ever shown.
 * @throws FdxError `CONFIG_INVALID` when the address is not of this machine or the port is taken.
 */
export async function listenForRedirect(configured: string): Promise<RedirectReceiver> {
  const uri = new URL(configured)
  if (uri.protocol !== 'http:')
    throw new FdxError(
      'CONFIG_INVALID',
      `the redirect URI ${uri.origin}${uri.pathname} is not on this machine; run again with --paste`,
    )
  const { promise, resolve } = Promise.withResolvers<URL>()
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', uri)
    const headers = {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
      connection: 'close',
    }
    if (request.method !== 'GET' || url.pathname !== uri.pathname) {
      response.writeHead(404, headers).end(page('Not found', 'Nothing is here.'))
      return
    }
    response.writeHead(200, headers)
    response.end(page('Back at fdx', 'You can close this page; fdx goes on in its terminal.'))
    resolve(url)
  })
  await new Promise<void>((ready, failed) => {
    server.once('error', () =>
      failed(
        new FdxError(
          'CONFIG_INVALID',
          `the redirect URI’s port ${uri.port} is in use; stop what listens there, or use port 0`,
        ),
      ),
    )
    server.listen(Number(uri.port || 80), uri.hostname.replace(/^\[|\]$/g, ''), ready)
  })
  uri.port = String((server.address() as AddressInfo).port)
  return {
    redirectUri: uri.href,
    received: async (timeoutMs, signal) => {
      const timeout = AbortSignal.timeout(timeoutMs)
      const stop = signal ? AbortSignal.any([timeout, signal]) : timeout
      const stopped = new Promise<never>((_, reject) => {
        stop.addEventListener('abort', () =>
          reject(
            new FdxError('CONNECT_TIMEOUT', 'nobody came back from the provider; connect again'),
          ),
        )
      })
      return Promise.race([promise, stopped])
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
}

/**
 * For a redirect URI on another machine, or no browser here: the person opens the link anywhere and
 * pastes the address it ended at. `read` gives the pasted line.
 */
export function pastedRedirect(configured: string, read: () => Promise<string>): RedirectReceiver {
  return {
    redirectUri: configured,
    received: async () => {
      const text = (await read()).trim()
      if (!URL.canParse(text))
        throw new FdxError('CONNECT_STATE', 'expected the whole address that the browser ended at')
      const url = new URL(text)
      const expected = new URL(configured)
      if (url.origin !== expected.origin || url.pathname !== expected.pathname)
        throw new FdxError(
          'CONNECT_STATE',
          `that address does not begin with ${expected.origin}${expected.pathname}`,
        )
      return url
    },
    [Symbol.asyncDispose]: async () => {},
  }
}
