export type TokenKind = 'name' | 'quoted' | 'string' | 'number' | 'parameter' | 'symbol' | 'end'

/** A token with what stands before it, so that a list of tokens is the whole text. Rules change tokens in place. */
export interface Token {
  kind: TokenKind
  /** White space and comments before it. */
  space: string
  text: string
}

/** Longest first: operators that differ from the sum of their parts. */
const symbols = [
  '!~~*',
  '!~*',
  '!~~',
  '~~*',
  '#>>',
  '->>',
  '::',
  ':=',
  '!~',
  '~*',
  '~~',
  '<=',
  '>=',
  '<>',
  '!=',
  '||',
  '#>',
  '->',
  '<@',
  '@>',
  '&&',
  '<<',
  '>>',
  '=>',
  '//',
  '**',
]

const start = {
  space: /\s/,
  name: /[A-Za-z_\u0080-\uffff]/,
  digit: /[0-9]/,
}
const name = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y
const number = /(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y
const dollar = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y
const parameter = /\$\d+/y

/**
 * Splits SQL into tokens without losing a character (PostgreSQL 15 documentation, 4.1): dollar quotes, nested comments, E-strings.
 * An unclosed string, comment or name runs to the end; the parser will complain about it. The last token is the empty `end`.
 */
export function tokenize(sql: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  while (at <= sql.length) {
    const spaceEnd = endOfSpace(sql, at)
    const space = sql.slice(at, spaceEnd)
    if (spaceEnd >= sql.length) {
      tokens.push({ kind: 'end', space, text: '' })
      break
    }
    const [kind, end] = endOfToken(sql, spaceEnd)
    tokens.push({ kind, space, text: sql.slice(spaceEnd, end) })
    at = end
  }
  return tokens
}

export const untokenize = (tokens: readonly Token[]) =>
  tokens.map(({ space, text }) => space + text).join('')

function endOfSpace(sql: string, from: number): number {
  let at = from
  while (at < sql.length) {
    if (start.space.test(sql[at] ?? '')) at++
    else if (sql.startsWith('--', at)) at = after(sql, '\n', at)
    else if (sql.startsWith('/*', at)) at = endOfComment(sql, at)
    else break
  }
  return at
}

function endOfComment(sql: string, from: number): number {
  const mark = /\/\*|\*\//g
  mark.lastIndex = from + 2
  let depth = 1
  for (let found = mark.exec(sql); found; found = mark.exec(sql)) {
    depth += found[0] === '/*' ? 1 : -1
    if (depth === 0) return mark.lastIndex
  }
  return sql.length
}

function endOfToken(sql: string, at: number): [TokenKind, number] {
  const char = sql[at] ?? ''
  if (char === "'") return ['string', endOfQuote(sql, at, "'", false)]
  if (/^[eE]'/.test(sql.slice(at, at + 2))) return ['string', endOfQuote(sql, at + 1, "'", true)]
  if (/^[bBxXnN]'/.test(sql.slice(at, at + 2)))
    return ['string', endOfQuote(sql, at + 1, "'", false)]
  if (char === '"') return ['quoted', endOfQuote(sql, at, '"', false)]
  if (start.name.test(char)) return ['name', match(name, sql, at)]
  if (start.digit.test(char) || (char === '.' && start.digit.test(sql[at + 1] ?? '')))
    return ['number', match(number, sql, at)]
  if (char === '$') {
    const opening = match(dollar, sql, at)
    if (opening > at) return ['string', after(sql, sql.slice(at, opening), opening)]
    const end = match(parameter, sql, at)
    if (end > at) return ['parameter', end]
  }
  const symbol = symbols.find((one) => sql.startsWith(one, at))
  return ['symbol', at + (symbol?.length ?? 1)]
}

function endOfQuote(sql: string, opening: number, quote: string, backslash: boolean): number {
  for (let at = opening + 1; at < sql.length; at++) {
    if (backslash && sql[at] === '\\') at++
    else if (sql[at] === quote) {
      if (sql[at + 1] !== quote) return at + 1
      at++
    }
  }
  return sql.length
}

function match(pattern: RegExp, sql: string, at: number): number {
  pattern.lastIndex = at
  return pattern.test(sql) ? pattern.lastIndex : at
}

function after(sql: string, mark: string, from: number): number {
  const found = sql.indexOf(mark, from)
  return found === -1 ? sql.length : found + mark.length
}

/** A name as PostgreSQL reads it: lower case unless quoted. Empty for what is no name. */
export function nameOf(token: Token | undefined): string {
  if (token?.kind === 'name') return token.text.toLowerCase()
  return token?.kind === 'quoted' ? token.text.slice(1, -1).replaceAll('""', '"') : ''
}

/** What a plain string says; undefined for other tokens, and for strings with escapes that only a parser reads. */
export function stringOf(token: Token | undefined): string | undefined {
  if (token?.kind !== 'string') return undefined
  const { text } = token
  if (text.startsWith("'") && text.endsWith("'") && text.length > 1)
    return text.slice(1, -1).replaceAll("''", "'")
  if (/^[eE]'/.test(text) && !text.includes('\\')) return text.slice(2, -1).replaceAll("''", "'")
  if (/^[eE]'/.test(text))
    return text
      .slice(2, -1)
      .replaceAll("''", "'")
      .replace(
        /\\(.)/gs,
        (_, one) => ({ n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' })[one as string] ?? one,
      )
  const tag = /^\$\w*\$/.exec(text)?.[0]
  return tag ? text.slice(tag.length, -tag.length) : undefined
}

export const literal = (value: string) => `'${value.replaceAll("'", "''")}'`
