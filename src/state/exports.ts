import type { State } from './state.ts'

/** Remembers a folder that exports are written to, so that a purge finds it. */
export function rememberExport(state: State, folder: string, role: string, at: string): void {
  state.db
    .prepare(
      `insert into exports (folder, role, exported_at) values (?, ?, ?)
       on conflict (folder) do update set role = excluded.role, exported_at = excluded.exported_at`,
    )
    .run(folder, role, at)
}

export const exportFolders = (state: State): string[] =>
  state.db
    .prepare('select folder from exports order by folder')
    .all()
    .map((row) => String(row['folder']))

export function forgetExport(state: State, folder: string): void {
  state.db.prepare('delete from exports where folder = ?').run(folder)
}
