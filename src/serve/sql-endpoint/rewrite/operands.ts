import { nameOf, type Token, tokenize } from './tokens.ts'

/** Names that end an expression on their left, so that a bracket after them opens no call. */
const keywords = new Set(
  'select from where and or not in on as case when then else end is like ilike between having by any all some exists using limit offset union except intersect distinct join left right full inner cross lateral values with over filter within returning array collate similar order group'.split(
    ' ',
  ),
)
export const isKeyword = (token: Token | undefined) =>
  token?.kind === 'name' && keywords.has(token.text.toLowerCase())

/** Whether the token is this symbol. */
export const isSymbol = (token: Token | undefined, text: string) =>
  token?.kind === 'symbol' && token.text === text

/** Whether the token is this word, not in quotes. */
export const isWord = (token: Token | undefined, word: string) =>
  token?.kind === 'name' && token.text.toLowerCase() === word

/** The bracket that closes the one at `open`; the last token where none does. */
export function closing(tokens: readonly Token[], open: number): number {
  let depth = 0
  for (let at = open; at < tokens.length; at++) {
    if (tokens[at]?.kind !== 'symbol') continue
    if (/^[([]$/.test(tokens[at]?.text ?? '')) depth++
    else if (/^[)\]]$/.test(tokens[at]?.text ?? '') && --depth === 0) return at
  }
  return tokens.length - 1
}

/** The bracket that opens the one at `close`; 0 where none does. */
export function opening(tokens: readonly Token[], close: number): number {
  let depth = 0
  for (let at = close; at >= 0; at--) {
    if (tokens[at]?.kind !== 'symbol') continue
    if (/^[)\]]$/.test(tokens[at]?.text ?? '')) depth++
    else if (/^[([]$/.test(tokens[at]?.text ?? '') && --depth === 0) return at
  }
  return 0
}

const isName = (token: Token | undefined) =>
  (token?.kind === 'name' && !isKeyword(token)) || token?.kind === 'quoted'

/** First token of the operand that ends at `last`: a literal, a column, a call, brackets; with its subscripts and casts. */
export const operandStart = (tokens: readonly Token[], last: number): number =>
  Math.max(0, startOf(tokens, last))

function startOf(tokens: readonly Token[], last: number): number {
  let at = last
  while (at > 0 && tokens[at]?.kind === 'symbol' && tokens[at]?.text === ']')
    at = opening(tokens, at) - 1
  if (isWord(tokens[at], 'array')) return at
  if (isSymbol(tokens[at], ')')) {
    at = opening(tokens, at)
    if (isName(tokens[at - 1])) at--
    else return castStart(tokens, at)
  }
  while (isSymbol(tokens[at - 1], '.') && (isName(tokens[at - 2]) || isSymbol(tokens[at - 2], ')')))
    at = isSymbol(tokens[at - 2], ')') ? operandStart(tokens, at - 2) : at - 2
  if (
    tokens[at]?.kind === 'string' &&
    /^(date|time|timestamp|timestamptz|interval)$/.test(nameOf(tokens[at - 1]))
  )
    at--
  return castStart(tokens, at)
}

/** What stands before is `operand::`, when this was a type. */
const castStart = (tokens: readonly Token[], at: number): number =>
  isSymbol(tokens[at - 1], '::') ? operandStart(tokens, at - 2) : at

/** Last token of the operand that begins at `first`; the one before it where the text ends there. */
export const operandEnd = (tokens: readonly Token[], first: number): number =>
  Math.min(tokens.length - 2, endOf(tokens, first))

function endOf(tokens: readonly Token[], first: number): number {
  let at = first
  if (isSymbol(tokens[at], '-') || isSymbol(tokens[at], '+')) return operandEnd(tokens, at + 1)
  if (isSymbol(tokens[at], '(')) at = closing(tokens, at)
  else if (isWord(tokens[at], 'array') && isSymbol(tokens[at + 1], '['))
    at = closing(tokens, at + 1)
  else if (isWord(tokens[at], 'case')) at = endOfCase(tokens, at)
  else while (isName(tokens[at]) && isSymbol(tokens[at + 1], '.')) at += 2
  return postfixEnd(tokens, at)
}

/** Calls, subscripts, members and casts that follow. */
function postfixEnd(tokens: readonly Token[], last: number): number {
  let at = last
  for (;;) {
    const next = tokens[at + 1]
    if (isSymbol(next, '[') || (isSymbol(next, '(') && isName(tokens[at])))
      at = closing(tokens, at + 1)
    else if (isSymbol(next, '.')) at += 2
    else if (isSymbol(next, '::')) at = typeEnd(tokens, at + 2)
    else return at
  }
}

/** Last token of the type that begins at `first`: `numeric(10, 2)`, `pg_catalog.text`, `int[]`, `timestamp with time zone`. */
export function typeEnd(tokens: readonly Token[], first: number): number {
  let at = first
  while (isSymbol(tokens[at + 1], '.')) at += 2
  const rest = tokens.slice(at, at + 4).map((token) => token.text.toLowerCase())
  if (/^(double precision|character varying|bit varying)/.test(rest.join(' '))) at++
  if (isSymbol(tokens[at + 1], '(')) at = closing(tokens, at + 1)
  if (/^(with|without)$/.test(nameOf(tokens[at + 1])) && isWord(tokens[at + 2], 'time')) at += 3
  while (isSymbol(tokens[at + 1], '[')) at = closing(tokens, at + 1)
  return at
}

function endOfCase(tokens: readonly Token[], first: number): number {
  let depth = 0
  for (let at = first; at < tokens.length; at++) {
    if (isWord(tokens[at], 'case')) depth++
    else if (isWord(tokens[at], 'end') && --depth === 0) return at
  }
  return tokens.length - 1
}

/** The text from one token to another, without the space before. */
export const textOf = (tokens: readonly Token[], first: number, last: number): string =>
  tokens
    .slice(first, last + 1)
    .map(({ space, text }, at) => (at === 0 ? text : space + text))
    .join('')

/** Puts SQL in the place of some tokens; empty SQL takes them away. Returns how many tokens there are now; 0 and nothing done where there are none to replace. */
export function replace(tokens: Token[], first: number, last: number, sql: string): number {
  if (first < 0 || last < first) return 0
  const space = tokens[first]?.space ?? ''
  const fresh = tokenize(sql).slice(0, -1)
  const [head, next] = [fresh[0], tokens[last + 1]]
  if (head) head.space = space
  else if (next) next.space = space + next.space
  tokens.splice(first, last - first + 1, ...fresh)
  return fresh.length
}
