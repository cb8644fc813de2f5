import { hash } from 'node:crypto'
import type { Entity, Page, UnhashedPage } from '../page/page.ts'
import { openCompressor } from './compress.ts'
import { linesOf } from './line.ts'

/** Some pages of one entity, compressed: a zstd frame of whole lines. */
export interface Frame {
  readonly entity: Entity
  readonly pages: readonly Page[]
  readonly bytes: Buffer
}

/**
 * Opens what packs pages into one frame an entity, each page with its hash. Compressing is done in the thread pool;
 * hashing is not, because that would copy each body, which takes as long. One call at a time: the lines are put
 * together in memory that the next call uses again.
 */
export function openPacker(): (pages: readonly UnhashedPage[]) => Promise<Frame[]> {
  const compressed = openCompressor()
  let scratch = Buffer.alloc(0)
  return async (pages) => {
    const frames: Frame[] = []
    for (const [entity, some] of Map.groupBy(
      pages.map(withHash),
      ({ envelope }) => envelope.entity,
    )) {
      const lines = linesOf(some, (bytes) => {
        if (scratch.length < bytes) scratch = Buffer.allocUnsafeSlow(bytes)
        return scratch
      })
      frames.push({ entity, pages: some, bytes: await compressed(lines) })
    }
    return frames
  }
}

function withHash({ envelope, body }: UnhashedPage): Page {
  return { envelope: { ...envelope, sha256: hash('sha256', body) }, body }
}
