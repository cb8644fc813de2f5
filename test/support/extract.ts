import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Pipeline, pipelineSchema } from '../../src/config/pipeline.ts'
import {
  type FdxProvider,
  type FlinksProvider,
  fdxProviderSchema,
  flinksProviderSchema,
  type Provider,
} from '../../src/config/provider.ts'
import { type DataPaths, dataPaths } from '../../src/config/settings.ts'
import type { Credentials } from '../../src/connect/credentials.ts'
import {
  type ConnectionReport,
  type ExtractOptions,
  extractConnection,
} from '../../src/extract/extract.ts'
import { openPace } from '../../src/extract/pace.ts'
import { contents } from '../../src/land/frames.ts'
import { openSegments } from '../../src/land/segments.ts'
import { entities, type PageEnvelope } from '../../src/page/page.ts'
import { type Connection, getConnection, saveConnection } from '../../src/state/connections.ts'
import { startRun } from '../../src/state/runs.ts'
import { openState, type State } from '../../src/state/state.ts'
import { filesFolder } from '../../src/state/statement-files.ts'
import { realWorld, type World } from '../../src/world.ts'

/** A bare HTTP server on a free loopback port, for answers that no well-behaved framework would send. */
export async function serve(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<AsyncDisposable & { readonly url: string; readonly asked: string[] }> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    answer(request, response)
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
}

export const sendJson = (response: ServerResponse, value: unknown, status = 200) => {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(value))
}

/** Fast enough for tests, and otherwise like the defaults. */
const pace = {
  concurrency: 8,
  requestsPerSecond: 10_000,
  attempts: 4,
  firstRetryMs: 2,
  requestTimeoutSeconds: 5,
  budgetSeconds: 10,
}

export function fdxProvider(baseUrl: string, more: Record<string, unknown> = {}): FdxProvider {
  const settings = {
    protocol: 'fdx',
    title: 'Bank',
    version: 6,
    baseUrl,
    oauth: {
      authorizationEndpoint: 'http://127.0.0.1:1/authorize',
      tokenEndpoint: 'http://127.0.0.1:1/token',
      clientId: 'client',
      clientSecret: 'secret',
      scopes: ['accounts'],
      redirectUri: 'http://127.0.0.1:0/callback',
    },
    ...more,
    pace: { ...pace, ...(more['pace'] as object | undefined) },
  }
  return { ...fdxProviderSchema.parse(settings), name: 'bank' }
}

export function flinksProvider(
  baseUrl: string,
  more: Record<string, unknown> = {},
): FlinksProvider {
  const settings = {
    protocol: 'flinks',
    title: 'Flinks',
    instance: 'toolbox',
    baseUrl,
    connectUrl: 'http://127.0.0.1:1/',
    authKey: 'auth-key',
    apiKey: 'api-key',
    redirectUri: 'http://127.0.0.1:0/callback',
    pollSeconds: 0.05,
    ...more,
    pace: { ...pace, ...(more['pace'] as object | undefined) },
  }
  return { ...flinksProviderSchema.parse(settings), name: 'flinks' }
}

export const pipeline = (more: Record<string, unknown> = {}): Pipeline => ({
  ...pipelineSchema.parse({ provider: 'bank', schedule: '0 3 * * *', ...more }),
  name: 'nightly',
})

/** A data folder with its state store, thrown away afterwards. */
export function dataFolder(): Disposable & { readonly paths: DataPaths; readonly state: State } {
  const paths = dataPaths(mkdtempSync(join(tmpdir(), 'fdx-extract-')))
  const state = openState(paths.stateFile)
  return {
    paths,
    state,
    [Symbol.dispose]() {
      state[Symbol.dispose]()
      rmSync(paths.root, { recursive: true, force: true })
    },
  }
}

export function connect(state: State, provider: Provider, id = 'c1'): Connection {
  const now = new Date().toISOString()
  const connection: Connection = {
    id,
    provider: provider.name,
    protocol: provider.protocol,
    subject: null,
    label: '',
    state: 'active',
    reason: '',
    scopes: '',
    consent_given_at: now,
    consent_ends_at: null,
    created_at: now,
    updated_at: now,
    last_good_at: null,
  }
  saveConnection(state, connection)
  return connection
}

export interface Extract
  extends Partial<Pick<Credentials, 'token' | 'loginId'> & Pick<ExtractOptions, 'onProgress'>> {
  readonly provider: Provider
  readonly pipeline?: Pipeline
  readonly connectionId?: string
  readonly world?: World
  readonly signal?: AbortSignal
}

export type Extracted = ConnectionReport & { readonly runId: string }

/** One run of one connection, with everything opened for it and closed behind it. */
export async function extractOnce(
  data: { paths: DataPaths; state: State },
  options: Extract,
): Promise<Extracted> {
  const [report] = await extractAll(data, [options])
  if (!report) throw new Error('one connection gives one report')
  return report
}

/** One run of several connections of one provider, at the same time. */
export async function extractAll(
  { state, paths }: { paths: DataPaths; state: State },
  connections: readonly [Extract, ...Extract[]],
): Promise<Extracted[]> {
  const [{ provider, world = realWorld }] = connections
  const runId = world.uuid()
  const started_at = new Date(world.now()).toISOString()
  startRun(state, { id: runId, pipeline: 'nightly', provider: provider.name, started_at })
  await using segments = await openSegments({ paths, state, world })
  await using pace = openPace(provider, world)
  return await Promise.all(
    connections.map(async ({ connectionId: id = 'c1', token, loginId, ...options }) => ({
      ...(await extractConnection({
        pipeline: pipeline(),
        signal: new AbortController().signal,
        ...options,
        credentials: async () => ({ token: token ?? (async () => 'token'), loginId }),
        connection: getConnection(state, id) ?? connect(state, provider, id),
        runId,
        state,
        land: segments.land,
        files: filesFolder(paths),
        pace,
        world,
      })),
      runId,
    })),
  )
}

export type LandedPage = PageEnvelope & { readonly body: unknown }

/** All pages in sealed segments, by entity and time, parsed. */
export function landedPages(paths: DataPaths): LandedPage[] {
  return entities.flatMap((entity) => {
    const folder = join(paths.segments, entity)
    const names = readdirSync(paths.segments).includes(entity) ? readdirSync(folder).sort() : []
    return names
      .filter((name) => name.endsWith('.ndjson.zst'))
      .flatMap((name) => [...contents(readFileSync(join(folder, name)))])
      .flatMap((lines) => lines.toString().trimEnd().split('\n'))
      .map((line) => JSON.parse(line) as LandedPage)
  })
}
