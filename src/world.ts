import { randomBytes, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RequestInit, Response } from 'undici'
import { fetch } from 'undici'

/** Everything outside this process, handed in so that a test can hold it still. */
export interface World {
  /** Wall clock, milliseconds since the epoch. */
  now(): number
  /** Waits; rejects with the signal's reason when it is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** A number in [0, 1): jitter only, never secrets. */
  random(): number
  /** A random UUID (v4). */
  uuid(): string
  /** Cryptographic random bytes. */
  bytes(length: number): Buffer
  /** undici's fetch: Node's global one cannot take an Agent of the undici package. */
  fetch(url: string | URL, init?: RequestInit): Promise<Response>
}

export const realWorld: World = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    await sleep(ms, undefined, signal ? { signal } : {})
  },
  random: () => Math.random(),
  uuid: () => randomUUID(),
  bytes: (length) => randomBytes(length),
  fetch: (url, init) => fetch(url, init),
}
