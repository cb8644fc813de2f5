import type { Rule } from '../rule.ts'
import { anyOfList, arrayLiterals, vectorColumns } from './arrays.ts'
import { emptySets } from './empty-sets.ts'
import { formats, jsonPaths, substrings, templates } from './functions.ts'
import { likeEscapes } from './like.ts'
import { names } from './names.ts'
import { collations, division, folding, namedOperators, regularExpressions } from './operators.ts'
import { oids, regCastFunctions, regCasts } from './reg-casts.ts'
import { identity, sessionRelations, settings } from './session-values.ts'
import { scalarsInFrom, setAliases, setsInSelect } from './sets.ts'
import { systemColumns } from './system-columns.ts'

/** Every rule, in the order in which they are applied. */
export const rules: readonly Rule[] = [
  folding,
  namedOperators,
  systemColumns,
  names,
  sessionRelations,
  collations,
  identity,
  settings,
  regCastFunctions,
  vectorColumns,
  regCasts,
  oids,
  arrayLiterals,
  anyOfList,
  emptySets,
  setAliases,
  setsInSelect,
  scalarsInFrom,
  templates,
  formats,
  substrings,
  jsonPaths,
  likeEscapes,
  regularExpressions,
  division,
]
