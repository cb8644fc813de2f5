import { isSymbol, isWord, replace } from '../operands.ts'
import type { Rule } from '../rule.ts'
import { nameOf, type Token } from '../tokens.ts'

/** Numbers of the catalogue's own relations, as `tableoid` gives them. */
const numbers: Readonly<Record<string, number>> = {
  pg_class: 1259,
  pg_attribute: 1249,
  pg_attrdef: 2604,
  pg_constraint: 2606,
  pg_database: 1262,
  pg_namespace: 2615,
  pg_proc: 1255,
  pg_type: 1247,
  pg_trigger: 2620,
  pg_rewrite: 2618,
  pg_index: 2610,
  pg_authid: 1260,
  pg_roles: 1260,
  pg_tablespace: 1213,
  pg_extension: 3079,
  pg_language: 2612,
  pg_cast: 2605,
  pg_collation: 3456,
  pg_opclass: 2616,
  pg_operator: 2617,
  pg_am: 2601,
}

/** `c.tableoid`, and `xmin`, which says that nothing has changed. */
export const systemColumns: Rule = {
  about: 'columns that every table of PostgreSQL has',
  needs: /tableoid|\bxmin\b|\bctid\b/i,
  apply(tokens) {
    const aliases = aliasesOf(tokens)
    for (let at = 0; at < tokens.length; at++) {
      const name = nameOf(tokens[at])
      if (!/^(tableoid|xmin|ctid)$/.test(name) || isWord(tokens[at - 1], 'as')) continue
      const first = at > 1 && isSymbol(tokens[at - 1], '.') ? at - 2 : at
      const relation = first < at ? aliases.get(nameOf(tokens[first])) : [...aliases.values()][0]
      const value =
        name === 'tableoid'
          ? String(numbers[relation ?? ''] ?? 0)
          : name === 'ctid'
            ? "'(0,0)'"
            : '0'
      at =
        first +
        replace(tokens, first, at, `${value}::${name === 'ctid' ? 'varchar' : 'uinteger'}`) -
        1
    }
  },
}

/** Which relation of the catalogue each alias stands for. */
function aliasesOf(tokens: readonly Token[]): Map<string, string> {
  const aliases = new Map<string, string>()
  tokens.forEach((token, at) => {
    const relation = nameOf(token)
    if (
      !relation.startsWith('pg_') ||
      isSymbol(tokens[at + 1], '(') ||
      isSymbol(tokens[at + 1], '.')
    )
      return
    const alias = isWord(tokens[at + 1], 'as') ? tokens[at + 2] : tokens[at + 1]
    aliases.set(relation, relation)
    if (nameOf(alias)) aliases.set(nameOf(alias), relation)
  })
  return aliases
}
