import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Entity, PageEnvelope } from '../page/page.ts'
import { contents } from './frames.ts'
import { envelopesOf } from './line.ts'

/** What is inside a sealed segment, so that purge and replay find pages without reading it. */
export interface Manifest {
  readonly segment: string
  readonly entity: Entity
  readonly pages: number
  /** Pages of each connection. */
  readonly connections: Readonly<Record<string, number>>
  readonly first_fetched_at: string | null
  readonly last_fetched_at: string | null
  readonly bytes: number
  /** Of the segment file, in hex. */
  readonly sha256: string
}

/** Collects a manifest while pages are written, or read again. */
export function openManifest(entity: Entity) {
  const connections = new Map<string, number>()
  let pages = 0
  let first: string | null = null
  let last: string | null = null
  return {
    add(envelope: PageEnvelope): void {
      pages++
      connections.set(envelope.connection_id, (connections.get(envelope.connection_id) ?? 0) + 1)
      if (first === null || envelope.fetched_at < first) first = envelope.fetched_at
      if (last === null || envelope.fetched_at > last) last = envelope.fetched_at
    },
    of: (segment: string, bytes: number, sha256: string): Manifest => ({
      segment,
      entity,
      pages,
      connections: Object.fromEntries(connections),
      first_fetched_at: first,
      last_fetched_at: last,
      bytes,
      sha256,
    }),
  }
}

/** Makes the manifest of a segment whose writer has died. Throws `SEGMENT_INVALID` when it is damaged. */
export async function readManifest(file: string, segment: string, entity: Entity) {
  const bytes = await readFile(file)
  const manifest = openManifest(entity)
  for (const lines of contents(bytes))
    for (const envelope of envelopesOf(lines)) manifest.add(envelope)
  return manifest.of(segment, bytes.length, createHash('sha256').update(bytes).digest('hex'))
}

/** `fdx.accounts/NAME.ndjson.zst` → where its manifest is. */
export const manifestFile = (segments: string, segment: string) =>
  join(segments, segment.replace(/\.ndjson\.zst$/, '.manifest.json'))
