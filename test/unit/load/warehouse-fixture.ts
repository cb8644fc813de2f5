import { createHash, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { copyFile, rename } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zstdCompressSync } from 'node:zlib'
import type { DataPaths } from '../../../src/config/settings.ts'
import { dataPaths } from '../../../src/config/settings.ts'
import { type LoadOptions, type LoadReport, load } from '../../../src/load/load.ts'
import type { LoadedEntity } from '../../../src/load/loaded.ts'
import { makeMarts, migrate, sqlFiles } from '../../../src/load/migrate.ts'
import { openWarehouse, sqlText } from '../../../src/load/warehouse.ts'
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
  load(options?: Pick<LoadOptions, 'batchBytes'>): Promise<LoadReport>
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
    async load(options = {}) {
      isPublished = false
      if (!existsSync(paths.warehouse)) await copyFile(await emptyWarehouse(), paths.warehouse)
      return await load({ paths, state, now: () => fixed, ...options })
    },
    async query(sql) {
      if (!isPublished) await publish(paths, { masked: false })
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

let made: Promise<string> | undefined

/**
 * A warehouse with every table and mart and no row: making one costs as much as a load, so it is made once for
 * all tests, and anew when a file of its SQL changes.
 */
function emptyWarehouse(): Promise<string> {
  made ??= (async () => {
    const hash = createHash('sha256')
    for (const folder of ['schema', 'marts'] as const)
      for (const name of sqlFiles(folder)) hash.update(sqlText(`${folder}/${name}`))
    const file = join(tmpdir(), `fdx-empty-${hash.digest('hex').slice(0, 16)}.duckdb`)
    if (existsSync(file)) return file
    const folder = mkdtempSync(join(tmpdir(), 'fdx-empty-'))
    const fresh = join(folder, 'warehouse.duckdb')
    {
      using warehouse = await openWarehouse({ file: fresh, scratch: join(folder, 'scratch') })
      await migrate(warehouse)
      await makeMarts(warehouse)
      await warehouse.run('checkpoint lake')
    }
    await rename(fresh, file)
    rmSync(folder, { recursive: true })
    return file
  })()
  return made
}
