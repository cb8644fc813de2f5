import {
  closing,
  isSymbol,
  isWord,
  operandEnd,
  operandStart,
  replace,
  textOf,
} from '../operands.ts'
import type { Rule } from '../rule.ts'
import { timeFormat } from '../time-format.ts'
import { literal, nameOf, stringOf, type Token } from '../tokens.ts'

/** First and last token of each argument of the call whose bracket opens at `open`. */
function argumentsOf(tokens: readonly Token[], open: number): [first: number, last: number][] {
  const close = closing(tokens, open)
  const found: [number, number][] = []
  let first = open + 1
  for (let at = open + 1, depth = 0; at <= close; at++) {
    if (/^[([]$/.test(tokens[at]?.text ?? '')) depth++
    else if (at < close && /^[)\]]$/.test(tokens[at]?.text ?? '')) depth--
    else if (at === close || (depth === 0 && isSymbol(tokens[at], ','))) {
      if (at > first) found.push([first, at - 1])
      first = at + 1
    }
  }
  return found
}

/** Templates of to_char, to_date and to_timestamp (documentation, 9.8) as strftime's. */
export const templates: Rule = {
  about: 'to_char, to_date and to_timestamp',
  needs: /\bto_(char|date|timestamp)\s*\(/i,
  apply(tokens) {
    for (let at = 0; at < tokens.length; at++) {
      const name = nameOf(tokens[at])
      if (!/^to_(char|date|timestamp)$/.test(name) || !isSymbol(tokens[at + 1], '(')) continue
      const [value, template] = argumentsOf(tokens, at + 1)
      const written = template && stringOf(tokens[template[1]])
      if (!value || written === undefined) continue
      const close = closing(tokens, at + 1)
      const text = textOf(tokens, ...value)
      if (name !== 'to_char') {
        const type = name === 'to_date' ? 'date' : 'timestamptz'
        replace(tokens, at, close, `strptime(${text}, ${literal(timeFormat(written))})::${type}`)
      } else if (/[09]/.test(written)) {
        replace(tokens, at, close, `_to_char_number(${text}, ${literal(written)})`)
      } else if (!/Q|ID/.test(written)) {
        replace(tokens, at, close, `strftime(${text}, ${literal(timeFormat(written))})`)
      }
    }
  },
}

/** `format('%I.%s', a, b)` and `json_build_object('a', b)`. DuckDB's format has other marks, and says nothing of these. */
export const formats: Rule = {
  about: 'format, json_build_object, json_build_array',
  needs: /\bformat\s*\(|jsonb?_build_/i,
  apply(tokens) {
    for (let at = 0; at < tokens.length; at++) {
      if (!isSymbol(tokens[at + 1], '(')) continue
      const name = nameOf(tokens[at])
      const build = /^jsonb?_build_(object|array)$/.exec(name)?.[1]
      if (build) replace(tokens, at, at, `json_${build}`)
      const template = name === 'format' ? stringOf(tokens[at + 2]) : undefined
      if (template?.includes('%')) formatCall(tokens, at, template)
    }
  },
}

function formatCall(tokens: Token[], at: number, template: string): void {
  const values = argumentsOf(tokens, at + 1)
    .slice(1)
    .map(([first, last]) => textOf(tokens, first, last))
  let next = 0
  const parts = template.split(/(%(?:\d+\$)?-?\d*[sIL%])/).map((part) => {
    const mark = /^%(?:(\d+)\$)?-?\d*([sIL%])$/.exec(part)
    if (!mark) return part === '' ? '' : literal(part)
    if (mark[2] === '%') return literal('%')
    const value = values[mark[1] ? Number(mark[1]) - 1 : next++] ?? 'null'
    if (mark[2] === 'I') return `quote_ident(${value})`
    return mark[2] === 'L' ? `quote_nullable(${value})` : `(${value})::varchar`
  })
  const written = parts.filter((part) => part !== '')
  replace(tokens, at, closing(tokens, at + 1), `concat(${written.join(', ') || "''"})`)
}

/** `substring(x from 'regex')`: the first group, or the whole match. */
export const substrings: Rule = {
  about: 'substring of a regular expression',
  needs: /substring\s*\(/i,
  apply(tokens) {
    for (let at = 0; at < tokens.length; at++) {
      if (nameOf(tokens[at]) !== 'substring' || !isSymbol(tokens[at + 1], '(')) continue
      const close = closing(tokens, at + 1)
      const from = tokens.findIndex(
        (token, place) => place > at && place < close && isWord(token, 'from'),
      )
      const commas = argumentsOf(tokens, at + 1)
      const mark = from > 0 ? from : commas.length === 2 ? (commas[1]?.[0] ?? 0) - 1 : 0
      const pattern = mark > 0 && mark + 1 === close - 1 ? stringOf(tokens[mark + 1]) : undefined
      if (pattern === undefined) continue
      const group = /(^|[^\\])\((?!\?)/.test(pattern) ? 1 : 0
      const text = textOf(tokens, at + 2, mark - 1)
      replace(
        tokens,
        at,
        close,
        `nullif(regexp_extract(${text}, ${literal(pattern)}, ${group}), '')`,
      )
    }
  },
}

/** `json #>> '{a,b}'`. */
export const jsonPaths: Rule = {
  about: 'paths into JSON',
  needs: /#>/,
  apply(tokens) {
    for (let at = 1; at < tokens.length; at++) {
      if (!isSymbol(tokens[at], '#>') && !isSymbol(tokens[at], '#>>')) continue
      const macro = tokens[at]?.text === '#>>' ? '_json_path_text' : '_json_path'
      const [first, last] = [operandStart(tokens, at - 1), operandEnd(tokens, at + 1)]
      if (last <= at) continue
      const path = pathOf(tokens, at + 1, last)
      at =
        first +
        replace(
          tokens,
          first,
          last,
          `${macro}((${textOf(tokens, first, at - 1)})::json, ${path})`,
        ) -
        1
    }
  },
}

/** `'{a,0,b}'` and `array['a', 'b']::text[]` as a list of DuckDB. */
function pathOf(tokens: readonly Token[], first: number, last: number): string {
  const body = /^\{(.*)\}$/s.exec(stringOf(tokens[first]) ?? '')?.[1]
  if (body === undefined) return textOf(tokens, first, last)
  const names =
    body === '' ? [] : body.split(',').map((name) => name.trim().replace(/^"(.*)"$/, '$1'))
  return `[${names.map(literal).join(', ')}]::varchar[]`
}
