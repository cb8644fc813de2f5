import { readdirSync, readFileSync } from 'node:fs'

/** One process at one moment. */
export interface Sample {
  /** Seconds since the start. */
  readonly at: number
  readonly rss: number
  readonly fds: number
}

/** Linux: /proc/PID. Undefined when the process is gone. */
export function sample(pid: number, at: number): Sample | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const kilobytes = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0)
    return { at, rss: kilobytes * 1024, fds: readdirSync(`/proc/${pid}/fd`).length }
  } catch {
    return undefined
  }
}

/** Pid of the child that runs this module. */
export function childOf(pid: number, module: string): number | undefined {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(/\s+/)
  return children
    .map(Number)
    .find((child) => readFileSync(`/proc/${child}/cmdline`, 'utf8').includes(module))
}

const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

const inWindow = (samples: readonly Sample[], from: number, to: number) =>
  samples.filter(({ at }) => at >= from && at <= to)

/** The median of a window: a run's own peak is no growth. Bytes. */
export const medianMemory = (samples: readonly Sample[], from: number, to: number) =>
  median(inWindow(samples, from, to).map(({ rss }) => rss))

/** Those that stay open between runs. */
export const fewestFds = (samples: readonly Sample[], from: number, to: number) =>
  Math.min(...inWindow(samples, from, to).map(({ fds }) => fds))
