import { closing, isSymbol, isWord, opening, replace, textOf } from '../operands.ts'
import type { Rule } from '../rule.ts'
import { inSelectList } from '../select-list.ts'
import { nameOf, type Token } from '../tokens.ts'

const setFunctions =
  /^(generate_series|generate_subscripts|unnest|string_to_table|regexp_split_to_table|jsonb?_array_elements(_text)?|jsonb?_object_keys)$/
const lists = /^(generate_series|string_to_table|regexp_split_to_table)$/

/** `FROM generate_series(1, 3) s`: the alias names the column too. */
export const setAliases: Rule = {
  about: 'aliases of functions in FROM',
  needs:
    /generate_s|unnest|string_to_table|regexp_split_to_table|jsonb?_(array_elements|object_keys)/i,
  apply(tokens) {
    for (let at = 1; at < tokens.length; at++) {
      if (!setFunctions.test(nameOf(tokens[at])) || !isSymbol(tokens[at + 1], '(')) continue
      if (!/^(from|join|lateral|,)$/i.test(tokens[at - 1]?.text ?? '') || inSelectList(tokens, at))
        continue
      const close = closing(tokens, at + 1)
      const alias = isWord(tokens[close + 1], 'as') ? close + 2 : close + 1
      const name = tokens[alias]
      if (!name || !isAlias(name.text, name.kind) || isSymbol(tokens[alias + 1], '(')) continue
      replace(tokens, alias, alias, `${name.text}(${name.text})`)
    }
  },
}

const isAlias = (text: string, kind: string) =>
  kind === 'quoted' ||
  (kind === 'name' &&
    !/^(where|on|join|left|right|inner|cross|full|group|order|limit|union|with|using|natural|as|having|except|intersect|offset)$/i.test(
      text,
    ))

/** `SELECT generate_series(1, 3)`: a row for each; in DuckDB it is a list there. */
export const setsInSelect: Rule = {
  about: 'functions that return sets in the SELECT list',
  needs: /generate_series|string_to_table|regexp_split_to_table/i,
  apply(tokens) {
    for (let at = 1; at < tokens.length; at++) {
      if (!lists.test(nameOf(tokens[at])) || !isSymbol(tokens[at + 1], '(')) continue
      if (!inSelectList(tokens, at)) continue
      const close = closing(tokens, at + 1)
      at += replace(tokens, at, close, `unnest(${textOf(tokens, at, close)})`) - 1
    }
  },
}

const scalars =
  /^(string_to_array|regexp_split_to_array|parse_ident|current_schemas|current_setting|now|to_timestamp)$/

/** `FROM string_to_array('a,b', ',') s`: one row, of one column that is called as the alias. */
export const scalarsInFrom: Rule = {
  about: 'functions of one value in FROM',
  needs: /string_to_array|regexp_split_to_array|parse_ident|current_s|now|to_timestamp/i,
  apply(tokens) {
    for (let at = 1; at < tokens.length; at++) {
      const name = nameOf(tokens[at])
      if (!scalars.test(name) || !isSymbol(tokens[at + 1], '(') || !inFrom(tokens, at)) continue
      const close = closing(tokens, at + 1)
      const alias = isWord(tokens[close + 1], 'as') ? close + 2 : close + 1
      const token = tokens[alias]
      const called = token && isAlias(token.text, token.kind) ? token.text : name
      const last = called === token?.text ? alias : close
      replace(tokens, at, last, `(select ${textOf(tokens, at, close)}) as ${called}(${called})`)
    }
  },
}

/** Whether the nearest clause before, at the same depth of brackets, is FROM. */
function inFrom(tokens: readonly Token[], at: number): boolean {
  if (!/^(from|join|lateral|,)$/i.test(tokens[at - 1]?.text ?? '')) return false
  for (let back = at - 1; back >= 0; back--) {
    const token = tokens[back]
    if (isSymbol(token, ')') || isSymbol(token, ']')) back = opening(tokens, back)
    else if (isSymbol(token, '(') || isSymbol(token, '[')) return false
    else if (
      token?.kind === 'name' &&
      /^(select|from|where|group|order|having|on|by|values|set)$/i.test(token.text)
    )
      return isWord(token, 'from')
  }
  return false
}
