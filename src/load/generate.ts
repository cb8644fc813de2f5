import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { countTablesSql, forgetListsSql, kindsSql } from './generate-kinds.ts'
import { addedSchema, schemaDocs, schemaSql } from './generate-schema.ts'
import { movementsSql, vanishSql } from './generate-settle.ts'

/** Every generated file: path from the project's folder, and its text. */
export function generatedFiles(): Map<string, string> {
  return new Map([
    ['sql/schema/0001_records.sql', schemaSql()],
    ...addedSchema(),
    ['sql/load/kinds.sql', kindsSql()],
    ['sql/load/forget_lists.sql', forgetListsSql()],
    ['sql/load/settle/movements.sql', movementsSql()],
    ['sql/load/settle/vanish.sql', vanishSql()],
    ['sql/load/count_tables.sql', countTablesSql()],
    ['docs/schema.md', schemaDocs()],
  ])
}

if (import.meta.main) {
  for (const [path, text] of generatedFiles()) {
    const file = fileURLToPath(new URL(`../../${path}`, import.meta.url))
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
}
