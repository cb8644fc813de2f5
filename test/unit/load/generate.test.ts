import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { prepareSession } from '../../../src/load/batch.ts'
import { tables } from '../../../src/load/fields/tables.ts'
import { generatedFiles } from '../../../src/load/generate.ts'
import { wholeRows } from '../../../src/load/generate-load.ts'
import { knownRoots } from '../../../src/load/record-shape.ts'
import { openWarehouse, sqlText } from '../../../src/load/warehouse.ts'
import { dataFolder } from './warehouse-fixture.ts'

for (const [path, text] of generatedFiles())
  test(`${path} is what npm run generate writes`, () => {
    expect(readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')).toBe(text)
  })

test('no table names a column twice, and every column has a sentence', () => {
  for (const { name, fields } of tables) {
    const columns = fields.map((field) => field.column)
    expect(new Set(columns).size, name).toBe(columns.length)
    for (const field of fields) {
      expect(field.column).toMatch(/^[a-z][a-z0-9_]*$/)
      expect(field.comment).toMatch(/^[A-Z0-9].*\.$/)
    }
  }
})

test('history and marts are described, column by column', () => {
  const sections = (generatedFiles().get('docs/schema.md') ?? '')
    .split(/^## /m)
    .filter(
      (section) => /^(history|mart)\./.test(section) && !section.startsWith('history.balances'),
    )
  expect(sections.length).toBeGreaterThan(10)
  for (const section of sections) {
    expect(section).toMatch(/^.*\n\n[A-Z]/)
    expect(section.match(/^\| `\w+` \| [^|]* \| +\|.*$/gm)).toBeNull()
  }
})

test('a record with any one member alone can be typed', { timeout: 60_000 }, async () => {
  using folder = dataFolder()
  await folder.load()
  using warehouse = await openWarehouse({
    file: folder.paths.warehouse,
    scratch: folder.paths.scratch,
  })
  await prepareSession(warehouse, folder.state)
  await warehouse.run(sqlText('load/stage.sql'))
  await warehouse.run(
    'create temp table slices (slice bigint, first_page bigint, last_page bigint)',
  )
  await warehouse.run(sqlText('load/slice.sql'))
  await warehouse.run(sqlText('load/choose.sql'))
  for (const table of tables)
    for (const root of ['nothing known', ...knownRoots(table)])
      await expect(
        warehouse.rows(`explain ${wholeRows(table, new Set([root]))}`),
        `${table.name}.${root}`,
      ).resolves.toBeDefined()
})
