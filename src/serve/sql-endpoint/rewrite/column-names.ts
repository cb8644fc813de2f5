import { closing, isSymbol, isWord, operandStart } from './operands.ts'
import { nameOf, type Token, tokenize } from './tokens.ts'

const kept = new Map<string, ColumnNames>()

/** Names of the columns of a result: from the left, and from the right where a `*` stands between. */
export interface ColumnNames {
  readonly left: readonly (string | undefined)[]
  readonly right: readonly (string | undefined)[]
}

/**
 * What PostgreSQL calls the columns that a query gives no name: a call by its function, a cast by its column or its type, else
 * `?column?` (FigureColname in its parser). DuckDB writes the expression out. Undefined where DuckDB's name is right.
 */
export function columnNames(sql: string): ColumnNames {
  const known = kept.get(sql)
  if (known) return known
  const found = namesOf(tokenize(sql))
  if (kept.size > 2000) kept.clear()
  if (sql.length < 20_000) kept.set(sql, found)
  return found
}

/** The columns with PostgreSQL's names. */
export function named<T extends { readonly name: string }>(
  columns: readonly T[],
  { left, right }: ColumnNames,
): T[] {
  const fromRight = columns.length - right.length
  return columns.map((column, at) => {
    const name = at < left.length ? left[at] : at >= fromRight ? right[at - fromRight] : undefined
    return name === undefined ? column : { ...column, name }
  })
}

function namesOf(tokens: readonly Token[]): ColumnNames {
  const items = selectItems(tokens)
  const star = items.findIndex(([, last]) => isSymbol(tokens[last], '*'))
  const lastStar = items.findLastIndex(([, last]) => isSymbol(tokens[last], '*'))
  const names = items.map(([first, last]) => nameOfItem(tokens, first, last))
  return star < 0
    ? { left: names, right: [] }
    : { left: names.slice(0, star), right: names.slice(lastStar + 1) }
}

const ends =
  /^(from|where|group|having|window|order|limit|offset|union|intersect|except|fetch|for)$/i

/** First and last token of each item of the outermost SELECT. */
function selectItems(tokens: readonly Token[]): [first: number, last: number][] {
  let at = 0
  while (tokens[at] && !isWord(tokens[at], 'select')) {
    if (isSymbol(tokens[at], '(')) at = closing(tokens, at)
    else if (at === 0 && !isWord(tokens[at], 'with')) return []
    at++
  }
  if (isWord(tokens[at + 1], 'distinct')) at++
  if (isWord(tokens[at], 'distinct') && isWord(tokens[at + 1], 'on')) at = closing(tokens, at + 2)
  const items: [number, number][] = []
  let first = at + 1
  for (at = first; at < tokens.length; at++) {
    const token = tokens[at]
    if (/^[([]$/.test(token?.text ?? '')) {
      at = closing(tokens, at)
      continue
    }
    const over =
      token?.kind === 'end' ||
      isSymbol(token, ';') ||
      (token?.kind === 'name' && ends.test(token.text))
    if (!over && !isSymbol(token, ',')) continue
    if (at > first) items.push([first, at - 1])
    first = at + 1
    if (over) break
  }
  return items
}

/** Name of an item without an alias; undefined where it has one, or is a plain column. */
function nameOfItem(tokens: readonly Token[], first: number, last: number): string | undefined {
  const tail = tokens[last]
  if (tail?.kind === 'quoted' || (tail?.kind === 'name' && !isWord(tail, 'end'))) {
    if (isWord(tokens[last - 1], 'as')) return undefined
    if (/^(precision|varying|zone)$/i.test(tail.text) && castAt(tokens, first, last) > 0)
      return nameOfOperand(tokens, first, last)
    const chain = operandStart(tokens, last)
    if (chain === first) return nameOfOperand(tokens, first, last)
    const before = tokens[chain - 1]
    const value =
      /^(true|false|null)$/i.test(tail.text) ||
      (before?.kind === 'symbol' && !/^[)\]]$/.test(before.text))
    return value ? '?column?' : isWord(tokens[chain - 1], 'not') ? '?column?' : undefined
  }
  return operandStart(tokens, last) === first
    ? nameOfOperand(tokens, first, last)
    : outer(tokens, first, last)
}

