import { closing, isSymbol, isWord, operandStart, replace, textOf, typeEnd } from '../operands.ts'
import type { Rule } from '../rule.ts'
import { atTop, selectItem } from '../select-list.ts'
import { literal, nameOf, stringOf } from '../tokens.ts'

/** `'{1,2}'::int[]`: DuckDB writes lists in brackets. */
export const arrayLiterals: Rule = {
  about: 'array literals in braces',
  needs: /'\{[^']*\}'\s*::/,
  apply(tokens) {
    for (let at = 0; at < tokens.length; at++) {
      const body = /^\{(.*)\}$/s.exec(stringOf(tokens[at]) ?? '')?.[1]
      if (body === undefined || !isSymbol(tokens[at + 1], '::')) continue
      if (isSymbol(tokens[typeEnd(tokens, at + 2)], ']'))
        replace(tokens, at, at, literal(`[${body}]`))
    }
  },
}

/** `x = ANY (list)` and `x <> ALL (list)`; DuckDB then also knows the type of a parameter in it. */
export const anyOfList: Rule = {
  about: '= ANY and <> ALL of an array',
  needs: /\b(any|some|all)\s*\(/i,
  apply(tokens) {
    for (let at = 2; at < tokens.length; at++) {
      const word = nameOf(tokens[at])
      if (!/^(any|some|all)$/.test(word) || !isSymbol(tokens[at + 1], '(')) continue
      const operator = tokens[at - 1]?.text ?? ''
      const negated = word === 'all' && /^(<>|!=)$/.test(operator)
      if (!negated && !(word !== 'all' && operator === '=')) continue
      const first = inside(tokens, at + 1)
      if (/^(select|values|with)$/.test(nameOf(tokens[first]))) continue
      const close = closing(tokens, at + 1)
      const left = operandStart(tokens, at - 2)
      const call = `list_contains(${textOf(tokens, at + 2, close - 1)}, ${textOf(tokens, left, at - 2)})`
      at = left + replace(tokens, left, close, negated ? `(not ${call})` : call) - 1
    }
  },
}

function inside(tokens: Parameters<typeof closing>[0], open: number): number {
  let at = open + 1
  while (isSymbol(tokens[at], '(')) at++
  return at
}

const vectors = /^(indkey|indclass|indoption|indcollation|proargtypes)$/

/** int2vector and oidvector count from 0, and are written with spaces. */
export const vectorColumns: Rule = {
  about: 'vectors of the catalogue',
  needs: /ind(key|class|option|collation)|proargtypes/i,
  apply(tokens) {
    for (let at = 0; at < tokens.length; at++) {
      if (!vectors.test(nameOf(tokens[at])) || isWord(tokens[at - 1], 'as')) continue
      const first = operandStart(tokens, at)
      const text = textOf(tokens, first, at)
      const cast = isSymbol(tokens[at + 1], '::') ? nameOf(tokens[at + 2]) : ''
      const alias = atTop(tokens, at) ? selectItem(tokens, first, at) : undefined
      if (isSymbol(tokens[at + 1], '[')) {
        const close = closing(tokens, at + 1)
        const index = textOf(tokens, at + 2, close - 1)
        at += replace(tokens, at + 2, close - 1, `(${index}) + 1`)
      } else if (/^(text|varchar)$/.test(cast)) {
        at = first + replace(tokens, first, at + 2, `_vector_text(${text})`)
      } else if (alias !== undefined) {
        at =
          first +
          replace(
            tokens,
            first,
            at,
            `_vector_text(${text})${alias ? '' : ` as ${nameOf(tokens[at])}`}`,
          )
      }
    }
  },
}
