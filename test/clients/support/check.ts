/** Prints `row<TAB>check<TAB>outcome` for the runner: one line a check, an error as `ERROR …`. */
export async function check(row: string, name: string, run: () => unknown): Promise<void> {
  let outcome: string
  try {
    outcome = String(await run())
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? `${error.code} ` : ''
    outcome = `ERROR ${code}${error instanceof Error ? error.message : error}`
  }
  process.stdout.write(`${row}\t${name}\t${outcome.replace(/[\t\r\n]+/g, ' ').trim()}\n`)
}

/** Where the runner says the server is: libpq's own variables. */
export const server = {
  host: process.env['PGHOST'] ?? '127.0.0.1',
  port: Number(process.env['PGPORT']),
  user: process.env['PGUSER'] ?? '',
  password: process.env['PGPASSWORD'] ?? '',
  database: process.env['PGDATABASE'] ?? 'warehouse',
  caFile: process.env['FDX_CA_FILE'] ?? '',
}
