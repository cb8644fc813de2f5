/** What a page holds; also the folder of its segments and the name in `sql/load/`. */
export const entities = [
  'fdx.customers',
  'fdx.accounts',
  'fdx.transactions',
  'fdx.contact',
  'fdx.payment_networks',
  'fdx.statements',
  'flinks.detail',
  'flinks.summary',
  'flinks.statements',
] as const
export type Entity = (typeof entities)[number]

/**
 * What the loader must mend before DuckDB reads the page's body (all rare, all seen when the page was
 * checked on arrival):
 * `long_number`: a JSON number of 16 or more digits, which DuckDB would round.
 * `bare_list`: the body is a list without its envelope. `bare_record`: a single record without it.
 * `not_json`: the body is not JSON; it is kept as text and never loaded.
 * `strange_json`: what DuckDB's reader refuses or loses: lone surrogates, U+0000, duplicate keys.
 * `descriptors`: nothing to mend, but the accounts are described only, as each is asked for by its id.
 */
export const marks = [
  'long_number',
  'bare_list',
  'bare_record',
  'not_json',
  'strange_json',
  'descriptors',
] as const
export type Mark = (typeof marks)[number]

/**
 * One HTTP answer as it is kept. A segment is a zstd-compressed file of newline-delimited JSON, one line
 * a page: these members in this order, `body` last, holding the answer's bytes as they came (line breaks
 * between its tokens become spaces, a byte order mark is left out). A body that is not JSON is a JSON
 * string of its text.
 */
export interface PageEnvelope {
  /** UUID; `page_id` of every row that comes from this page. */
  readonly page_id: string
  readonly run_id: string
  /** One reading of a stream from its first page to its last. */
  readonly pull_id: string
  readonly provider: string
  readonly connection_id: string
  readonly entity: Entity
  /** The account in the request's path, for pages of one account. */
  readonly account_id: string | null
  /** Window asked for, `YYYY-MM-DD`. */
  readonly window_start: string | null
  readonly window_end: string | null
  /** Position in the pull, from 1. */
  readonly sequence: number
  /** The pull ends with this page: its window has been read completely. */
  readonly last: boolean
  readonly status: number
  readonly interaction_id: string | null
  /** ISO 8601, UTC. */
  readonly requested_at: string
  readonly fetched_at: string
  /** Length of the body in bytes, as it came (decoded). */
  readonly bytes: number
  /** How long the answer took, and how many attempts failed before it. Absent in pages of before. */
  readonly ms?: number
  readonly retries?: number
  readonly marks: readonly Mark[]
  /** SHA-256 of the body as it is kept, in hex. */
  readonly sha256: string
}

export interface Page {
  readonly envelope: PageEnvelope
  readonly body: Buffer
}

/** A page on its way to the disk: it is hashed while it is packed. */
export interface UnhashedPage {
  readonly envelope: Omit<PageEnvelope, 'sha256'>
  readonly body: Buffer
}
