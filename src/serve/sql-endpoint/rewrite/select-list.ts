import { isSymbol, isWord, opening } from './operands.ts'
import { nameOf, type Token } from './tokens.ts'

/**
 * Whether an expression is by itself a column of a SELECT list: undefined when not, else its alias, empty where it has none.
 */
export function selectItem(
  tokens: readonly Token[],
  first: number,
  last: number,
): string | undefined {
  const before = tokens[first - 1]
  const starts = isWord(before, 'select') || isWord(before, 'distinct') || isSymbol(before, ',')
  if (!starts || !inSelectList(tokens, first)) return undefined
  const next = tokens[last + 1]
  if (isWord(next, 'as')) return nameOf(tokens[last + 2])
  if (next?.kind === 'quoted') return nameOf(next)
  if (next?.kind === 'end' || isSymbol(next, ',') || isSymbol(next, ';') || isSymbol(next, ')'))
    return ''
  if (next?.kind !== 'name') return undefined
  return ends.test(next.text) ? '' : continues.test(next.text) ? undefined : nameOf(next)
}

const ends = /^(from|where|union|order|limit|group|except|intersect)$/i
const continues = /^(is|in|not|and|or|like|ilike|between|collate|similar|at)$/i
const clauses = /^(select|from|where|group|order|having|limit|join|on|by|values|set|with)$/i

/** Whether the nearest clause before, at the same depth of brackets, is SELECT. */
export function inSelectList(tokens: readonly Token[], at: number): boolean {
  for (let back = at - 1; back >= 0; back--) {
    const token = tokens[back]
    if (isSymbol(token, ')') || isSymbol(token, ']')) back = opening(tokens, back)
    else if (isSymbol(token, '(') || isSymbol(token, '[')) return false
    else if (token?.kind === 'name' && clauses.test(token.text)) return isWord(token, 'select')
  }
  return false
}

/** Whether a token stands in no brackets. */
export function atTop(tokens: readonly Token[], at: number): boolean {
  let depth = 0
  for (let back = 0; back < at; back++) {
    if (isSymbol(tokens[back], '(')) depth++
    else if (isSymbol(tokens[back], ')')) depth--
  }
  return depth === 0
}
