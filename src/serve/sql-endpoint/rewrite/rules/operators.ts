import { closing, isSymbol, isWord, operandEnd, replace, textOf } from '../operands.ts'
import type { Rule } from '../rule.ts'
import { literal, nameOf, stringOf, type Token } from '../tokens.ts'

/** `OPERATOR(pg_catalog.~)` is `~`. */
export const namedOperators: Rule = {
  about: 'operators with their schema',
  needs: /operator\s*\(/i,
  apply(tokens) {
    for (let at = 0; at < tokens.length; at++) {
      if (!isWord(tokens[at], 'operator') || !isSymbol(tokens[at + 1], '(')) continue
      const close = closing(tokens, at + 1)
      const dot = tokens.findIndex((token, place) => place > at && isSymbol(token, '.'))
      const first = dot > 0 && dot < close ? dot + 1 : at + 2
      replace(tokens, at, close, textOf(tokens, first, close - 1))
    }
  },
}

/** There is one collation, that of bytes; naming it changes nothing. */
export const collations: Rule = {
  about: 'COLLATE of the default collations',
  needs: /collate/i,
  apply(tokens) {
    for (let at = 0; at < tokens.length; at++) {
      if (!isWord(tokens[at], 'collate')) continue
      const last = isSymbol(tokens[at + 2], '.') ? at + 3 : at + 1
      if (/^(default|C|POSIX|ucs_basic|c|en_US|C\.UTF-8)$/.test(nameOf(tokens[last])))
        replace(tokens, at, last, '')
    }
  },
}

const insensitive = (operator: string) => operator.endsWith('~*')

/** PostgreSQL's `~` finds the pattern anywhere; DuckDB's `~` matches the whole text. */
export const regularExpressions: Rule = {
  about: 'matching of regular expressions',
  needs: /~/,
  apply(tokens) {
    for (let at = 0; at < tokens.length; at++) {
      const operator = tokens[at]
      if (operator?.kind !== 'symbol' || !/^!?~\*?$/.test(operator.text)) continue
      const flags = insensitive(operator.text) ? 'is' : 's'
      operator.text = operator.text.replace('*', '')
      const last = operandEnd(tokens, at + 1)
      if (last <= at) continue
      const pattern = stringOf(tokens[at + 1])
      const anywhere =
        last === at + 1 && pattern !== undefined
          ? literal(`(?${flags}).*(?:${pattern}).*`)
          : `('(?${flags}).*(?:' || ${textOf(tokens, at + 1, last)} || ').*')`
      replace(tokens, at + 1, last, anywhere)
    }
  },
}

/** In the catalogue, whole numbers are divided to whole numbers. Queries of data keep DuckDB's division. */
export const division: Rule = {
  about: 'division of whole numbers in the catalogue',
  needs: /\//,
  apply(tokens, { catalogue }) {
    if (!catalogue) return
    for (const token of tokens) if (isSymbol(token, '/')) token.text = '//'
  },
}

/** Unquoted names fold to lower case in the answers of catalogue queries, as clients look columns up by them. */
export const folding: Rule = {
  about: 'names in catalogue queries fold to lower case',
  needs: /[A-Z]/,
  apply(tokens, { catalogue }) {
    if (!catalogue) return
    tokens.forEach((token: Token) => {
      if (token.kind === 'name') token.text = token.text.toLowerCase()
    })
  },
}
