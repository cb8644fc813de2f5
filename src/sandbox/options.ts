/** What `startSandbox` can be told. Every member has a default. */
export interface SandboxOptions {
  /** Address to bind. Default `127.0.0.1`. */
  readonly host: string
  /** Port to bind; 0 takes a free one. Default 4010. */
  readonly port: number
  /** All invented data follows from this text. Default `fdx`. */
  readonly seed: string
  /** People at each provider. Default 10. */
  readonly connections: number
  /** Accounts of each person. Default: 1 to 5, by person. */
  readonly accounts: number | undefined
  /**
   * Transactions of each account, pending ones among them. Default: what is usual for the kind in 12 to 24 months.
   * Annuities have none in any case, as in FDX.
   */
  readonly transactions: number | undefined
  /** `YYYY-MM-DD`, the day on which all data ends. Default: today, UTC. */
  readonly today: string
  /** Life of an access token. Seconds. Default 299, as Flinks documents it. */
  readonly accessTokenSeconds: number
  /** Life of a refresh token that nobody uses. Days. Default 30. */
  readonly refreshIdleDays: number
  /** How long a rotated refresh token of `/v6` still gets the same answer again. Seconds. Default 30. */
  readonly graceSeconds: number
  /** How long the slow Flinks login answers 202. Seconds. Default 2. */
  readonly pendingSeconds: number
  /** Records on a page when the request names no limit. Default 100. */
  readonly pageSize: number
  /** The largest limit that is honoured. Default 500. */
  readonly maxPageSize: number
  /** Whether Flinks data endpoints ask for `x-api-key`. Default true. */
  readonly apiKeyRequired: boolean
  /** Milliseconds since 1970; a test hands in its own clock. Default `Date.now`. */
  readonly clock: () => number
}

/** The options with their defaults filled in. Throws RangeError, with the member's name, for a value that cannot be. */
export function sandboxOptions(given: Partial<SandboxOptions>): SandboxOptions {
  const clock = given.clock ?? Date.now
  const options: SandboxOptions = {
    host: given.host ?? '127.0.0.1',
    port: given.port ?? 4010,
    seed: given.seed ?? 'fdx',
    connections: given.connections ?? 10,
    accounts: given.accounts,
    transactions: given.transactions,
    today: given.today ?? new Date(clock()).toISOString().slice(0, 10),
    accessTokenSeconds: given.accessTokenSeconds ?? 299,
    refreshIdleDays: given.refreshIdleDays ?? 30,
    graceSeconds: given.graceSeconds ?? 30,
    pendingSeconds: given.pendingSeconds ?? 2,
    pageSize: given.pageSize ?? 100,
    maxPageSize: given.maxPageSize ?? 500,
    apiKeyRequired: given.apiKeyRequired ?? true,
    clock,
  }
  refuseImpossible(options)
  return options
}

function refuseImpossible(options: SandboxOptions): void {
  const counts = {
    port: options.port,
    connections: options.connections,
    accounts: options.accounts ?? 0,
    transactions: options.transactions ?? 0,
  }
  for (const [name, value] of Object.entries(counts))
    if (!Number.isSafeInteger(value) || value < 0)
      throw new RangeError(`The sandbox's ${name} must be a whole number, 0 or more.`)
  if (options.pageSize < 1 || options.maxPageSize < options.pageSize)
    throw new RangeError('The sandbox needs pageSize of 1 or more, and maxPageSize not below it.')
  if (!/^\d{4}-\d{2}-\d{2}$/.test(options.today) || Number.isNaN(Date.parse(options.today)))
    throw new RangeError("The sandbox's today must be a day, written YYYY-MM-DD.")
}
