import { catalogueRows } from '../../catalogue/copy-text.ts'
import { catalogueSchemas, frontDatabase } from '../../catalogue/names.ts'
import { isSymbol, replace } from '../operands.ts'
import type { Rule } from '../rule.ts'
import { nameOf, type Token } from '../tokens.ts'

const relations = new Set(
  catalogueRows('relations').map((row) => `${row['schema']}.${row['relation']}`),
)
const isSchema = (name: string): name is keyof typeof catalogueSchemas =>
  Object.hasOwn(catalogueSchemas, name)

/** Names that begin with `pg_catalog.` or `information_schema.`, before them perhaps the database. */
export const names: Rule = {
  about: 'names of the catalogue, with their schema',
  needs: /pg_catalog|information_schema/i,
  apply(tokens, { session }) {
    for (let at = 0; at < tokens.length - 2; at++) {
      const schema = nameOf(tokens[at])
      if (!isSchema(schema) || !isSymbol(tokens[at + 1], '.') || isSymbol(tokens[at - 1], '.'))
        continue
      const relation = nameOf(tokens[at + 2])
      replace(tokens, at, at + 2, placed(schema, relation, tokens, at + 3))
    }
    dropDatabase(tokens, session.database)
  },
}

/** Relations go by their full name; functions, types and the tables that columns are said to be of by their own alone. */
function placed(
  schema: keyof typeof catalogueSchemas,
  name: string,
  tokens: readonly Token[],
  next: number,
): string {
  const quoted = `"${name.replaceAll('"', '""')}"`
  const isRelation = relations.has(`${schema}.${name}`) && !/^[(.]$/.test(tokens[next]?.text ?? '')
  if (isRelation) return `${frontDatabase}.${catalogueSchemas[schema]}.${quoted}`
  return /^[a-z_]\w*$/.test(name) ? name : quoted
}

/** `database.memory.pgshim.pg_class`: the catalogue is in another database here. */
function dropDatabase(tokens: Token[], database: string): void {
  for (let at = 0; at < tokens.length - 2; at++)
    if (
      nameOf(tokens[at]) === database &&
      isSymbol(tokens[at + 1], '.') &&
      tokens[at + 2]?.text === frontDatabase
    )
      replace(tokens, at, at + 1, '')
}
