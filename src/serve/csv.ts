/** The SQL types whose text no spreadsheet takes for a formula. */
const numeric = /^(DECIMAL|NUMERIC|(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$)|DOUBLE|FLOAT)/

/**
 * Rows as they may stand in a CSV file: text that a spreadsheet would run as a formula gets a leading
 * apostrophe (OWASP ASVS 1.2.10); numbers are typed as numbers and stay as they are.
 */
export function csvSafe(
  columns: readonly { readonly type: string }[],
  rows: readonly (readonly (string | null)[])[],
): (string | null)[][] {
  const isNumber = columns.map(({ type }) => numeric.test(type))
  return rows.map((row) =>
    row.map((value, at) =>
      value !== null && !isNumber[at] && /^[=+\-@\t\r\n＝＋－＠]/.test(value) ? `'${value}` : value,
    ),
  )
}
