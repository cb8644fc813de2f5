import { closing, isSymbol, isWord, operandStart, replace, textOf, typeEnd } from '../operands.ts'
import type { Rule } from '../rule.ts'
import { selectItem } from '../select-list.ts'
import { nameOf, type Token } from '../tokens.ts'

const kinds = /^(regclass|regtype|regproc|regprocedure|regnamespace|regrole)$/
const needs = /reg(class|type|proc|namespace|role)/i
const macroOf = (type: string) => (type === 'regprocedure' ? '_regproc' : `_${type}`)

/** `CAST(x AS regclass)` is `(x)::regclass`. */
export const regCastFunctions: Rule = {
  about: 'CAST to the types that stand for names',
  needs,
  apply(tokens) {
    for (let at = 0; at < tokens.length; at++) {
      if (!isWord(tokens[at], 'cast') || !isSymbol(tokens[at + 1], '(')) continue
      const close = closing(tokens, at + 1)
      const type = nameOf(tokens[close - 1])
      if (kinds.test(type) && isWord(tokens[close - 2], 'as'))
        replace(tokens, at, close, `(${textOf(tokens, at + 2, close - 3)})::${type}`)
    }
  },
}

/**
 * `'fdx.accounts'::regclass`, `c.oid::regtype`: a number that shows as a name. It becomes the name where it is shown (a column of the
 * result, a cast to text, a part of a text), the number elsewhere.
 */
export const regCasts: Rule = {
  about: 'casts to the types that stand for names',
  needs,
  apply(tokens) {
    for (let at = 0; at < tokens.length; at++) {
      const type = nameOf(tokens[at + 1])
      if (!isSymbol(tokens[at], '::') || !kinds.test(type) || isSymbol(tokens[at + 2], '['))
        continue
      if (at === 0) continue
      const first = operandStart(tokens, at - 1)
      const operand = textOf(tokens, first, at - 1)
      // A column holds the number itself; anything else may be a name.
      const isNumber = /^[\w".]+$/.test(operand) && !/^\$/.test(operand)
      const number = isNumber ? `(${operand})` : `${macroOf(type)}(${operand})`
      let last = at + 1
      const cast = isSymbol(tokens[last + 1], '::') ? nameOf(tokens[last + 2]) : ''
      const alias = selectItem(tokens, first, last)
      let sql = number
      if (
        /^(text|varchar|name)$/.test(cast) ||
        isSymbol(tokens[last + 1], '||') ||
        isSymbol(tokens[first - 1], '||')
      )
        sql = `${macroOf(type)}_text(${number})`
      else if (/^(oid|int4|int8|integer|bigint|uinteger)$/.test(cast))
        last = typeEnd(tokens, last + 2)
      else if (alias !== undefined)
        sql = `${macroOf(type)}_text(${number})${alias ? '' : ` as ${type}`}`
      at = first + replace(tokens, first, last, sql) - 1
    }
  },
}

/** `oid` is BIGINT to DuckDB, but unsigned to clients. */
export const oids: Rule = {
  about: 'the type oid',
  needs: /\boid\b/i,
  apply(tokens) {
    for (let at = 0; at < tokens.length; at++)
      if (nameOf(tokens[at]) === 'oid' && isCastTo(tokens, at)) replace(tokens, at, at, 'uinteger')
  },
}

const isCastTo = (tokens: readonly Token[], at: number) =>
  isSymbol(tokens[at - 1], '::') ||
  (isWord(tokens[at - 1], 'as') && isSymbol(tokens[at + 1], ')') && inCast(tokens, at))

function inCast(tokens: readonly Token[], at: number): boolean {
  for (let back = at, depth = 0; back > 0; back--) {
    if (isSymbol(tokens[back], ')')) depth++
    else if (isSymbol(tokens[back], '(') && depth-- === 0) return isWord(tokens[back - 1], 'cast')
  }
  return false
}
