import { isWord, operandEnd, replace, textOf } from '../operands.ts'
import type { Rule } from '../rule.ts'

/** In PostgreSQL a backslash escapes in every pattern; in DuckDB only where ESCAPE says so. */
export const likeEscapes: Rule = {
  about: 'backslashes in patterns of LIKE',
  needs: /like/i,
  apply(tokens) {
    for (let at = 0; at < tokens.length; at++) {
      if (!isWord(tokens[at], 'like') && !isWord(tokens[at], 'ilike')) continue
      const last = operandEnd(tokens, at + 1)
      if (last <= at || isWord(tokens[last + 1], 'escape')) continue
      const pattern = textOf(tokens, at + 1, last)
      const plain = tokens[at + 1]?.kind === 'string' && last === at + 1 && !pattern.includes('\\')
      if (!plain) replace(tokens, last, last, `${textOf(tokens, last, last)} escape '\\'`)
    }
  },
}
