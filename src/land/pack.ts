import { promisify } from 'node:util'
import { constants, zstdCompress } from 'node:zlib'
import type { Entity, Page } from '../page/page.ts'
import { linesOf } from './line.ts'

const compress = promisify(zstdCompress)

/** Some pages of one entity, compressed: a zstd frame of whole lines. */
export interface Frame {
  readonly entity: Entity
  readonly pages: readonly Page[]
  readonly bytes: Buffer
}

/** Packs pages into one frame an entity. Compressing is done in the thread pool. */
export const pack = (pages: readonly Page[]): Promise<Frame[]> =>
  Promise.all(
    [...Map.groupBy(pages, (page) => page.envelope.entity)].map(async ([entity, some]) => ({
      entity,
      pages: some,
      bytes: await packed(linesOf(some)),
    })),
  )

/**
 * Of pages, level 1 makes as little as zstd's own default, 3, in two thirds of the time. One piece of output
 * mostly holds all: each further one would be a trip to the thread pool and back.
 */
export const packed = (lines: Buffer): Promise<Buffer> =>
  compress(lines, {
    params: { [constants.ZSTD_c_compressionLevel]: 1 },
    chunkSize: Math.max(4_096, lines.length >> 2),
    pledgedSrcSize: lines.length,
  })
