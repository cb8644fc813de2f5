import { constants, createZstdCompress } from 'node:zlib'

/** One piece of output mostly holds a whole frame: each further one would be a trip to the thread pool and back. */
const chunkSize = 256 * 1024

/**
 * Opens what makes a zstd frame of each text, in the thread pool; one at a time. All of them come from one
 * compressor: a new one for each would be megabytes to fill with zeros, and objects that only the large collections
 * of garbage free. Of pages, level 1 makes as little as zstd's own default, 3, in two thirds of the time.
 */
export function openCompressor(): (lines: Buffer) => Promise<Buffer> {
  const { ZSTD_c_compressionLevel, ZSTD_e_end } = constants
  // Every write ends a frame.
  const zstd = createZstdCompress({
    params: { [ZSTD_c_compressionLevel]: 1 },
    flush: ZSTD_e_end,
    chunkSize,
  })
  let parts: Buffer[] = []
  zstd.on('data', (part: Buffer) => parts.push(part))
  zstd.on('error', () => {}) // the write that failed is told
  return (lines) =>
    new Promise((done, failed) =>
      zstd.write(lines, (error) => {
        const [first = Buffer.alloc(0), ...more] = parts
        parts = []
        if (error) failed(error)
        else done(more.length === 0 ? first : Buffer.concat([first, ...more]))
      }),
    )
}
