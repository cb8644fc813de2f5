/** What a misbehaviour does, where it was learnt, and its variants; the first variant is taken when none is named. */
export interface Misbehaviour {
  readonly does: string
  readonly from: string
  readonly variants?: readonly string[]
}

/** The token endpoint. */
export const tokenTroubles = {
  expires_mid_paging: {
    does: 'Access tokens end within a walk: after 1 second, or after 2 requests though they promise more.',
    from: 'flinks-outbound 10.1',
    variants: ['1_second', '2_requests'],
  },
  invalid_client: {
    does: 'Every token request ends with invalid_client.',
    from: 'FAULTS: invalid_client for the provider',
  },
  invalid_grant: {
    does: 'Every refresh ends with invalid_grant, as after a consent that was withdrawn at the bank.',
    from: 'FAULTS: invalid_grant after a consent was withdrawn',
  },
  refresh_without_refresh_token: {
    does: 'A refresh answer has no refresh_token, or null, or an empty one; the old token stays valid.',
    from: 'FAULTS: refresh reply without refresh_token',
    variants: ['absent', 'null', 'empty'],
  },
  token_500_after_rotation: {
    does: 'The refresh is done and the token rotated, then the answer is a 500.',
    from: 'flinks-outbound 9; FAULTS: server rotated, reply unread',
  },
  token_reset_before: {
    does: 'The connection is reset before the token request is processed.',
    from: 'FAULTS: connection reset before',
  },
  token_reset_after: {
    does: 'The token request is processed, then the connection is reset without an answer.',
    from: 'FAULTS: connection reset after',
  },
  token_cut_body: {
    does: 'The token answer breaks off: after the refresh token, or before it.',
    from: 'FAULTS: token reply cut after the refresh token',
    variants: ['after_refresh_token', 'before_refresh_token'],
  },
  token_stall: {
    does: 'The token answer begins and never ends.',
    from: 'FAULTS: token reply stalls',
  },
  token_html_502: {
    does: 'The token endpoint answers 502 with a gateway page (or 504).',
    from: 'FAULTS: 502/504 HTML from a gateway',
    variants: ['502', '504'],
  },
  token_429: {
    does: 'The token endpoint answers 429 with Retry-After.',
    from: 'FAULTS: 429 with Retry-After',
    variants: ['seconds', 'date', 'garbage', 'long'],
  },
  token_redirect: {
    does: 'The token endpoint answers 307 to another host.',
    from: 'FAULTS: 307 from the token endpoint',
  },
} as const satisfies Record<string, Misbehaviour>

