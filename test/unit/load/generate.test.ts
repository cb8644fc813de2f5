import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { prepareSession } from '../../../src/load/batch.ts'
import { tables } from '../../../src/load/fields/tables.ts'
import { generatedFiles } from '../../../src/load/generate.ts'
import { isMovement, knownRoots, structure } from '../../../src/load/record-shape.ts'
import { fillTable, unknownMembers } from '../../../src/load/table-sql.ts'
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

test('a record with any one member alone can be typed', { timeout: 300_000 }, async () => {
  using folder = dataFolder()
  await folder.load()
  using warehouse = await openWarehouse({
    file: folder.paths.warehouse,
    scratch: folder.paths.scratch,
  })
  await prepareSession(warehouse, folder.state)
  await warehouse.run(sqlText('load/stage.sql'))
  for (const table of tables) {
    if (isMovement(table)) {
      const members = Object.entries(JSON.parse(structure(table)) as Record<string, string>)
      const all = [...members, ['foreign', 'varchar'], ['@more', 'json'], ['@invalid', 'varchar']]
      const j = all.map(([name, type]) => `${JSON.stringify(name)} := null::${type}`).join(', ')
      await warehouse.run(
        `create or replace temp table item as select null::varchar as table_name, 1 as n, 'a' as account_id, 't' as transaction_id, 'h' as content_hash, 1::ubigint as key, struct_pack(${j}) as j, 1 as nth_account, 1 as position, null::varchar as problem`,
      )
    }
    await warehouse.run(sqlText('load/choose.sql'))
    for (const root of [...knownRoots(table), 'foreign', '@more']) {
      const { wholeRows, otherRows } = fillTable(table, new Set([root]))
      const more = isMovement(table) && root === '@more' ? [unknownMembers] : []
      for (const statement of [wholeRows, otherRows.split(';\n\n')[0], ...more])
        await expect(
          warehouse.rows(`explain ${statement}`),
          `${table.name}.${root}`,
        ).resolves.toBeDefined()
    }
  }
})
