import { hash } from 'node:crypto'
import { idText, isTrue, member } from './members.ts'

/** How a list came. `bare_list`: without its envelope; `bare_record`: a single record in its place. */
export interface ReadList {
  readonly items: readonly unknown[]
  readonly shape: 'enveloped' | 'bare_list' | 'bare_record'
}

/**
 * Finds the records of a page: under `name`, in a list without an envelope, or a single record. An envelope
 * without the list is an empty page. Undefined: none of these.
 */
export function readList(body: object, name: string): ReadList | undefined {
  if (Array.isArray(body)) return { items: body, shape: 'bare_list' }
  const list = member(body, name)
  if (Array.isArray(list)) return { items: list, shape: 'enveloped' }
  if (list === null || member(body, 'page') !== undefined || member(body, 'links') !== undefined)
    return { items: [], shape: 'enveloped' }
  const record = unwrap(body)
  const isRecord = idText(member(record.value, 'accountId')) !== null
  return isRecord ? { items: [body], shape: 'bare_record' } : undefined
}

/** Wrapper keys of FDX 4 and 5 (facts/fdx-standard.md 3) end so; FDX 6 has none. */
const wrapperKey = /^(\w*Account|digitalWallet)$/

/** An account without its wrapper, and the wrapper's key; one with an id of its own has none. */
function unwrap(item: unknown): { readonly value: unknown; readonly wrapper: string } {
  if (typeof item !== 'object' || item === null || member(item, 'accountId') !== undefined)
    return { value: item, wrapper: '' }
  for (const [key, value] of Object.entries(item))
    if (
      wrapperKey.test(key) &&
      typeof value === 'object' &&
      value !== null &&
      !Array.isArray(value)
    )
      return { value, wrapper: key }
  return { value: item, wrapper: '' }
}

/** What the extractor needs to know of an account. */
export interface AccountFacts {
  readonly id: string | null
  /** The listed transactions would say nothing new, or the kind has none in any FDX version. */
  readonly withoutTransactions: boolean
  readonly hasError: boolean
}

export function accountFacts(item: unknown): AccountFacts {
  const { value, wrapper } = unwrap(item)
  const category = wrapper === '' ? member(value, 'accountCategory') : wrapper
  const embedded =
    isTrue(member(value, 'transactionsIncluded')) && Array.isArray(member(value, 'transactions'))
  const annuity = category === 'annuityAccount' || category === 'ANNUITY_ACCOUNT'
  return {
    id: idText(member(value, 'accountId')),
    withoutTransactions: embedded || annuity,
    hasError: typeof member(value, 'error') === 'object' && member(value, 'error') !== null,
  }
}

/**
 * Equal for pages that hold the same records: their number, the first and the last tell enough, at a small
 * part of the cost of all. Undefined for an empty page.
 */
export function contentOf(items: readonly unknown[]): string | undefined {
  if (items.length === 0) return undefined
  return hash('sha256', JSON.stringify([items.length, items[0], items.at(-1)]), 'base64')
}
