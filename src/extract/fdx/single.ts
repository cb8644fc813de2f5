import type { FdxProvider } from '../../config/provider.ts'
import { checkBody } from '../../page/check.ts'
import { isObject, type JsonValue, memberOf } from '../../page/json.ts'
import type { Entity } from '../../page/page.ts'
import type { Checkpoint } from '../../state/checkpoints.ts'
import type { Extraction } from '../extraction.ts'
import { landAnswer } from '../landing.ts'
import { unreadable } from '../unreadable.ts'
import { finishStream } from './account-stream.ts'
import { noticePartial } from './pull.ts'

/** One resource that is a record, not a list. */
export interface Single {
  readonly entity: Entity
  readonly stream: string
  /** For messages: no ids. */
  readonly what: string
  readonly path: string
  /** The member that would make it a list all the same. */
  readonly list: string
  readonly accountId: string | null
  /** Further checkpoints that become durable with the page. */
  readonly alsoPlan?: (items: readonly JsonValue[]) => readonly Checkpoint[]
}

/**
 * Reads a single record and lands it, marked `bare_record` where it has no envelope.
 * @throws FdxError of the session, or `ANSWER_INVALID`, `JSON_TOO_DEEP` for what is kept but no record.
 */
export async function readSingle(
  extraction: Extraction<FdxProvider>,
  single: Single,
): Promise<void> {
  const { connection, runId, session, world } = extraction
  const { stream, what } = single
  const answer = await session.get(what, single.path)
  if (answer.judgement !== 'ok') return finishStream(extraction, stream)
  if (answer.status === 206) noticePartial(extraction, single)
  const checked = checkBody(answer.body)
  const { value } = checked
  const whole = value !== undefined && isObject(value)
  const bare = whole && memberOf(value, single.list) === undefined
  const place = {
    entity: single.entity,
    pullId: world.uuid(),
    accountId: single.accountId,
    windowStart: null,
    windowEnd: null,
    sequence: 1,
    last: whole,
  }
  const checkpoint: Checkpoint = {
    connection_id: connection.id,
    stream,
    run_id: runId,
    pull_id: place.pullId,
    cursor: null,
    pages: 1,
    complete: whole ? 1 : 0,
    window_start: null,
    window_end: null,
    good_until: null,
    updated_at: new Date(world.now()).toISOString(),
  }
  const marks = bare ? [...checked.marks, 'bare_record' as const] : checked.marks
  const plans = whole ? (single.alsoPlan?.([value]) ?? []) : []
  await landAnswer(extraction, place, answer, { ...checked, marks }, [checkpoint, ...plans])
  if (!whole) throw unreadable(what, checked, 'record')
}
