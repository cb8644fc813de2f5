import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'

const folder = process.argv[2] ?? ''
const running = new Map<number, DuckDBConnection>()
process.on(
  'message',
  async (message: { id: number; sql: string; values: string[]; cancel?: boolean }) => {
    const { id } = message
    if (message.cancel) return running.get(id)?.interrupt()
    try {
      const name = readFileSync(join(folder, 'CURRENT'), 'utf8').trim()
      const instance = await DuckDBInstance.fromCache(join(folder, name), {
        access_mode: 'READ_ONLY',
      })
      const connection = await instance.connect()
      running.set(id, connection)
      const reader = await connection.runAndReadAll(message.sql, message.values)
      const types = reader.columnTypes()
      process.send?.({
        id,
        batch: {
          columns: reader.columnNames().map((one, at) => ({ name: one, type: String(types[at]) })),
          rows: reader
            .getRows()
            .map((row) => row.map((value) => (value === null ? null : String(value)))),
        },
      })
      connection.closeSync()
    } catch (error) {
      const text = error instanceof Error ? error.message : ''
      const line = /LINE (\d+): (.*)\n(\s*)\^/.exec(text)
      const lines = message.sql.split('\n')
      const at = line
        ? lines.slice(0, Number(line[1]) - 1).join('\n').length +
          (Number(line[1]) > 1 ? 1 : 0) +
          Math.max(0, (line[3]?.length ?? 0) - `LINE ${line[1]}: `.length) +
          1
        : undefined
      process.send?.({ id, error: text.split('\n')[0], position: at })
    }
  },
)
