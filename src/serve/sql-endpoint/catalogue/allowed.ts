/** Functions that the catalogue makes, lower case: for the gate's allow-list. Macros of the front database, safe for every role. */
export const catalogueFunctions: ReadonlySet<string> = new Set()

/** Whether every role may read this relation of the front database: all that the catalogue makes is already filtered by role. */
export function isCatalogueRelation(database: string, schema: string): boolean {
  return database === 'memory' && (schema === 'pgshim' || schema === 'infoshim')
}
