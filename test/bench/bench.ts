/** What a benchmark gives: figures relative to a limit that was measured in the same run. */
export interface BenchResult {
  readonly ratios: Readonly<Record<string, number>>
  /** What each ratio must keep to. */
  readonly goals: Readonly<
    Record<string, { readonly atMost: number } | { readonly atLeast: number }>
  >
  /** Absolute figures of this machine, for people. */
  readonly seen?: Readonly<Record<string, string>>
}

/** A file of this folder that `npm run bench -- NAME` runs. */
export interface Bench {
  run(): Promise<BenchResult>
}
