import { catalogueFiles } from './copy-text.ts'

/**
 * Functions that the catalogue makes, lower case: for the gate's allow-list. Each is a macro over the catalogue's own tables or over
 * its arguments, safe for every role. Some have the name of a function of DuckDB that is not (`current_setting`): the catalogue's
 * wins where no schema is named, so a call that names one must be refused.
 */
export const catalogueFunctions: ReadonlySet<string> = new Set(
  ['rows', 'macros']
    .flatMap((folder) => catalogueFiles(folder))
    .flatMap((sql) => [...sql.matchAll(/^create macro pgshim\.(\w+)/gm)])
    .map((found) => (found[1] ?? '').toLowerCase()),
)
