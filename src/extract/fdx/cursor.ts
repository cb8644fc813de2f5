import type { FdxProvider } from '../../config/provider.ts'
import { FdxError } from '../../errors.ts'
import { isList, itemsOf, type JsonValue, memberOf, parsed } from '../../page/json.ts'
import { member } from './members.ts'

/** Query parameters that carry a cursor; examples in the field also write `offSet`. */
const parameters = ['offset', 'offSet', 'pageKey'] as const
type Parameter = (typeof parameters)[number]

/** Which member of `page` holds the cursor for which parameter (FDX 6.3 renames both). */
const pageMembers = { offset: 'nextOffset', pageKey: 'nextPageKey' } as const

/**
 * Reads where the next page is, from any dialect: `page.nextOffset`, `page.nextPageKey`, `links.next.href`; the link may
 * also be a text, or one of a list by its `rel` (RFC 8288).
 * @returns a cursor for `cursorQuery` (`offset=…`), or null at the end of the list.
 * @throws FdxError `NEXT_LINK_ORIGIN` for a link that leaves the provider, `ANSWER_INVALID` for one without a
 *   cursor, for a cursor that is too long, and for anything else in its place: a list that is not read to its end must
 *   not look as if it were. A link is never followed: only its cursor is taken (facts/reliability-security.md 6.1).
 */
export function nextCursor(body: JsonValue, provider: FdxProvider, what: string): string | null {
  const page = parsed(memberOf(body, 'page'))
  const first = provider.paging
  for (const parameter of [first, first === 'offset' ? 'pageKey' : 'offset'] as const) {
    const value = textOrEnd(member(page, pageMembers[parameter]), what)
    if (value !== null) return cursor(what, parameter, value)
  }
  const next = nextLink(memberOf(body, 'links'))
  const isLink = typeof next === 'object' && !Array.isArray(next)
  const href = textOrEnd(isLink ? member(next, 'href') : next, what)
  return href === null ? null : cursorOfLink(href, provider, what)
}

function nextLink(links: JsonValue | undefined): unknown {
  if (links === undefined || !isList(links)) return member(parsed(links), 'next')
  return itemsOf(links)
    .map((link) => parsed(link))
    .find((link) => member(link, 'rel') === 'next')
}

function cursorOfLink(href: string, provider: FdxProvider, what: string): string | null {
  const base = new URL(provider.baseUrl)
  // A backslash and a control character read differently in different parsers; a link needs neither.
  const target = /[\\\p{Cc}]/u.test(href) ? null : URL.parse(href, base.href)
  if (target?.origin !== base.origin || target.username !== '' || target.password !== '')
    throw new FdxError(
      'NEXT_LINK_ORIGIN',
      `${what}: the link to the next page leaves the provider; it was not followed, tell the provider`,
    )
  for (const parameter of parameters) {
    const value = target.searchParams.get(parameter)
    if (value) return cursor(what, parameter, value)
  }
  throw new FdxError(
    'ANSWER_INVALID',
    `${what}: the link to the next page has no offset or pageKey; ask the provider`,
  )
}

/** Opaque text, but an integer at some providers; null, absent and empty all mean the end. */
function textOrEnd(value: unknown, what: string): string | null {
  if (value === undefined || value === null || value === '') return null
  if (typeof value === 'string') return value
  if (typeof value === 'number') return String(value)
  throw new FdxError(
    'ANSWER_INVALID',
    `${what}: where the next page is comes in an unknown form; ask the provider`,
  )
}

/** Longer ones fit into no request line; nobody sends them in earnest. Characters. */
const longestCursor = 8_192

/** @throws FdxError `ANSWER_INVALID` for one that is too long. */
function cursor(what: string, parameter: Parameter, value: string): string {
  if (value.length > longestCursor)
    throw new FdxError(
      'ANSWER_INVALID',
      `${what}: the cursor of the next page has ${value.length} characters; ask the provider`,
    )
  return `${parameter}=${value}`
}

/** The query parameter that asks for the page at `cursor`. */
export function cursorQuery(text: string | null): Record<string, string> {
  if (text === null) return {}
  const at = text.indexOf('=')
  return { [text.slice(0, at)]: text.slice(at + 1) }
}
