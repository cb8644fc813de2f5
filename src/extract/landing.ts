import type { CheckedBody } from '../page/check.ts'
import type { Entity } from '../page/page.ts'
import type { Checkpoint } from '../state/checkpoints.ts'
import type { Answer, JudgedAnswer } from './answer.ts'
import type { Extraction } from './extraction.ts'

/** Where a page stands: which pull of which stream, and how far. */
export interface Place {
  readonly entity: Entity
  readonly pullId: string
  readonly accountId: string | null
  readonly windowStart: string | null
  readonly windowEnd: string | null
  /** From 1. */
  readonly sequence: number
  readonly last: boolean
}

/** Keeps one answer and, in the same moment, the checkpoints that go with it; counts it when it is durable. */
export async function landAnswer(
  extraction: Pick<Extraction, 'connection' | 'land' | 'meter' | 'progress' | 'runId' | 'world'>,
  place: Place,
  answer: Omit<Answer, 'headers'> & Partial<Pick<JudgedAnswer, 'retries'>>,
  checked: CheckedBody,
  checkpoints: readonly Checkpoint[],
): Promise<void> {
  const { connection, meter, land, runId, world } = extraction
  const envelope = {
    page_id: world.uuid(),
    run_id: runId,
    pull_id: place.pullId,
    provider: connection.provider,
    connection_id: connection.id,
    entity: place.entity,
    account_id: place.accountId,
    window_start: place.windowStart,
    window_end: place.windowEnd,
    sequence: place.sequence,
    last: place.last,
    status: answer.status,
    interaction_id: answer.interactionId,
    requested_at: answer.requestedAt,
    fetched_at: answer.fetchedAt,
    bytes: answer.body.length,
    ms: Date.parse(answer.fetchedAt) - Date.parse(answer.requestedAt),
    retries: answer.retries ?? 0,
    marks: checked.marks,
  }
  await land({ envelope, body: checked.body }, checkpoints)
  meter.pages++
  meter.bytes += answer.body.length
  extraction.progress()
}