/** Answers of any data endpoint, FDX or Flinks, in place of the right one. */
export const answerTroubles = {
  consent_withdrawn: {
    does: 'Every data request of the person ends with 602, though tokens work.',
    from: 'flinks-outbound 4, 6',
  },
  scope_missing: {
    does: 'One resource ends with 602; transactions, unless the rule names another endpoint.',
    from: 'flinks-outbound 6',
  },
  unauthorized_no_code: {
    does: 'One request ends as for an expired token: 401 (or 403), at /outbound without an FDX code; then fine.',
    from: 'flinks-outbound 6',
    variants: ['401', '403'],
  },
  rate_limited: {
    does: '429 with Retry-After: 2 seconds, an HTTP date, garbage, an hour; or 1207 as 422. Fine after 2 times.',
    from: 'FAULTS: 429/503 with Retry-After; flinks-outbound 6',
    variants: ['seconds', 'date', 'garbage', 'long', 'as_422'],
  },
  server_error: {
    does: '500 with code 500, a 502 HTML page or a bare 503; fine after 2 times.',
    from: 'fdx-standard 10',
    variants: ['500', '502_html', '503'],
  },
  maintenance_503: {
    does: '503 with code 503 and Retry-After of 5 seconds, for as long as it is on.',
    from: 'fdx-standard 10',
  },
  html_200: { does: 'A sign-in page with status 200.', from: 'flinks-outbound 6, last line' },
  redirect_302: {
    does: 'Data requests answer 302 to another origin.',
    from: 'FAULTS: API answers 302 to another origin',
  },
  huge_body: {
    does: 'A gzip bomb, a doubly packed one, or a body without end.',
    from: 'FAULTS: gzip bomb, endless body',
    variants: ['gzip', 'double_gzip', 'endless'],
  },
  deep_json: { does: 'JSON nested a million deep.', from: 'FAULTS: JSON nested 10^6 deep' },
  window_too_long_703: {
    does: 'A window of dates longer than 90 days ends with 703.',
    from: 'fdx-standard 9.4',
  },
  no_data_1107: {
    does: 'Transactions end with 404 and 1107 in place of an empty list.',
    from: 'flinks-outbound 6',
  },
  account_not_found_701: {
    does: "The person's first account ends with 701 when asked for by its id.",
    from: 'fdx-standard 10',
  },
  account_closed_705: {
    does: "The person's first account ends with 705 when asked for by its id.",
    from: 'fdx-standard 10',
  },
  not_supported_704: {
    does: "Transactions of the person's last account end with 704.",
    from: 'fdx-standard 10',
  },
  payment_networks_501: {
    does: 'Payment networks end with code 501 for every account.',
    from: 'flinks-outbound 5.5',
  },
  statement_1300: {
    does: 'The first two downloads of a statement end with 1300; fine then.',
    from: 'flinks-outbound 5.4',
  },
  statement_302: {
    does: 'Statement downloads are redirected to a file elsewhere (the same server under another host name).',
    from: 'flinks-outbound 5.4',
  },
} as const satisfies Record<string, Misbehaviour>

/** The cursors and order of lists. */
export const pageTroubles = {
  repeated_cursor: {
    does: 'Each page names its own cursor as the next.',
    from: 'FAULTS: offset A→A',
  },
  cycling_cursor: { does: 'The second page leads back to the first.', from: 'FAULTS: A→B→A' },
  endless_cursor: {
    does: 'The last page leads to itself under ever new cursors.',
    from: 'FAULTS: new offset for ever',
  },
  endless_empty_pages: {
    does: 'After the last page come empty pages for ever.',
    from: 'FAULTS: empty pages for ever',
  },
  foreign_next: {
    does: 'nextOffset is absent and links.next.href points to another origin.',
    from: 'FAULTS: next.href to another origin',
    variants: ['host', 'http', 'port', 'user_info', 'slashes', 'homograph', 'javascript'],
  },
  missing_page: {
    does: 'Lists come whole, without page and links.',
    from: 'flinks-outbound 10.5; fdx-standard 15',
  },
  duplicate_transactions: {
    does: 'The last row of a page comes again as the first of the next.',
    from: 'flinks-outbound 9',
  },
  unstable_order: {
    does: 'Each page is cut from a list in another order, so rows repeat and others are missed.',
    from: 'flinks-outbound 9',
  },
} as const satisfies Record<string, Misbehaviour>

/** The records themselves. */
export const recordTroubles = {
  missing_memo: {
    does: 'Transactions have no debitCreditMemo; amounts stay without sign.',
    from: 'flinks-outbound 5.3',
  },
  signed_amounts: {
    does: 'Transaction amounts are signed and debitCreditMemo is missing.',
    from: 'fdx-standard 16',
  },
  pending_then_posted: {
    does: 'Two fixed rows are pending, and posted under new ids in the variant posted.',
    from: 'fdx-standard 16',
    variants: ['pending', 'posted'],
  },
  pending_lives: {
    does: 'Deposit accounts show purchases that live: held, posted with a tip or another amount, cancelled, under new ids. /admin/links has the truth.',
    from: 'fdx-standard 16',
  },
  unknown_kind: {
    does: "The person's first account is of a kind that nobody knows.",
    from: 'flinks-outbound 10.4',
  },
  unknown_fields: {
    does: 'Each account has 5,000 unknown fields, with hostile names among them.',
    from: 'FAULTS: field named a"; DROP TABLE x',
  },
  wrong_types: {
    does: 'Currency as text, assetClasses as an object, booleans and numbers as text, dates in all shapes, impossible ones too.',
    from: 'fdx-standard 15',
  },
  account_error_206: {
    does: 'The accounts list answers 206, with an error inside the first account.',
    from: 'fdx-standard 10',
  },
  full_number_in_display: {
    does: 'accountNumber and accountNumberDisplay hold the full number.',
    from: 'flinks-outbound 5.2',
  },
  missing_account_category: { does: 'No accountCategory anywhere.', from: 'flinks-outbound 5.2' },
  ids_as_numbers: {
    does: 'accountId and transactionId are JSON numbers of 20 digits; requests take them.',
    from: 'fdx-standard 15; FAULTS: 20-digit id',
  },
  exact_numbers: {
    does: 'Balance 99999999999999.99 on the first deposit account; units 0.123456789012345678 and 30 digitalUnits digits on the first holding.',
    from: 'FAULTS: amount 12345678901234567.89',
  },
} as const satisfies Record<string, Misbehaviour>

