import { createHash, randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zstdCompressSync } from 'node:zlib'
import type { DataPaths } from '../../../src/config/settings.ts'
import { dataPaths } from '../../../src/config/settings.ts'
import { type LoadReport, load } from '../../../src/load/load.ts'
import type { LoadedEntity } from '../../../src/load/loaded.ts'
import type { Mark, PageEnvelope } from '../../../src/page/page.ts'
import { type Answer, openCurrent } from '../../../src/serve/generation.ts'
import { publish } from '../../../src/serve/publish.ts'
import { openState, type State } from '../../../src/state/state.ts'

export interface PageDraft extends Partial<Omit<PageEnvelope, 'entity' | 'marks'>> {
  readonly entity?: LoadedEntity
  readonly marks?: readonly Mark[]
  /** JSON text of the body. */
  readonly body: string
}

const fixed = Date.parse('2026-03-01T12:00:00Z')

/** One line of a segment. */
export function pageLine(draft: PageDraft): string {
  const { body, ...given } = draft
  const envelope: Omit<PageEnvelope, 'entity'> & { entity: LoadedEntity } = {
    page_id: randomUUID(),
    run_id: 'run-1',
    pull_id: 'pull-1',
    provider: 'maple',
    connection_id: 'connection-1',
    entity: 'fdx.accounts',
    account_id: null,
    window_start: null,
    window_end: null,
    sequence: 1,
    last: true,
    status: 200,
    interaction_id: null,
    requested_at: '2026-03-01T10:00:00.000Z',
    fetched_at: '2026-03-01T10:00:01.000Z',
    bytes: Buffer.byteLength(body),
    sha256: createHash('sha256').update(body).digest('hex'),
    marks: [],
    ...given,
  }
  return `${JSON.stringify(envelope).slice(0, -1)},"body":${body}}\n`
}

export interface Fixture extends Disposable {
  readonly paths: DataPaths
  readonly state: State
  /** Seals one segment; each line is a frame of its own. */
  segment(entity: string, lines: readonly string[], name?: string): string
  load(): Promise<LoadReport>
  /** Publishes, and asks the generation. */
  query(sql: string): Promise<Answer>
}

/** A data folder of its own, removed at the end. */
export function dataFolder(): Fixture {
  const root = mkdtempSync(join(tmpdir(), 'fdx-load-'))
  const paths = dataPaths(root)
  const state = openState(paths.stateFile)
  let made = 0
  let isPublished = false
  return {
    paths,
    state,
    segment(entity, lines, name) {
      made += 1
      const folder = join(paths.segments, entity)
      mkdirSync(folder, { recursive: true })
      const file = `${name ?? String(made).padStart(6, '0')}.ndjson.zst`
      writeFileSync(join(folder, file), Buffer.concat(lines.map((line) => zstdCompressSync(line))))
      return `${entity}/${file}`
    },
    async load() {
      isPublished = false
      return await load({ paths, state, now: () => fixed })
    },
    async query(sql) {
      if (!isPublished) await publish(paths)
      isPublished = true
      using generation = await openCurrent(paths)
      return await generation.query(sql)
    },
    [Symbol.dispose]() {
      state[Symbol.dispose]()
      rmSync(root, { recursive: true, force: true })
    },
  }
}
