import { type Facts, FdxError } from '../errors.ts'
import type { FailedRequest } from '../state/runs.ts'

/** The same error, with further facts. */
export const withFacts = (error: FdxError, more: Facts): FdxError =>
  new FdxError(error.code, error.message, {
    facts: { ...error.facts, ...more },
    cause: error.cause,
  })

/**
 * The request that an error of the session speaks of, for the records of a run: names and numbers of the exchange,
 * nothing of its address or body. All null for an error that speaks of none.
 */
export function failedRequest({ facts }: { readonly facts: Facts }): FailedRequest {
  const { status, bytes, ms, retries, interactionId } = facts
  const count = (value: Facts[string] | undefined) => (typeof value === 'number' ? value : null)
  return {
    request_status: count(status),
    request_bytes: count(bytes),
    request_ms: count(ms),
    request_retries: count(retries),
    interaction_id: typeof interactionId === 'string' ? interactionId : null,
  }
}
