import { hash, webcrypto } from 'node:crypto'
import type { Entity, Page, UnhashedPage } from '../page/page.ts'
import { openCompressor } from './compress.ts'
import { linesOf } from './line.ts'

/** Some pages of one entity, compressed: a zstd frame of whole lines. */
export interface Frame {
  readonly entity: Entity
  readonly pages: readonly Page[]
  readonly bytes: Buffer
}

/** From this size on, a body is hashed in the thread pool: below, the way there and back takes longer. */
const hashElsewhereFrom = 64 * 1024

/**
 * Opens what packs pages into one frame an entity, each page with its hash. Hashing and compressing are done in
 * the thread pool. One call at a time: the lines are put together in memory that the next call uses again.
 */
export function openPacker(): (pages: readonly UnhashedPage[]) => Promise<Frame[]> {
  const compressed = openCompressor()
  let scratch = Buffer.alloc(0)
  return async (pages) => {
    const frames: Frame[] = []
    const hashed = await Promise.all(pages.map(withHash))
    for (const [entity, some] of Map.groupBy(hashed, ({ envelope }) => envelope.entity)) {
      const lines = linesOf(some, (bytes) => {
        if (scratch.length < bytes) scratch = Buffer.allocUnsafeSlow(bytes)
        return scratch
      })
      frames.push({ entity, pages: some, bytes: await compressed(lines) })
    }
    return frames
  }
}

async function withHash({ envelope, body }: UnhashedPage): Promise<Page> {
  const sha256 =
    body.length < hashElsewhereFrom
      ? hash('sha256', body)
      : Buffer.from(await webcrypto.subtle.digest('SHA-256', body)).toString('hex')
  return { envelope: { ...envelope, sha256 }, body }
}
