import { chanceOf } from '../chance.ts'
import type { Asked } from '../fdx.ts'
import { otherOrigin } from '../http.ts'
import type { JsonObject } from '../json.ts'
import type { pageTroubles } from '../misbehaviours.ts'
import type { Page, Slice } from '../paging.ts'
import { cursorFor, pageMembers } from '../paging.ts'

type PageTrouble = keyof typeof pageTroubles

/** A page with its `page` and `links` members. */
export interface WrittenPage<T> extends Page<T> {
  readonly members: JsonObject
}

type Spoil = <T>(spoiling: Spoiling<T>) => WrittenPage<T>
interface Spoiling<T> {
  readonly asked: Asked
  readonly all: readonly T[]
  readonly slice: Slice
  readonly page: WrittenPage<T>
  readonly variant: string
}

/** Addresses that a bearer token must not be sent to; the first one is this server by another name. */
const foreignLinks: Readonly<Record<string, (own: URL) => string>> = {
  host: (own) => otherOrigin(own.origin, own.pathname + own.search),
  http: (own) => `http://evil.example.net${own.pathname}${own.search}`,
  port: (own) => `http://${own.hostname}:9${own.pathname}${own.search}`,
  user_info: (own) => `http://${own.host}@127.0.0.2:9${own.pathname}${own.search}`,
  slashes: (own) => `//evil.example.net${own.pathname}${own.search}`,
  homograph: (own) => `https://оb.flinksapp.com${own.pathname}${own.search}`,
  javascript: () => 'javascript:alert(1)',
}

const spoils: Record<PageTrouble, Spoil> = {
  repeated_cursor: ({ asked, page, slice }) =>
    page.next === undefined && slice.start === 0
      ? page
      : again(asked, page, slice, cursorFor(slice.start === 0 ? slice.limit : slice.start)),
  cycling_cursor: ({ asked, page, slice }) =>
    slice.start >= slice.limit ? again(asked, page, slice, cursorFor(0)) : page,
  endless_cursor: ({ asked, page, slice }) =>
    page.next === undefined ? again(asked, page, slice, cursorFor(slice.start, fresh())) : page,
  endless_empty_pages: ({ asked, page, slice }) =>
    page.next === undefined
      ? again(asked, page, slice, cursorFor(Math.max(page.total, slice.start) + 1, fresh()))
      : page,
  foreign_next({ asked, page, slice, variant }) {
    if (page.next === undefined) return page
    const own = new URL(asked.call.url.href)
    own.searchParams.set('offset', page.next)
    own.searchParams.set('limit', String(slice.limit))
    const href = (foreignLinks[variant] ?? foreignLinks['host'])?.(own)
    return { ...page, members: { page: {}, links: { next: { href } } } }
  },
  missing_page: ({ all, page }) => ({ ...page, rows: all, next: undefined, members: {} }),
  duplicate_transactions: ({ all, page, slice }) => {
    const before = all[slice.start - 1]
    return before === undefined ? page : { ...page, rows: [before, ...page.rows] }
  },
  unstable_order({ asked, all, page, slice }) {
    const chance = chanceOf('order', slice.start, asked.grant.person)
    const shuffled = all
      .map((row) => ({ row, place: chance.below(1_000_000) }))
      .sort((one, other) => one.place - other.place)
    return {
      ...page,
      rows: shuffled.slice(slice.start, slice.start + slice.limit).map(({ row }) => row),
    }
  },
}

let freshCount = 0
function fresh(): string {
  freshCount += 1
  return String(freshCount)
}

/** The same rows with another cursor. */
function again<T>(asked: Asked, page: WrittenPage<T>, slice: Slice, next: string): WrittenPage<T> {
  const changed = { ...page, next }
  const { shape, call, tools } = asked
  return { ...changed, members: pageMembers(shape, changed, slice, call, tools.origin) }
}

/** A page of a list after the rules for lists. */
export function troubledPage<T>(
  asked: Asked,
  all: readonly T[],
  slice: Slice,
  page: WrittenPage<T>,
): WrittenPage<T> {
  let spoilt = page
  for (const name of Object.keys(spoils) as PageTrouble[]) {
    const variant = asked.tools.switches.strikes(name, asked.about)
    if (variant !== undefined) spoilt = spoils[name]({ asked, all, slice, page: spoilt, variant })
  }
  return spoilt
}
