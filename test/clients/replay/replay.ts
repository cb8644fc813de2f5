import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { check, server } from '../support/check.ts'

/**
 * Queries that tools are documented to send, one file a tool: `-- name` begins a query; `-- wants: REGEX` tells what its rows,
 * as JSON, must show; `-- refused: SQLSTATE` that it must fail so; `-- simple` sends it by the simple protocol.
 */
interface Replay {
  readonly name: string
  readonly sql: string
  readonly wants: readonly RegExp[]
  readonly refused: string | undefined
}

function read(file: string): Replay[] {
  return readFileSync(join(import.meta.dirname, file), 'utf8')
    .split(/^-- name: /m)
    .slice(1)
    .map((part) => {
      const [name = '', ...lines] = part.split('\n')
      const marks = lines.filter((line) => /^-- (wants|refused): /.test(line))
      return {
        name: name.trim(),
        sql: lines
          .filter((line) => !marks.includes(line))
          .join('\n')
          .trim(),
        wants: marks
          .filter((line) => line.startsWith('-- wants: '))
          .map((line) => new RegExp(line.slice('-- wants: '.length))),
        refused: marks
          .find((line) => line.startsWith('-- refused: '))
          ?.slice('-- refused: '.length)
          .trim(),
      }
    })
}

async function run(client: pg.Client, { sql, wants, refused }: Replay): Promise<string> {
  const outcome = await client.query(sql).catch((error: pg.DatabaseError) => error)
  if (outcome instanceof Error) {
    const { code, message } = outcome as pg.DatabaseError
    return refused === code ? 'refused' : `ERROR ${code} ${message}`
  }
  if (refused !== undefined) return `ERROR it was not refused with ${refused}`
  const results = (Array.isArray(outcome) ? outcome : [outcome]) as pg.QueryResult[]
  const shown = JSON.stringify(results.map(({ rows }) => rows))
  const missing = wants.find((one) => !one.test(shown))
  return missing ? `ERROR ${missing} is not in ${shown.slice(0, 600)}` : 'ok'
}

const { host, port, user, password, database } = server
for (const file of readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith('.sql'))
  .sort()) {
  const client = new pg.Client({ host, port, user, password, database })
  await client.connect()
  for (const replay of read(file))
    await check(file.replace('.sql', ''), replay.name, () => run(client, replay))
  await client.end()
}
