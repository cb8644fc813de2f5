import { quoteName } from './quote-sql.ts'

export type ExportFormat = 'parquet' | 'csv'

/** SQL types that no spreadsheet takes for a formula, and that CSV writes as they are. */
const plainInCsv = /^(DECIMAL|U?(TINY|SMALL|BIG|HUGE)?INT|DOUBLE|FLOAT|BOOLEAN|DATE|TIME)/

/**
 * How a column goes into a file. Parquet knows no 128-bit integers, and DuckDB would write them as doubles: they
 * become DECIMAL(38,0). In CSV, text that a spreadsheet would run as a formula gets a leading apostrophe (OWASP
 * ASVS 1.2.10; the same rule as src/serve/csv.ts has for rows).
 */
export function columnExpression(
  { name, type }: { readonly name: string; readonly type: string },
  format: ExportFormat,
): string {
  const column = quoteName(name)
  if (format === 'parquet')
    return /^U?HUGEINT$/.test(type) ? `${column}::DECIMAL(38,0) as ${column}` : column
  if (plainInCsv.test(type)) return column
  return `regexp_replace(${column}::VARCHAR, '^([=+\\-@\\t\\r\\n＝＋－＠])', '''\\1') as ${column}`
}
