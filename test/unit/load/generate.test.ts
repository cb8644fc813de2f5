import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { tables } from '../../../src/load/fields/tables.ts'
import { generatedFiles } from '../../../src/load/generate.ts'

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
