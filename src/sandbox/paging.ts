import type { Call } from './http.ts'
import type { JsonObject } from './json.ts'
import type { SandboxOptions } from './options.ts'
import type { Shape } from './shape.ts'

/** Which part of a list a request wants. */
export interface Slice {
  readonly start: number
  readonly limit: number
}

/** The part of a list on one page, and the cursor of the next part. */
export interface Page<T> {
  readonly rows: readonly T[]
  readonly next: string | undefined
  readonly total: number
}

/** Reads `offset` or `pageKey`, and `limit`; undefined when the cursor is none of ours. */
export function sliceOf(shape: Shape, call: Call, options: SandboxOptions): Slice | undefined {
  const query = call.url.searchParams
  const cursor = query.get('offset') ?? (shape.version === 6 ? query.get('pageKey') : null)
  const start = cursor === null || cursor === '' ? 0 : readCursor(cursor)
  const asked = Number(query.get('limit') ?? options.pageSize)
  if (start === undefined || !Number.isSafeInteger(asked) || asked < 1) return undefined
  return { start, limit: Math.min(asked, options.maxPageSize) }
}

export function pageOf<T>(all: readonly T[], { start, limit }: Slice): Page<T> {
  const end = start + limit
  return {
    rows: all.slice(start, end),
    next: end < all.length ? cursorFor(end) : undefined,
    total: all.length,
  }
}

/** Opaque on purpose; `salt` makes another cursor for the same place. */
export function cursorFor(start: number, salt = ''): string {
  return Buffer.from(`at:${start}:${salt}`).toString('base64url')
}

function readCursor(text: string): number | undefined {
  const found = /^at:(\d{1,9}):/.exec(Buffer.from(text, 'base64url').toString('latin1'))
  return found ? Number(found[1]) : undefined
}

/** `page` and `links` as this provider writes them. */
export function pageMembers(
  shape: Shape,
  page: Page<unknown>,
  slice: Slice,
  call: Call,
  origin: string,
): JsonObject {
  const { next, total } = page
  if (shape.paging === 'offset') return { page: next === undefined ? {} : { nextOffset: next } }
  const href = next === undefined ? undefined : nextHref(shape, call, slice, next, origin)
  if (shape.paging === 'pageKey')
    return {
      page: {
        nextPageKey: next,
        previousPageKey:
          slice.start > 0 ? cursorFor(Math.max(0, slice.start - slice.limit)) : undefined,
        totalElements: total,
      },
      links:
        href === undefined
          ? {}
          : { next: { href, action: 'GET', rel: 'next', types: ['application/json'] } },
    }
  return {
    page: { nextOffset: next ?? null, totalElements: total },
    links: { next: href === undefined ? null : { href, action: null, description: null } },
  }
}

/** Absolute at `/outbound`, relative at `/v6`; with the request's own filters. */
function nextHref(
  shape: Shape,
  call: Call,
  { limit }: Slice,
  next: string,
  origin: string,
): string {
  const url = new URL(call.url.pathname + call.url.search, origin)
  url.searchParams.set('limit', String(limit))
  url.searchParams.set(shape.version === 6 ? 'pageKey' : 'offset', next)
  return shape.version === 6 ? url.pathname + url.search : url.href
}
