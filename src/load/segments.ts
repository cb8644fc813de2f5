import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { FdxError } from '../errors.ts'
import { contents } from '../land/frames.ts'
import { type LoadedEntity, loadedEntities } from './loaded.ts'

export interface Segment {
  /** `<entity>/<file>`: its name in ops.segments. */
  readonly name: string
  readonly entity: LoadedEntity
  readonly file: string
  readonly bytes: number
}

/** Sealed segments, in the order in which entities load: accounts before the transactions that need them. */
export function sealedSegments(folder: string): Segment[] {
  return loadedEntities.flatMap((entity) => {
    const dir = join(folder, entity)
    if (!existsSync(dir)) return []
    return readdirSync(dir)
      .filter((name) => name.endsWith('.ndjson.zst'))
      .sort()
      .map((name) => {
        const file = join(dir, name)
        return { name: `${entity}/${name}`, entity, file, bytes: statSync(file).size }
      })
  })
}

const newline = 0x0a

/**
 * Lines of a segment, without their line breaks. What stands before a damaged frame is still given.
 * @throws FdxError `SEGMENT_INVALID` at the damage.
 */
export function* segmentLines(segment: Segment): Generator<Buffer> {
  for (const lines of contents(readFileSync(segment.file))) {
    for (let start = 0; start < lines.length; ) {
      const end = lines.indexOf(newline, start)
      const stop = end < 0 ? lines.length : end
      if (stop > start) yield lines.subarray(start, stop)
      start = stop + 1
    }
  }
}

/** Whether reading a segment failed because its bytes are not what was written. */
export const isDamage = (error: unknown): boolean =>
  error instanceof FdxError
    ? error.code === 'SEGMENT_INVALID'
    : error instanceof Error && 'code' in error && String(error.code).startsWith('ZSTD_')
