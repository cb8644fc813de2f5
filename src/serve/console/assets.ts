import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, extname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { FastifyInstance } from 'fastify'

const folder = join(import.meta.dirname, 'assets')
const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

interface Asset {
  readonly type: string
  readonly bytes: Buffer
  readonly packed: Buffer
}

/** Our own files and the charting library: read once, served from memory, never by a path that was sent. */
const files = new Map<string, string>([
  ...readdirSync(folder).map((name): [string, string] => [name, join(folder, name)]),
  [
    'chart.js',
    join(dirname(createRequire(import.meta.url).resolve('chart.js')), 'chart.umd.min.js'),
  ],
])

const assets = new Map(
  [...files].map(([name, file]): [string, Asset] => {
    const text = readFileSync(file, 'utf8').replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n')
    const bytes = Buffer.from(text)
    return [
      name,
      {
        type: types[extname(name)] ?? 'application/octet-stream',
        bytes,
        packed: gzipSync(bytes),
      },
    ]
  }),
)

/** Changes with any file, so that a browser may keep them for a year. */
const version = [...assets.values()]
  .reduce((hash, { bytes }) => hash.update(bytes), createHash('sha256'))
  .digest('base64url')
  .slice(0, 12)

/** Address of a file of `assets/`, or of `chart.js`. */
export const asset = (name: string): string => `/assets/${version}/${name}`

export function addAssets(app: FastifyInstance): void {
  app.get('/favicon.ico', { config: { open: true } }, (_request, reply) =>
    reply.redirect(asset('icon.svg'), 302),
  )
  app.get<{ Params: { version: string; name: string } }>(
    '/assets/:version/:name',
    { config: { open: true } },
    (request, reply) => {
      const found = assets.get(request.params.name)
      if (found === undefined) return reply.code(404).type('text/plain').send('Not found\n')
      reply.type(found.type)
      if (request.params.version === version)
        reply.header('cache-control', 'public, max-age=31536000, immutable')
      if (!/\bgzip\b/.test(request.headers['accept-encoding'] ?? '')) return reply.send(found.bytes)
      return reply
        .header('content-encoding', 'gzip')
        .header('vary', 'accept-encoding')
        .send(found.packed)
    },
  )
}
