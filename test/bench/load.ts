import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type BankOptions, writeBankPages } from '../support/bank-pages.ts'
import type { BenchResult } from './bench.ts'

const child = join(import.meta.dirname, 'processes', 'load-pages.ts')
const execute = promisify(execFile)

/**
 * `FDX_BENCH_SCALE`: 1 is some minutes; 10 is the 2 GB of pages that the goals are stated for. Memory grows until
 * a whole batch of segments is in it (about 100 MB of pages), so `memory_10x` says something from 10 on only.
 */
const scale = Number(process.env['FDX_BENCH_SCALE'] ?? 1)

interface Seen {
  readonly wall: number
  readonly cpu: number
  readonly peakMiB: number
}

/** One process, one task: its time and its memory. */
async function timed(what: 'load' | 'yardstick', root: string): Promise<Seen> {
  const { stdout } = await execute(process.execPath, [child, what, root])
  return JSON.parse(stdout) as Seen
}

const megabytes = (bytes: number) => bytes / 1_000_000

/** What a load costs, in units of DuckDB's own reading of the same pages, and of itself at other sizes. */
export async function run(): Promise<BenchResult> {
  const folder = mkdtempSync(join(tmpdir(), 'fdx-bench-'))
  try {
    return await measure(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function measure(folder: string): Promise<BenchResult> {
  const segments = (name: string) => join(folder, name, 'segments')
  const whole = { connections: 600 * scale, accountsEach: 5, transactionsEach: 200 }
  const written = writeBankPages(segments('ten'), whole)
  const yardstick = await timed('yardstick', join(folder, 'ten'))
  rmSync(join(folder, 'ten', 'yardstick.duckdb'))
  const first = await timed('load', join(folder, 'ten'))
  cpSync(join(folder, 'ten'), join(folder, 'again'), { recursive: true })

  // A day: every account again, a fiftieth of the transactions, all of them new.
  const day = { ...whole, transactionsEach: 4, firstTransaction: 200, pull: 2 }
  writeBankPages(segments('ten'), day)
  writeBankPages(segments('day'), day)
  const dayOnFull = await timed('load', join(folder, 'ten'))
  const dayAlone = await timed('load', join(folder, 'day'))

  writeBankPages(segments('again'), { ...whole, pull: 2 })
  const second = await timed('load', join(folder, 'again'))
  for (const name of ['ten', 'again', 'day']) rmSync(join(folder, name), { recursive: true })

  writeBankPages(segments('tenth'), { ...whole, connections: whole.connections / 10 })
  const tenth = await timed('load', join(folder, 'tenth'))
  const accounts = await accountCosts(folder)
  return {
    ratios: {
      first_load: yardstick.wall / first.wall,
      second_load: second.wall / first.wall,
      day_on_full: dayOnFull.wall / dayAlone.wall,
      memory_10x: first.peakMiB / tenth.peakMiB,
      account_cost: accounts.many / accounts.few,
    },
    goals: {
      first_load: { atLeast: 0.8 },
      second_load: { atMost: 1 },
      day_on_full: { atMost: 1.5 },
      memory_10x: { atMost: 1.2 },
      account_cost: { atMost: 1.2 },
    },
    seen: {
      pages: `${megabytes(written.bytes).toFixed(0)} MB, ${written.transactions} transactions`,
      'read_json → create table': `${(megabytes(written.bytes) / (yardstick.wall / 1000)).toFixed(1)} MB/s, ${yardstick.peakMiB.toFixed(0)} MiB`,
      'first load': `${(megabytes(written.bytes) / (first.wall / 1000)).toFixed(1)} MB/s, ${first.peakMiB.toFixed(0)} MiB`,
      'first load, processor time to yardstick': (first.cpu / yardstick.cpu).toFixed(2),
      'second load': `${(second.wall / 1000).toFixed(1)} s, the first ${(first.wall / 1000).toFixed(1)} s`,
      'a day, into all / into nothing': `${(dayOnFull.wall / 1000).toFixed(1)} s / ${(dayAlone.wall / 1000).toFixed(1)} s`,
      'a tenth of the pages': `${(tenth.wall / 1000).toFixed(1)} s, ${tenth.peakMiB.toFixed(0)} MiB`,
      'account, few / many': `${accounts.few.toFixed(3)} ms / ${accounts.many.toFixed(3)} ms`,
    },
  }
}

/** Milliseconds an account with three transactions costs, beyond what an empty load does. */
async function accountCosts(folder: string): Promise<{ few: number; many: number }> {
  const cost = async (name: string, connections: number, nothing: number) => {
    const options: BankOptions = { connections, accountsEach: 5, transactionsEach: 3 }
    const { accounts } = writeBankPages(join(folder, name, 'segments'), options)
    const { wall } = await timed('load', join(folder, name))
    rmSync(join(folder, name), { recursive: true })
    return (wall - nothing) / accounts
  }
  const nothing = (await timed('load', join(folder, 'nothing'))).wall
  return {
    few: await cost('few', 400 * scale, nothing),
    // A million of them, where the other parts are as large as the goals say.
    many: await cost('many', scale >= 10 ? 200_000 : 8_000 * scale, nothing),
  }
}
