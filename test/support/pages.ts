import { createHash } from 'node:crypto'
import { checkBody } from '../../src/page/check.ts'
import type { Entity, Page } from '../../src/page/page.ts'
import type { Checkpoint } from '../../src/state/checkpoints.ts'

/** A page as the extractor would land it. */
export function pageOf(
  id: string,
  body: string,
  more: { connection?: string; entity?: Entity } = {},
): Page {
  const checked = checkBody(Buffer.from(body))
  return {
    envelope: {
      page_id: id,
      run_id: 'run',
      pull_id: 'pull',
      provider: 'bank',
      connection_id: more.connection ?? 'c1',
      entity: more.entity ?? 'fdx.transactions',
      account_id: 'a"b,"body":1',
      window_start: null,
      window_end: null,
      sequence: 1,
      last: true,
      status: 200,
      interaction_id: null,
      requested_at: '2026-01-01T00:00:00.000Z',
      fetched_at: '2026-01-01T00:00:01.000Z',
      bytes: Buffer.byteLength(body),
      sha256: createHash('sha256').update(checked.body).digest('hex'),
      marks: checked.marks,
    },
    body: checked.body,
  }
}

export const checkpointOf = (stream: string, pages: number): Checkpoint => ({
  connection_id: 'c1',
  stream,
  run_id: 'run',
  pull_id: 'pull',
  cursor: null,
  pages,
  complete: 0,
  window_start: null,
  window_end: null,
  good_until: null,
  updated_at: '2026-01-01T00:00:00.000Z',
})
