import { readFileSync } from 'node:fs'
import type pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openScene, type Scene } from './scene.ts'

/** What PostgreSQL 15 sends for an expression; `sql` is the same value in DuckDB's SQL. */
interface Recorded {
  readonly name: string
  readonly sql: string
  readonly oid: number
  readonly text: string | null
  /** Hexadecimal. */
  readonly binary: string | null
}

const recorded = JSON.parse(
  readFileSync(new URL('postgres-values.json', import.meta.url), 'utf8'),
) as Recorded[]

let scene: Scene
let client: pg.Client
beforeAll(async () => {
  scene = await openScene()
  client = await scene.connect('owner', {
    types: { getTypeParser: () => (value: unknown) => value } as never,
  })
})
afterAll(async () => {
  await client.end()
  await scene[Symbol.asyncDispose]()
})

test(`${recorded.length} values are byte for byte what PostgreSQL 15 sends, in text and in binary`, async () => {
  const wrong: unknown[] = []
  for (const { name, sql, oid, text, binary } of recorded) {
    const query = async (asBinary: boolean) => {
      const config = {
        text: `select ${sql} as v`,
        rowMode: 'array',
        queryMode: 'extended',
        binary: asBinary,
      }
      const { rows, fields } = await client.query(config as unknown as pg.QueryArrayConfig)
      return { value: rows[0]?.[0] as unknown, oid: fields[0]?.dataTypeID }
    }
    try {
      const asText = await query(false)
      const asBinary = (await query(true)).value
      const hex = asBinary === null ? null : Buffer.from(asBinary as Buffer).toString('hex')
      if (asText.oid !== oid || asText.value !== text || hex !== binary)
        wrong.push({ name, got: [asText.oid, asText.value, hex], wanted: [oid, text, binary] })
    } catch (error) {
      wrong.push({ name, error: (error as Error).message })
    }
  }
  expect(wrong).toEqual([])
})
