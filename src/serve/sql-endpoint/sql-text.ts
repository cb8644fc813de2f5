/**
 * The words of SQL text, as PostgreSQL's scanner cuts them (PostgreSQL 15, 4.1): enough to tell statements apart, to
 * read the few that the session answers itself, and to take literals out of what is written to the audit.
 */
export type WordKind = 'word' | 'quoted' | 'string' | 'number' | 'parameter' | 'symbol'

export interface Word {
  readonly kind: WordKind
  readonly text: string
  readonly start: number
  readonly end: number
}

const pattern = new RegExp(
  [
    String.raw`(?<space>\s+|--[^\n]*)`,
    String.raw`(?<comment>\/\*)`,
    String.raw`(?<estring>[eE]'(?:[^'\\]|\\[\s\S]|'')*')`,
    `(?<string>(?:[bBxXnN]|[uU]&)?'(?:[^']|'')*')`,
    String.raw`(?<dollar>\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$)`,
    String.raw`(?<parameter>\$\d+)`,
    `(?<quoted>(?:[uU]&)?"(?:[^"]|"")*")`,
    String.raw`(?<number>(?:0[xX][\da-fA-F_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?))`,
    String.raw`(?<word>[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)`,
    String.raw`(?<symbol>::|[\s\S])`,
  ].join('|'),
  'y',
)

/** The words of `sql`; comments and space are left out. What is never closed runs to the end as one symbol. */
export function wordsOf(sql: string): Word[] {
  const words: Word[] = []
  pattern.lastIndex = 0
  while (pattern.lastIndex < sql.length) {
    const start = pattern.lastIndex
    const groups = pattern.exec(sql)?.groups
    if (groups === undefined) break
    if (groups['space'] !== undefined) continue
    if (groups['comment'] !== undefined) {
      pattern.lastIndex = endOfComment(sql, start)
      continue
    }
    if (groups['dollar'] !== undefined) {
      const close = sql.indexOf(groups['dollar'], pattern.lastIndex)
      const end = close < 0 ? sql.length : close + groups['dollar'].length
      words.push({ kind: 'string', text: sql.slice(start, end), start, end })
      pattern.lastIndex = end
      continue
    }
    const end = pattern.lastIndex
    words.push({ kind: kindOf(groups), text: sql.slice(start, end), start, end })
  }
  return words
}

function kindOf(groups: Readonly<Record<string, string | undefined>>): WordKind {
  if (groups['estring'] !== undefined) return 'string'
  for (const kind of ['string', 'parameter', 'quoted', 'number', 'word'] as const)
    if (groups[kind] !== undefined) return kind
  return 'symbol'
}

/** Comments nest. */
function endOfComment(sql: string, start: number): number {
  let depth = 0
  for (let at = start; at < sql.length; ) {
    if (sql.startsWith('/*', at)) {
      depth++
      at += 2
    } else if (sql.startsWith('*/', at)) {
      depth--
      at += 2
      if (depth === 0) return at
    } else at++
  }
  return sql.length
}

/** One statement of a text: its own text, and its words with places in that text. */
export interface Statement {
  readonly sql: string
  readonly words: readonly Word[]
}

/** Cuts a text at its semicolons; empty statements are left out. */
export function splitStatements(sql: string): Statement[] {
  const statements: Statement[] = []
  let words: Word[] = []
  const finish = (end: number) => {
    const [first] = words
    if (first === undefined) return
    const from = first.start
    statements.push({
      sql: sql.slice(from, end),
      words: words.map((word) => ({ ...word, start: word.start - from, end: word.end - from })),
    })
    words = []
  }
  for (const word of wordsOf(sql))
    if (word.text === ';') finish(words.at(-1)?.end ?? word.start)
    else words.push(word)
  finish(words.at(-1)?.end ?? 0)
  return statements
}

/** Lower case where SQL knows no case. */
export const keyword = (word: Word | undefined): string =>
  word?.kind === 'word' ? word.text.toLowerCase() : ''

/** The name that an identifier stands for. */
export function identifier(word: Word | undefined): string | undefined {
  if (word?.kind === 'word') return word.text.toLowerCase()
  if (word?.kind === 'quoted')
    return word.text
      .replace(/^[uU]&/, '')
      .slice(1, -1)
      .replaceAll('""', '"')
  return undefined
}

/** The value of a string constant. */
export function stringValue(word: Word): string {
  if (word.text.startsWith('$')) {
    const tag = word.text.slice(0, word.text.indexOf('$', 1) + 1)
    return word.text.slice(tag.length, -tag.length)
  }
  const from = word.text.indexOf("'") + 1
  const inner = word.text.slice(from, -1).replaceAll("''", "'")
  if (!/^[eE]/.test(word.text)) return inner
  const named: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' }
  return inner.replace(/\\([\s\S])/g, (_, letter: string) => named[letter] ?? letter)
}

/** A quoted name as the warehouse has them. Any other may be a text in the wrong quotes, and somebody's data. */
const plainName = /^"[a-z_][a-z0-9_]*"$/

/** The statement with every literal, and every quoted name that is none of ours, as `?`: safe to keep. Comments are gone too. */
export function withoutLiterals(words: readonly Word[]): string {
  let text = ''
  let end = 0
  for (const word of words) {
    if (text !== '' && word.start > end) text += ' '
    text +=
      word.kind === 'string' ||
      word.kind === 'number' ||
      (word.kind === 'quoted' && !plainName.test(word.text))
        ? '?'
        : word.text === "'" || word.text === '"'
          ? '?'
          : word.text
    end = word.end
    if (word.text === "'" || word.text === '"') break // never closed: what follows may be data
  }
  return text
}
