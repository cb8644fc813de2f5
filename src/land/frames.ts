import { zstdDecompressSync } from 'node:zlib'
import { FdxError } from '../errors.ts'

const magic = 0xfd2fb528

/**
 * Yields the contents of each zstd frame of a segment, in order. Node's zlib stops behind the first frame, so
 * the frames' ends are found here: a frame is a header, blocks that each say their length, and possibly a
 * checksum (RFC 8878 section 3.1.1).
 * @throws FdxError `SEGMENT_INVALID` when the bytes are not whole frames.
 */
export function* contents(file: Buffer): Generator<Buffer> {
  for (let at = 0; at < file.length; ) {
    const end = frameEnd(file, at)
    yield zstdDecompressSync(file.subarray(at, end))
    at = end
  }
}

function frameEnd(file: Buffer, start: number): number {
  try {
    if (file.readUInt32LE(start) !== magic) throw invalid()
    const descriptor = file.readUInt8(start + 4)
    const singleSegment = (descriptor & 0x20) !== 0
    const contentSize = [singleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0
    const dictionary = [0, 1, 2, 4][descriptor & 3] ?? 0
    let at = start + 5 + (singleSegment ? 0 : 1) + dictionary + contentSize
    for (let last = false; !last; ) {
      const header = file.readUIntLE(at, 3)
      last = (header & 1) === 1
      // A block of type 1 repeats one byte; its length says how often.
      at += 3 + (((header >> 1) & 3) === 1 ? 1 : header >> 3)
    }
    at += (descriptor & 4) === 0 ? 0 : 4
    if (at > file.length) throw invalid()
    return at
  } catch (error) {
    throw error instanceof RangeError ? invalid() : error
  }
}

const invalid = () =>
  new FdxError('SEGMENT_INVALID', 'a segment is damaged; restore its file from a backup')
