import { closing, isSymbol, isWord, replace } from '../operands.ts'
import type { Rule } from '../rule.ts'
import { nameOf, type Token } from '../tokens.ts'

/** Functions that return sets of what a warehouse never has: partitions, options, access lists. Their columns and types. */
const sets: Readonly<Record<string, string>> = {
  pg_partition_ancestors: 'relid uinteger',
  pg_partition_tree: 'relid uinteger, parentrelid uinteger, isleaf boolean, level integer',
  pg_options_to_table: 'option_name varchar, option_value varchar',
  aclexplode: 'grantor uinteger, grantee uinteger, privilege_type varchar, is_grantable boolean',
  pg_get_publication_tables: 'pubid uinteger, relid uinteger, attrs smallint[], qual varchar',
  pg_sequence_parameters:
    'start_value bigint, minimum_value bigint, maximum_value bigint, increment bigint, cycle_option boolean, cache_size bigint, data_type uinteger',
}

/** They may be asked about a column of another table, which a macro of DuckDB cannot be. */
export const emptySets: Rule = {
  about: 'functions that return sets, always empty here',
  needs: new RegExp(Object.keys(sets).join('|'), 'i'),
  apply(tokens) {
    for (let at = 0; at < tokens.length; at++) {
      const name = nameOf(tokens[at])
      const columns = sets[name]
      if (!columns || !isSymbol(tokens[at + 1], '(')) continue
      const close = closing(tokens, at + 1)
      if (
        /^(from|join|lateral|,)$/i.test(tokens[at - 1]?.text ?? '') &&
        !isSymbol(tokens[close + 1], ')')
      )
        inFrom(tokens, at, close, name, columns)
      else
        replace(
          tokens,
          at,
          close,
          columns.includes(',')
            ? `unnest([]::struct(${columns})[])`
            : `unnest([]::${columns.split(' ')[1]}[])`,
        )
    }
  },
}

function inFrom(
  tokens: Token[],
  first: number,
  close: number,
  name: string,
  columns: string,
): void {
  const ordinality = isWord(tokens[close + 1], 'with') && isWord(tokens[close + 2], 'ordinality')
  const last = ordinality ? close + 2 : close
  const nulls = columns.split(', ').map((column) => {
    const [called, type] = column.split(' ')
    return `null::${type} as ${called}`
  })
  if (ordinality) nulls.push('null::bigint as ordinality')
  const next = tokens[last + 1]
  const hasAlias =
    isWord(next, 'as') ||
    next?.kind === 'quoted' ||
    (next?.kind === 'name' &&
      !/^(where|on|join|left|order|group|limit|cross|union)$/i.test(next.text))
  replace(
    tokens,
    first,
    last,
    `(select ${nulls.join(', ')} where false)${hasAlias ? '' : ` as ${name}`}`,
  )
}
