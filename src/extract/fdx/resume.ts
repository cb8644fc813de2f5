import { type Code, FdxError } from '../../errors.ts'
import { type Checkpoint, getCheckpoint, saveCheckpoint } from '../../state/checkpoints.ts'
import type { State } from '../../state/state.ts'
import type { Extraction } from '../extraction.ts'

/** How long a provider is expected to remember a cursor: nobody publishes it. Milliseconds. */
const cursorLifeMs = 6 * 3_600_000

/** The checkpoint, where a reading that was cut off can go on behind it. */
export function resumable(found: Checkpoint | undefined, now: number): Checkpoint | undefined {
  if (!found || found.complete === 1 || found.cursor === null) return undefined
  return now - Date.parse(found.updated_at) <= cursorLifeMs ? found : undefined
}

/** Forgets a cursor that leads nowhere: the next reading of the stream begins at its start. */
export function forgetCursor(state: State, connectionId: string, stream: string): void {
  const found = getCheckpoint(state, connectionId, stream)
  if (found?.cursor) saveCheckpoint(state, { ...found, cursor: null })
}

/** How providers refuse a cursor that they do not know any more. */
const unknownCursor: ReadonlySet<Code> = new Set(['REQUEST_INVALID', 'NOT_FOUND', 'NO_DATA'])

/** Reads a stream; when the cursor of an earlier run is refused, once more, from the stream's start. */
export async function readResumed(
  { connection, state, world }: Extraction,
  stream: string,
  read: () => Promise<void>,
): Promise<void> {
  const from = resumable(getCheckpoint(state, connection.id, stream), world.now())
  try {
    await read()
  } catch (error) {
    const refused =
      from !== undefined &&
      error instanceof FdxError &&
      unknownCursor.has(error.code) &&
      getCheckpoint(state, connection.id, stream)?.cursor === from.cursor
    if (!refused) throw error
    forgetCursor(state, connection.id, stream)
    await read()
  }
}
