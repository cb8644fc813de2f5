import type { Land } from '../extract/extraction.ts'
import { openSegments, type Segments, type SegmentsOptions } from '../land/segments.ts'
import type { UnhashedPage } from '../page/page.ts'
import type { Checkpoint } from '../state/checkpoints.ts'

/** Pages that come one by one, without a run: kept at once, sealed when no more have come for this long. */
const quietMs = 2_000
/** And at the latest then, however busy it is: nobody waits for the end of a stream. */
const longestMs = 30_000

export interface Lander extends AsyncDisposable {
  readonly land: Land
}

interface Writer {
  readonly segments: Promise<Segments>
  readonly since: number
  /** Pages on their way into it. */
  landing: number
}

/** Lands pages that no run has asked for (webhooks), and tells when there is something to load. */
export function openLander(options: SegmentsOptions, onSealed: () => void): Lander {
  let current: Writer | undefined
  let timer: NodeJS.Timeout | undefined
  let sealing: Promise<void> = Promise.resolve()

  function seal(writer: Writer): void {
    if (writer === current) current = undefined
    sealing = sealing.then(async () => {
      // What cannot be sealed now stays durable, and the next writer seals it.
      await writer.segments.then((segments) => segments[Symbol.asyncDispose]()).catch(() => {})
      onSealed()
    })
  }

  function writer(): Writer {
    clearTimeout(timer)
    if (current && performance.now() - current.since > longestMs) {
      const old = current
      current = undefined
      if (old.landing === 0) seal(old)
    }
    current ??= { segments: openSegments(options), since: performance.now(), landing: 0 }
    return current
  }

  function sealSoon(used: Writer): void {
    if (used.landing > 0) return
    if (used === current) {
      clearTimeout(timer)
      timer = setTimeout(seal, quietMs, used)
    } else seal(used)
  }

  async function land(page: UnhashedPage, checkpoints: readonly Checkpoint[]): Promise<void> {
    const used = writer()
    used.landing += 1
    try {
      await (await used.segments).land(page, checkpoints)
    } catch (error) {
      if (used === current) current = undefined // the next page tries a new one
      throw error
    } finally {
      used.landing -= 1
      sealSoon(used)
    }
  }

  return {
    // Each page is waited for, so that there is always room, and nobody builds on one that is lost.
    land: Object.assign(land, { room: async () => {}, losses: () => 0 }),
    [Symbol.asyncDispose]: async () => {
      clearTimeout(timer)
      if (current) seal(current)
      await sealing
    },
  }
}
