import { readFileSync } from 'node:fs'
import { BlockList, isIP } from 'node:net'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import type { HttpSettings } from '../config/serve-http.ts'
import { FdxError } from '../errors.ts'

/** Largest body of a request that has no limit of its own. Bytes. */
const bodyLimit = 1024 * 1024
/** How long an answer may go on after the server was told to stop. Milliseconds. */
const graceMs = 3_000

export interface HttpServer extends AsyncDisposable {
  readonly app: FastifyInstance
  /** How this process reaches itself: `http://127.0.0.1:8914`. */
  readonly url: string
  /** How people reach it. */
  readonly publicUrl: string
  readonly port: number
}

const loopback = new Set(['127.0.0.1', '::1', 'localhost'])
export const isLoopback = (host: string): boolean => loopback.has(host)

/**
 * Opens the one HTTP server of `fdx serve`: `register` adds its routes before it listens. Answers go out
 * uncached and unframed; what is logged of a request is its route, never its query.
 * @throws FdxError `CONFIG_INVALID`: the port is taken, the address is not ours, a certificate cannot be read,
 *   or it would be open to the network without TLS.
 */
export async function openHttp(
  settings: HttpSettings,
  log: FastifyBaseLogger,
  register: (app: FastifyInstance) => Promise<void>,
): Promise<HttpServer> {
  refuseOpenDoor(settings)
  const app = createApp(settings, log)
  if (settings.trustedProxies.length > 0) refuseStrangers(app, settings.trustedProxies)
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unknown route'
    const ms = Math.round(reply.elapsedTime)
    const line = { method: request.method, route, status: reply.statusCode, ms }
    if (reply.statusCode >= 500) log.warn(line, 'request')
    else log.debug(line, 'request')
  })
  await register(app)
  try {
    await app.listen({ host: settings.host, port: settings.port })
  } catch (error) {
    await app.close()
    throw listenError(error, settings)
  }
  const address = app.server.address()
  const port = typeof address === 'object' && address !== null ? address.port : settings.port
  const scheme = settings.tls ? 'https' : 'http'
  const host = isIP(settings.host) === 6 ? `[${settings.host}]` : settings.host
  const url = `${scheme}://${host}:${port}`
  return {
    app,
    url,
    publicUrl: settings.publicUrl ?? url,
    port,
    [Symbol.asyncDispose]: async () => {
      const cut = setTimeout(() => app.server.closeAllConnections(), graceMs)
      await app.close()
      clearTimeout(cut)
    },
  }
}

function createApp(settings: HttpSettings, log: FastifyBaseLogger): FastifyInstance {
  const tls = settings.tls && {
    cert: readPem(settings.tls.certFile, 'http.tls.certFile'),
    key: readPem(settings.tls.keyFile, 'http.tls.keyFile'),
    minVersion: 'TLSv1.2' as const,
  }
  try {
    const app = Fastify({
      loggerInstance: log,
      // Its line has the whole URL, and a callback's query holds a code.
      logController: new LogController({ disableRequestLogging: true }),
      bodyLimit,
      requestTimeout: 60_000,
      trustProxy: settings.trustedProxies.length > 0 ? settings.trustedProxies : false,
      https: tls,
    })
    // Whether there is TLS below makes no difference to a route.
    return app as unknown as FastifyInstance
  } catch (error) {
    throw listenError(error, settings)
  }
}

/** Tokens and account numbers must not cross a network in the clear. */
function refuseOpenDoor({ host, tls, trustedProxies, publicUrl }: HttpSettings): void {
  if (isLoopback(host) || tls !== null) return
  if (trustedProxies.length === 0)
    throw new FdxError(
      'CONFIG_INVALID',
      `http.host ${host} is open to the network without TLS: set http.tls, or http.trustedProxies to the address of a proxy that ends TLS, or listen on 127.0.0.1`,
    )
  if (publicUrl === null)
    throw new FdxError(
      'CONFIG_INVALID',
      'http.publicUrl is missing: behind a proxy, say how people reach it (https://…)',
    )
}

/** Behind a proxy, whoever connects past it is turned away. */
function refuseStrangers(app: FastifyInstance, ranges: readonly string[]): void {
  const known = new BlockList()
  for (const range of ranges) {
    const [address = '', bits] = range.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    if (bits === undefined) known.addAddress(address, family)
    else known.addSubnet(address, Number(bits), family)
  }
  for (const [address, family] of [
    ['127.0.0.1', 'ipv4'],
    ['::1', 'ipv6'],
  ] as const)
    known.addAddress(address, family) // health checks of this machine
  app.addHook('onRequest', async (request, reply) => {
    const from = (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '')
    if (known.check(from, isIP(from) === 6 ? 'ipv6' : 'ipv4')) return
    return reply.code(403).type('text/plain').send('Only the proxy in front may connect here.\n')
  })
}

function readPem(file: string, field: string): Buffer {
  try {
    return readFileSync(file)
  } catch {
    throw new FdxError('CONFIG_INVALID', `${field}: ${file} cannot be read`)
  }
}

function listenError(error: unknown, { host, port }: HttpSettings): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : ''
  if (code === 'EADDRINUSE')
    return new FdxError(
      'CONFIG_INVALID',
      `port ${port} of ${host} is in use: another fdx serve, or another program; stop it, or set http.port (--port)`,
    )
  if (code === 'EACCES')
    return new FdxError(
      'CONFIG_INVALID',
      `port ${port} is not for this user; take one above 1023, or give the service CAP_NET_BIND_SERVICE`,
    )
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return new FdxError('CONFIG_INVALID', `http.host ${host} is no address of this machine`)
  if (error instanceof Error && String(code).startsWith('ERR_OSSL'))
    return new FdxError('CONFIG_INVALID', 'http.tls: the certificate or its key is no valid PEM')
  return error
}
