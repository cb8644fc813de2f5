import { bodyType, type LoadedEntity } from './loaded.ts'
import type { Warehouse } from './warehouse.ts'
import { sqlText } from './warehouse.ts'

export interface Source {
  readonly file: string
  /** Name of the segment whose pages the file holds. */
  readonly segment: string
}

/** Reads pages from files into the staging table. */
export async function readFiles(
  warehouse: Warehouse,
  entity: LoadedEntity,
  files: readonly Source[],
): Promise<void> {
  await warehouse.run(
    `create or replace temp table source as
     select unnest(from_json($1::json, '[{"file":"VARCHAR","segment":"VARCHAR"}]'), recursive := true)`,
    [JSON.stringify(files)],
  )
  await warehouse.run('set variable files = (select list(file) from source)')
  await warehouse.run('set variable body_type = $1', [bodyType[entity]])
  await warehouse.run(sqlText('load/landed.sql'))
  await warehouse.run(sqlText(`load/read_${entity}.sql`))
}
