import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { BenchResult } from './bench.ts'

const processes = join(import.meta.dirname, 'processes')
const inProcess = promisify(execFile)

/** Pages of about 370 kB in all connections together, and how often each way is measured, in turns. */
const pages = 640
const recordsOnPage = 1_200
const rounds = 3
const atOnce = [1, 8, 64] as const

/** `FDX_BENCH_SCALE` makes everything smaller, to try the benchmark itself: goals are for 1. */
const scale = Number(process.env['FDX_BENCH_SCALE'] ?? 1)
const counts = [100, 1_000, 10_000].map((count) => Math.ceil(count * scale))

/**
 * What reading, checking and durable landing cost beside bare undici that reads the same bytes and throws
 * them away, both from a server in another process; and what a connection of a sandbox costs, in time and
 * memory, when very many wait.
 */
export async function run(): Promise<BenchResult> {
  const landing = await landingBesideDrain()
  const many = await manyConnections()
  return {
    ratios: { ...landing.ratios, ...many.ratios },
    goals: {
      landing_1: { atLeast: 0.8 },
      landing_8: { atLeast: 0.8 },
      landing_64: { atLeast: 0.8 },
      memory_10000_to_100: { atMost: 1.2 },
      connection_10000_to_1000: { atMost: 1.2 },
    },
    seen: { ...landing.seen, ...many.seen },
  }
}

const sum = (some: readonly number[]) => some.reduce((total, one) => total + one, 0)

type Part = Required<Pick<BenchResult, 'ratios' | 'seen'>>

async function landingBesideDrain(): Promise<Part> {
  const { server, url } = await startServer('page-server.ts')
  try {
    const ratios: Record<string, number> = {}
    const seen: Record<string, string> = {}
    for (const connections of atOnce) {
      const speed = await speeds(url, connections)
      ratios[`landing_${connections}`] = speed.extract.mbPerSecond / speed.drain.mbPerSecond
      ratios[`append_${connections}`] = speed.append.mbPerSecond / speed.drain.mbPerSecond
      for (const what of ways)
        seen[`${what}, ${connections} connections`] =
          `${speed[what].mbPerSecond.toFixed(0)} MB/s, ${speed[what].pagesPerSecond.toFixed(0)} pages/s`
    }
    return { ratios, seen }
  } finally {
    server.stdin.end()
  }
}

async function manyConnections(): Promise<Part> {
  const folder = mkdtempSync(join(tmpdir(), 'fdx-bench-'))
  const grants = join(folder, 'grants')
  const { server, url } = await startServer('sandbox-many.ts', String(sum(counts)), grants)
  try {
    const took = []
    for (const [i, count] of counts.entries())
      took.push(
        await measured<{ ms: number; extractMs: number; kB: number }>('run-many.ts', [
          url,
          grants,
          String(sum(counts.slice(0, i))),
          String(count),
        ]),
      )
    const [few, some, most] = took
    const [, someCount = 1, mostCount = 1] = counts
    if (!few || !some || !most) throw new Error('three sizes are measured')
    const seen = took.map(
      ({ ms, extractMs, kB }, i) =>
        [
          `run of ${counts[i]}`,
          `${(ms / (counts[i] ?? 1)).toFixed(2)} ms a connection (${(extractMs / (counts[i] ?? 1)).toFixed(2)} to land it), at most ${(kB / 1_000).toFixed(0)} MB`,
        ] as const,
    )
    return {
      ratios: {
        memory_10000_to_100: most.kB / few.kB,
        connection_10000_to_1000: most.ms / mostCount / (some.ms / someCount),
      },
      seen: Object.fromEntries(seen),
    }
  } finally {
    server.stdin.end()
    rmSync(folder, { recursive: true })
  }
}

/** Ends when its stdin does, which is when this process does. */
async function startServer(file: string, ...args: readonly string[]) {
  const server = spawn(process.execPath, [join(processes, file), ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const [line] = (await once(server.stdout, 'data')) as [Buffer]
  return { server, url: line.toString().trim() }
}

const ways = ['drain', 'append', 'extract'] as const
type Way = (typeof ways)[number]

interface Speed {
  readonly mbPerSecond: number
  readonly pagesPerSecond: number
}

/** The middle of some rounds; the two ways take turns, so that a busy moment of the machine hits both. */
async function speeds(url: string, connections: number): Promise<Record<Way, Speed>> {
  const times: Record<Way, Speed[]> = { drain: [], append: [], extract: [] }
  const each = Math.ceil((pages * scale) / connections)
  for (let round = 0; round < rounds; round++)
    for (const what of ways) {
      const { bytes, ms } = await measured<{ bytes: number; ms: number }>('extract-pages.ts', [
        what,
        url,
        ...[connections, each, recordsOnPage].map(String),
      ])
      times[what].push({
        mbPerSecond: bytes / 1_000 / ms,
        pagesPerSecond: (each * connections * 1_000) / ms,
      })
    }
  return {
    drain: middle(times.drain),
    append: middle(times.append),
    extract: middle(times.extract),
  }
}

const middle = (some: readonly Speed[]): Speed => {
  const sorted = some.toSorted((a, b) => a.mbPerSecond - b.mbPerSecond)
  return sorted[sorted.length >> 1] ?? { mbPerSecond: 0, pagesPerSecond: 0 }
}

async function measured<T>(file: string, args: readonly string[]): Promise<T> {
  const { stdout } = await inProcess(process.execPath, [join(processes, file), ...args])
  return JSON.parse(stdout) as T
}