/** The bytes of an answer that is right otherwise. */
export const byteTroubles = {
  cut_body: {
    does: 'The connection is cut in the middle of the body.',
    from: 'reliability; flinks-outbound 6',
  },
  drip: { does: 'One byte each 100 ms.', from: 'FAULTS: one byte per 100 ms' },
  dirty_json: {
    does: 'A BOM, duplicate keys, lone surrogates, __proto__ fields and NUL escapes.',
    from: 'fdx-standard 15',
  },
} as const satisfies Record<string, Misbehaviour>

/** Flinks' native API. */
export const flinksTroubles = {
  pending_forever: {
    does: 'Data answers stay 202 OPERATION_PENDING.',
    from: 'FAULTS: Flinks 202 for 31 minutes',
  },
  mfa: { does: 'Authorize answers 203 with security challenges.', from: 'flinks-native 4' },
  agg_error: { does: 'Data answers are 500 AGGREGATION_ERROR.', from: 'flinks-native 11' },
  retry_later: { does: 'Authorize answers 401 RETRY_LATER.', from: 'flinks-native 11' },
  too_many_requests_401: {
    does: 'Data answers are 401 TOO_MANY_REQUESTS; fine after 2 times.',
    from: 'flinks-native 11',
  },
  session_expired: {
    does: 'A data answer is 400 SESSION_NONEXISTENT (or SESSION_EXPIRED); fine then.',
    from: 'flinks-native 11',
    variants: ['nonexistent', 'expired'],
  },
  card_in_use: {
    does: 'Authorize and DeleteCard answer 400 CARD_IN_USE.',
    from: 'flinks-native 11',
  },
  empty_transactions: {
    does: 'Accounts come with empty Transactions.',
    from: 'flinks-native 12.2',
  },
  partial_202: {
    does: 'A 202 carries a part of the accounts; polling goes on to the whole.',
    from: 'flinks-native 6',
  },
  unauthorized: { does: 'Data answers are 401 UNAUTHORIZED.', from: 'flinks-native 11' },
  slow: { does: 'Every login is slow: 202 for pendingSeconds, then 200.', from: 'flinks-native 1' },
} as const satisfies Record<string, Misbehaviour>

/** All of it: name → what it does. A name that is not here is refused. */
export const misbehaviours = {
  ...tokenTroubles,
  ...answerTroubles,
  ...pageTroubles,
  ...recordTroubles,
  ...byteTroubles,
  ...flinksTroubles,
} as const satisfies Record<string, Misbehaviour>
export type MisbehaviourName = keyof typeof misbehaviours

/** How often a misbehaviour strikes when its rule does not say; without end when it is not here. */
export const usualTimes: Partial<Record<MisbehaviourName, number>> = {
  unauthorized_no_code: 1,
  rate_limited: 2,
  server_error: 2,
  statement_1300: 2,
  too_many_requests_401: 2,
  session_expired: 1,
  token_500_after_rotation: 1,
  token_reset_before: 1,
  token_reset_after: 1,
  token_cut_body: 1,
}
