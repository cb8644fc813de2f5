/**
 * A name as DuckDB compares it: ASCII letters only are folded. JavaScript folds more (U+212A, the Kelvin sign, to `k`), and
 * two names that are one here and two there would be a way past the gate.
 */
export const fold = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
