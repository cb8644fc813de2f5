import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A proxy in front of the sandbox that holds answers back, so that a test can act while they are under way. */
export interface SlowProxy extends AsyncDisposable {
  readonly url: string
  /** Requests that are being held back now, by path. */
  held(): readonly string[]
  /** How long a path is held back before it is sent on. Milliseconds. */
  hold: (path: string) => number
}

export async function slowProxy(target: string): Promise<SlowProxy> {
  const to = new URL(target)
  const held = new Set<string>()
  const proxy: { hold: SlowProxy['hold'] } = { hold: () => 0 }
  const server = createServer(async (incoming, outgoing) => {
    const body = Buffer.concat(await Array.fromAsync(incoming))
    const path = incoming.url ?? '/'
    const ms = proxy.hold(path)
    held.add(path)
    if (ms > 0) await new Promise((soon) => setTimeout(soon, ms))
    held.delete(path)
    const options = { host: to.hostname, port: to.port, path, method: incoming.method }
    const sent = request(
      { ...options, headers: { ...incoming.headers, host: to.host } },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(outgoing)
      },
    )
    sent.on('error', () => outgoing.destroy())
    sent.end(body)
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    held: () => [...held],
    get hold() {
      return proxy.hold
    },
    set hold(hold) {
      proxy.hold = hold
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
}
