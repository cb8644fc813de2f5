import { createHash } from 'node:crypto'
import {
  bytesOf,
  isList,
  isObject,
  itemsOf,
  type JsonValue,
  memberOf,
  membersOf,
  parsed,
} from '../../page/json.ts'
import { idText, isTrue } from './members.ts'

/** How a list came. `bare_list`: without its envelope; `bare_record`: a single record in its place. */
export interface ReadList {
  readonly items: readonly JsonValue[]
  readonly shape: 'enveloped' | 'bare_list' | 'bare_record'
}

/**
 * Finds the records of a page: under `name`, there as a list or as one record; in a list without an envelope; or a
 * single record. An envelope without the member, or with `null` there, is an empty page. Undefined: none of these.
 */
export function readList(body: JsonValue, name: string): ReadList | undefined {
  if (isList(body)) return { items: itemsOf(body), shape: 'bare_list' }
  const list = memberOf(body, name)
  if (list && isList(list)) return { items: itemsOf(list), shape: 'enveloped' }
  if (list && isObject(list)) return { items: [list], shape: 'enveloped' }
  if (list) return parsed(list) === null ? { items: [], shape: 'enveloped' } : undefined
  if (memberOf(body, 'page') !== undefined || memberOf(body, 'links') !== undefined)
    return { items: [], shape: 'enveloped' }
  const isRecord = idText(scalar(memberOf(unwrap(body).value, 'accountId'))) !== null
  return isRecord ? { items: [body], shape: 'bare_record' } : undefined
}

/** What is neither an object nor a list, parsed; undefined for those. */
const scalar = (found: JsonValue | undefined): unknown =>
  found && !isObject(found) && !isList(found) ? parsed(found) : undefined

/** Wrapper keys of FDX 4 and 5 (facts/fdx-standard.md 3) end so; FDX 6 has none. */
const wrapperKey = /^(\w*Account|digitalWallet)$/

/** An account without its wrapper, and the wrapper's key; one with an id of its own has none. */
function unwrap(item: JsonValue): { readonly value: JsonValue; readonly wrapper: string } {
  let found: { readonly value: JsonValue; readonly wrapper: string } | undefined
  for (const [key, value] of membersOf(item)) {
    if (key === 'accountId') return { value: item, wrapper: '' }
    if (!found && wrapperKey.test(key) && isObject(value)) found = { value, wrapper: key }
  }
  return found ?? { value: item, wrapper: '' }
}

/** What the extractor needs to know of an account. */
export interface AccountFacts {
  readonly id: string | null
  /** The listed transactions would say nothing new, or the kind has none in any FDX version. */
  readonly withoutTransactions: boolean
  readonly hasError: boolean
}

export function accountFacts(item: JsonValue): AccountFacts {
  const { value, wrapper } = unwrap(item)
  const members = new Map(membersOf(value))
  const category = wrapper === '' ? scalar(members.get('accountCategory')) : wrapper
  const transactions = members.get('transactions')
  const embedded =
    isTrue(scalar(members.get('transactionsIncluded'))) && transactions && isList(transactions)
  const annuity = category === 'annuityAccount' || category === 'ANNUITY_ACCOUNT'
  const error = members.get('error')
  return {
    id: idText(scalar(members.get('accountId'))),
    withoutTransactions: embedded || annuity,
    hasError: error !== undefined && (isObject(error) || isList(error)),
  }
}

/**
 * Equal for pages that hold the same records: their number, the first and the last tell enough, at a small
 * part of the cost of all. Undefined for an empty page.
 */
export function contentOf(items: readonly JsonValue[]): string | undefined {
  const [first, last] = [items[0], items.at(-1)]
  if (!first || !last) return undefined
  const hash = createHash('sha256').update(`${items.length}/${first.end - first.start}/`)
  return hash.update(bytesOf(first)).update(bytesOf(last)).digest('base64')
}
