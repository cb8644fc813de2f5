import { rules } from './rules/index.ts'
import type { RewriteSession } from './session.ts'
import { tokenize, untokenize } from './tokens.ts'

export type { RewriteSession, SessionStatement } from './session.ts'

export interface Rewritten {
  /** One statement of DuckDB's SQL. */
  readonly sql: string
  /** The text differs from what the client sent, so positions in errors are void. */
  readonly changed: boolean
  /** The statement reads the catalogue: UINTEGER columns are `oid`s (OID 26). */
  readonly catalogue: boolean
}

const readsCatalogue = /\bpg_|information_schema|\breg(class|type|proc|namespace|role)\b/i

/** One statement of a client, as DuckDB understands it. Text that no rule needs to see comes back as it is. */
export function rewrite(sql: string, session: RewriteSession): Rewritten {
  const catalogue = readsCatalogue.test(sql)
  const needed = rules.filter((rule) => rule.needs.test(sql))
  if (needed.length === 0) return { sql, changed: false, catalogue }
  const tokens = tokenize(sql)
  for (const rule of needed) rule.apply(tokens, { session, catalogue })
  const written = untokenize(tokens)
  return { sql: written, changed: written !== sql, catalogue }
}