/** `count(*) over (...)` and `sum(x) filter (...)` are named for their first call; CASE for itself. */
function outer(tokens: readonly Token[], first: number, last: number): string {
  if (isWord(tokens[first], 'case') && isWord(tokens[last], 'end')) return 'case'
  if (!isSymbol(tokens[first + 1], '(')) return '?column?'
  const next = nameOf(tokens[closing(tokens, first + 1) + 1])
  return /^(over|filter|within)$/.test(next) ? nameOf(tokens[first]) : '?column?'
}

const renamed: Readonly<Record<string, string>> = {
  int: 'int4',
  integer: 'int4',
  bigint: 'int8',
  smallint: 'int2',
  boolean: 'bool',
  decimal: 'numeric',
  double: 'float8',
  real: 'float4',
  character: 'bpchar',
  char: 'bpchar',
}
const typeName = (name: string) => renamed[name] ?? name

function nameOfOperand(tokens: readonly Token[], first: number, last: number): string | undefined {
  const cast = castAt(tokens, first, last)
  if (cast > 0) {
    const inner = nameOfOperand(tokens, first, cast - 1) ?? nameOf(tokens[cast - 1])
    return inner === '?column?' || inner === ''
      ? typeName(nameOf(tokens[isSymbol(tokens[cast + 2], '.') ? cast + 3 : cast + 1]))
      : inner
  }
  if (isWord(tokens[first], 'case')) return 'case'
  if (isWord(tokens[first], 'array')) return 'array'
  const head = tokens[first]
  if (isSymbol(head, '('))
    return closing(tokens, first) === last && !isWord(tokens[first + 1], 'select')
      ? unwrapped(tokens, first, last)
      : '?column?'
  if (head?.kind !== 'name' && head?.kind !== 'quoted') return '?column?'
  if (/^(true|false|null)$/i.test(head.text)) return '?column?'
  if (
    /^(date|time|timestamp|timestamptz|interval)$/i.test(head.text) &&
    tokens[first + 1]?.kind === 'string'
  )
    return nameOf(head)
  let at = first
  while (isSymbol(tokens[at + 1], '.') && at + 2 <= last) at += 2
  if (isSymbol(tokens[at + 1], '(')) return callName(tokens, at)
  return isWord(head, 'current_schema') ? 'current_schema' : undefined
}

const unwrapped = (tokens: readonly Token[], first: number, last: number) =>
  operandStart(tokens, last - 1) === first + 1
    ? nameOfOperand(tokens, first + 1, last - 1)
    : '?column?'

/** Words of SQL that stand for functions of other names. */
const calls: Readonly<Record<string, string>> = { trim: 'btrim', ceiling: 'ceil' }

function callName(tokens: readonly Token[], at: number): string {
  const name = nameOf(tokens[at])
  if (name === 'cast') {
    const close = closing(tokens, at + 1)
    const as = tokens.findLastIndex((token, place) => place < close && isWord(token, 'as'))
    const inner =
      operandStart(tokens, as - 1) === at + 2
        ? (nameOfOperand(tokens, at + 2, as - 1) ?? nameOf(tokens[as - 1]))
        : '?column?'
    return inner === '?column?' || inner === '' ? typeName(nameOf(tokens[as + 1])) : inner
  }
  return calls[name] ?? name
}

/** Place of the last `::` of the operand, 0 where it has none. */
function castAt(tokens: readonly Token[], first: number, last: number): number {
  let depth = 0
  for (let at = last; at > first; at--) {
    if (/^[)\]]$/.test(tokens[at]?.text ?? '')) depth++
    else if (/^[([]$/.test(tokens[at]?.text ?? '')) depth--
    else if (depth === 0 && isSymbol(tokens[at], '::')) return at
  }
  return 0
}
