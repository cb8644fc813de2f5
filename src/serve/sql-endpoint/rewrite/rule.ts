import type { RewriteSession } from './session.ts'
import type { Token } from './tokens.ts'

export interface Context {
  readonly session: RewriteSession
  /** The statement reads the catalogue: names fold to lower case there, and whole numbers divide to whole numbers. */
  readonly catalogue: boolean
}

/** One difference between PostgreSQL and DuckDB, and how it is bridged. */
export interface Rule {
  /** What it bridges, for people. */
  readonly about: string
  /** The rule is tried only on text that this matches: a cheap test, which may match too much. */
  readonly needs: RegExp
  apply(tokens: Token[], context: Context): void
}
