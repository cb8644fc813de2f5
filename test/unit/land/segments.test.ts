import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import {
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { FdxError } from '../../../src/errors.ts'
import type { Manifest } from '../../../src/land/manifest.ts'
import { openSegments } from '../../../src/land/segments.ts'
import { getCheckpoint } from '../../../src/state/checkpoints.ts'
import { realWorld } from '../../../src/world.ts'
import { dataFolder, landedPages } from '../../support/extract.ts'
import { checkpointOf, pageOf } from '../../support/pages.ts'

const folderOf = (data: { paths: { segments: string } }, entity = 'fdx.transactions') =>
  join(data.paths.segments, entity)

test('a page is durable with its checkpoint when land resolves; sealed it has a manifest', async () => {
  using data = dataFolder()
  const options = { ...data, world: realWorld }
  const segments = await openSegments(options)
  await Promise.all([
    segments.land(pageOf('p1', '{"transactions":[]}'), checkpointOf('transactions/a', 1)),
    segments.land(pageOf('p2', '{"accounts":[]}', { entity: 'fdx.accounts', connection: 'c2' })),
  ])
  expect(getCheckpoint(data.state, 'c1', 'transactions/a')?.pages).toBe(1)
  expect(landedPages(data.paths)).toEqual([])
  expect(readdirSync(folderOf(data))).toEqual([
    expect.stringMatching(/^\d{8}T\d{9}Z-[0-9a-f]{8}\.ndjson\.zst\.part$/),
  ])

  await segments.seal()
  const [name = ''] = readdirSync(folderOf(data)).filter((file) => file.endsWith('.zst'))
  const file = join(folderOf(data), name)
  const bytes = readFileSync(file)
  const manifest = JSON.parse(
    readFileSync(file.replace('.ndjson.zst', '.manifest.json'), 'utf8'),
  ) as Manifest
  expect(manifest).toMatchObject({
    segment: `fdx.transactions/${name}`,
    entity: 'fdx.transactions',
    pages: 1,
    connections: { c1: 1 },
    first_fetched_at: '2026-01-01T00:00:01.000Z',
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  })
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(statSync(folderOf(data)).mode & 0o777).toBe(0o700)

  await segments.land(pageOf('p3', '{}'))
  await segments[Symbol.asyncDispose]()
  expect(landedPages(data.paths).map((page) => page.page_id)).toEqual(['p2', 'p1', 'p3'])
  expect(data.state.db.prepare('select count(*) n from segments where sealed = 1').get()).toEqual({
    n: 3,
  })
})

test('a segment that has grown is sealed, and the next page begins another', async () => {
  using data = dataFolder()
  await using segments = await openSegments({ ...data, world: realWorld, maxBytes: 1 })
  for (const id of ['p1', 'p2', 'p3']) await segments.land(pageOf(id, '{}'))
  await segments.seal()
  expect(readdirSync(folderOf(data)).filter((file) => file.endsWith('.zst'))).toHaveLength(3)
  expect(landedPages(data.paths).map((page) => page.page_id)).toEqual(['p1', 'p2', 'p3'])
})

test('the segments of a living writer are left alone', async () => {
  using data = dataFolder()
  const options = { ...data, world: realWorld }
  await using first = await openSegments(options)
  await first.land(pageOf('p1', '{}'))
  {
    await using second = await openSegments(options)
    await second.land(pageOf('p2', '{}'))
  }
  expect(landedPages(data.paths).map((page) => page.page_id)).toEqual(['p2'])
  await first.land(pageOf('p3', '{}'))
  await first.seal()
  expect(
    landedPages(data.paths)
      .map((page) => page.page_id)
      .sort(),
  ).toEqual(['p1', 'p2', 'p3'])
})

test('what a commit that failed left behind is overwritten; the next page is kept', async () => {
  using data = dataFolder()
  await using segments = await openSegments({ ...data, world: realWorld })
  await segments.land(pageOf('p1', '{}'))
  data.state.db.exec('drop table checkpoints')
  const lost = segments.land(
    pageOf('p2', JSON.stringify({ a: 'x'.repeat(5_000) })),
    checkpointOf('s', 1),
  )
  await expect(lost).rejects.toThrow(/checkpoints/)
  await segments.land(pageOf('p3', '{}'))
  await segments.seal()
  expect(landedPages(data.paths).map((page) => page.page_id)).toEqual(['p1', 'p3'])
})

test('a commit of which nobody knows whether it was made: its pages and checkpoints stay together', async () => {
  using data = dataFolder()
  let fails = false
  const durably = async <T>(work: () => T): Promise<T> => {
    const result = await data.state.durably(work)
    if (fails) throw Object.assign(new Error('flush'), { code: 'EIO' })
    return result
  }
  await using segments = await openSegments({
    ...data,
    state: { ...data.state, durably },
    world: realWorld,
  })
  await segments.land(pageOf('p1', '{}'), checkpointOf('s', 1))
  fails = true
  await expect(segments.land(pageOf('p2', '{}'), checkpointOf('s', 2))).rejects.toThrow()
  fails = false
  expect(getCheckpoint(data.state, 'c1', 's')?.pages).toBe(2)
  await segments.land(pageOf('p3', '{}'), checkpointOf('s', 3))
  await segments.seal()
  expect(landedPages(data.paths).map((page) => page.page_id)).toEqual(['p1', 'p2', 'p3'])
  const rows = data.state.db.prepare('select count(*) n, min(sealed) s from segments').get()
  expect(rows).toEqual({ n: 2, s: 1 })
})

test('a full disk has its own name, and what was promised before is kept', async () => {
  using data = dataFolder()
  await using segments = await openSegments({ ...data, world: realWorld })
  await segments.land(pageOf('p1', '{}'))
  const { page_count: used } = data.state.db.prepare('pragma page_count').get() as {
    page_count: number
  }
  data.state.db.exec(`pragma max_page_count = ${used}`)
  const many = Array.from({ length: 500 }, (_, i) => checkpointOf(`s${i}${'x'.repeat(200)}`, 1))
  await expect(segments.land(pageOf('p2', '{}'), many)).rejects.toMatchObject({
    code: 'DISK_FULL',
  })
  data.state.db.exec('pragma max_page_count = 100000')
  await segments.seal()
  expect(landedPages(data.paths).map((page) => page.page_id)).toEqual(['p1'])
})

/** A writer in a process of its own, that says after each page that it is durable. */
function writer(root: string) {
  const child = spawn(process.execPath, ['test/support/segment-writer.ts', root], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const acknowledged: string[] = []
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    acknowledged.push(...text.trim().split('\n'))
  })
  return { child, acknowledged }
}

