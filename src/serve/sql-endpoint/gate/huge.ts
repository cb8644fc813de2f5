import { PgError } from '../pg-error.ts'
import { argumentsOf, constantOf, type Node, numberOf } from './tree.ts'

/** Most elements of a list, and the widest column that a format may ask for, where the statement says it in numbers. */
const mostElements = 1_000_000
const widest = 999

/** Functions that sql/catalogue/macros/09_bounded.sql stands before. */
export const bounded: ReadonlySet<string> = new Set([
  ...['repeat', 'lpad', 'rpad', 'bitstring', 'levenshtein', 'editdist3', 'damerau_levenshtein'],
  ...['jaro_similarity', 'jaro_winkler_similarity'],
])

/**
 * Refuses what makes a value out of all proportion to its arguments, as far as its text tells: DuckDB cannot be
 * interrupted while it makes one value. Texts are bounded where they are made (sql/catalogue/macros/09_bounded.sql).
 * @throws PgError 54000
 */
export function refuseHuge(name: string, call: Node): void {
  const children = argumentsOf(call)
  if (/^(range|generate_series)$/.test(name)) {
    const numbers = children.map(numberOf)
    const [start, stop] = children.length === 1 ? [0, numbers[0]] : numbers
    const step = children.length === 3 ? numbers[2] : 1
    const count = ((stop ?? 0) - (start ?? 0)) / (step || 1)
    if (count > mostElements) throw tooLarge(name, `makes at most ${mostElements} elements`)
  }
  if (/^(list|array)_resize$/.test(name) && (numberOf(children[1]) ?? 0) > mostElements)
    throw tooLarge(name, `makes at most ${mostElements} elements`)
  if (/^(printf|format)$/.test(name)) {
    const format = constantOf(children[0])
    if (typeof format !== 'string' || /\d{4}|%[^a-zA-Z%]*\*|\{[^{}]+\{/.test(format))
      throw tooLarge(name, `takes its format as a literal, with widths of at most ${widest}`)
  }
}

const tooLarge = (name: string, limit: string) => new PgError('54000', `${name}() ${limit} here`)
