import type { Code, Facts } from '../errors.ts'

/** One HTTP answer, read to its end. */
export interface Answer {
  readonly status: number
  readonly headers: { get(name: string): string | null }
  /** The decoded body. */
  readonly body: Buffer
  /** The provider's word for this exchange, else ours; null where neither has one. */
  readonly interactionId: string | null
  /** ISO 8601, UTC. */
  readonly requestedAt: string
  readonly fetchedAt: string
}

/**
 * What an answer means. `again`: the same request may succeed inside this run. `renew`: with a fresh access
 * token it may succeed at once.
 */
export type Judgement =
  | { readonly kind: 'ok' | 'empty' | 'pending' }
  | {
      readonly kind: 'refused'
      readonly code: Code
      readonly again: boolean
      readonly renew: boolean
      readonly facts: Facts
    }

export type Judge = (answer: Pick<Answer, 'status' | 'headers' | 'body'>) => Judgement

/** Codes whose request is worth repeating inside the same run. */
const passing: ReadonlySet<Code> = new Set(['RATE_LIMITED', 'PROVIDER_DOWN', 'MAINTENANCE'])

export function refused(
  code: Code,
  facts: Facts,
  more: { again?: boolean; renew?: boolean } = {},
): Judgement {
  return {
    kind: 'refused',
    code,
    again: more.again ?? passing.has(code),
    renew: more.renew ?? code === 'TOKEN_REFUSED',
    facts,
  }
}

/** An answer that is no refusal, and how it was come by. */
export interface JudgedAnswer extends Answer {
  readonly judgement: 'ok' | 'empty' | 'pending'
  /** Attempts that failed before this answer. */
  readonly retries: number
}