test('killed in the middle: every acknowledged page is there, once', async () => {
  using data = dataFolder()
  const acknowledged: string[] = []
  for (const pages of [1, 7, 25]) {
    const { child, acknowledged: said } = writer(data.paths.root)
    while (said.length < pages) await once(child.stdout, 'data')
    child.kill('SIGKILL')
    await once(child, 'close')
    acknowledged.push(...said)
  }
  // The last writer may have died between its file and the state store: half a frame must not survive.
  const [part = ''] = readdirSync(folderOf(data))
    .filter((file) => file.endsWith('.part'))
    .slice(-1)
  writeFileSync(join(folderOf(data), part), 'half a frame', { flag: 'a' })

  {
    await using _recovered = await openSegments({ ...data, world: realWorld })
  }
  const found = landedPages(data.paths).map((page) => page.page_id)
  expect(new Set(found).size).toBe(found.length)
  expect(acknowledged.filter((id) => !found.includes(id))).toEqual([])
  expect(readdirSync(folderOf(data)).filter((file) => file.endsWith('.part'))).toEqual([])
  expect(existsSync(data.paths.locks) ? readdirSync(data.paths.locks) : []).toEqual([])
  const rows = data.state.db.prepare('select sum(pages) n, min(sealed) s from segments').get()
  expect(rows).toEqual({ n: found.length, s: 1 })
})

test('a segment that lost acknowledged bytes is named, not passed over', async () => {
  using data = dataFolder()
  const { child, acknowledged } = writer(data.paths.root)
  while (acknowledged.length < 2) await once(child.stdout, 'data')
  child.kill('SIGKILL')
  await once(child, 'close')
  const [part = ''] = readdirSync(folderOf(data))
  truncateSync(join(folderOf(data), part), 10)
  const opened = openSegments({ ...data, world: realWorld })
  await expect(opened).rejects.toThrow(FdxError)
  await expect(opened).rejects.toMatchObject({ code: 'SEGMENT_INVALID' })
})
