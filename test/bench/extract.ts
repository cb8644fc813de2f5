import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
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

/**
 * What reading, checking and durable landing cost beside bare undici that reads the same bytes and throws
 * them away, both from a server in another process; and what a connection costs when very many wait.
 */
export async function run(): Promise<BenchResult> {
  const server = spawn(process.execPath, [join(processes, 'page-server.ts')])
  try {
    const [line] = (await once(server.stdout, 'data')) as [Buffer]
    const url = line.toString().trim()
    const ratios: Record<string, number> = {}
    const seen: Record<string, string> = {}
    for (const connections of atOnce) {
      const speed = await speeds(url, connections)
      ratios[`landing_${connections}`] = speed.extract.mbPerSecond / speed.drain.mbPerSecond
      for (const what of ['extract', 'drain'] as const)
        seen[`${what}, ${connections} connections`] =
          `${speed[what].mbPerSecond.toFixed(0)} MB/s, ${speed[what].pagesPerSecond.toFixed(0)} pages/s`
    }
    // As much work as the most: what is compared is what waits, not how long the heap had time to grow.
    const few = await many(url, 100, 100)
    const some = await many(url, 1_000)
    const most = await many(url, 10_000)
    ratios['memory_10000_to_100'] = most.kB / few.kB
    ratios['connection_10000_to_1000'] = most.ms / 10_000 / (some.ms / 1_000)
    for (const [count, { ms, kB }] of [
      [1_000, some],
      [10_000, most],
    ] as const)
      seen[`run of ${count}`] =
        `${(ms / count).toFixed(2)} ms a connection, at most ${(kB / 1_000).toFixed(0)} MB`
    seen['run of 100, 100 pages each'] = `at most ${(few.kB / 1_000).toFixed(0)} MB`
    return {
      ratios,
      goals: {
        landing_1: { atLeast: 0.8 },
        landing_8: { atLeast: 0.8 },
        landing_64: { atLeast: 0.8 },
        memory_10000_to_100: { atMost: 1.2 },
        connection_10000_to_1000: { atMost: 1.2 },
      },
      seen,
    }
  } finally {
    server.stdin.end()
  }
}

interface Speed {
  readonly mbPerSecond: number
  readonly pagesPerSecond: number
}

/** The middle of some rounds; the two ways take turns, so that a busy moment of the machine hits both. */
async function speeds(
  url: string,
  connections: number,
): Promise<Record<'drain' | 'extract', Speed>> {
  const times = { drain: [] as Speed[], extract: [] as Speed[] }
  const each = Math.ceil(pages / connections)
  for (let round = 0; round < rounds; round++)
    for (const what of ['drain', 'extract'] as const) {
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
  return { drain: middle(times.drain), extract: middle(times.extract) }
}

const middle = (some: readonly Speed[]): Speed => {
  const sorted = some.toSorted((a, b) => a.mbPerSecond - b.mbPerSecond)
  return sorted[sorted.length >> 1] ?? { mbPerSecond: 0, pagesPerSecond: 0 }
}

const many = (url: string, connections: number, pages = 1) =>
  measured<{ ms: number; kB: number }>('run-many.ts', [url, String(connections), String(pages)])

async function measured<T>(file: string, args: readonly string[]): Promise<T> {
  const { stdout } = await inProcess(process.execPath, [join(processes, file), ...args])
  return JSON.parse(stdout) as T
}
