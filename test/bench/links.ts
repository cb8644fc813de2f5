import { type LinkScore, scoreLinks } from '../support/links.ts'
import type { BenchResult } from './bench.ts'

/** Seeds that the rules were not tuned on. */
const seeds = ['first', 'second', 'third']

/**
 * How well pending and posted rows of one event are linked: precision and recall on the sandbox's labelled
 * purchases (tips, fuel, new ids, twins of one day, cancelled ones), read once a day.
 */
export async function run(): Promise<BenchResult> {
  const scores: LinkScore[] = []
  for (const seed of seeds) scores.push(await scoreLinks({ seed, accounts: 30, days: 60 }))
  const sum = (of: (score: LinkScore) => number) =>
    scores.reduce((total, score) => total + of(score), 0)
  const kinds = Object.keys(scores[0]?.byKind ?? {}) as (keyof LinkScore['byKind'])[]
  return {
    ratios: {
      precision: sum(({ right }) => right) / sum(({ found }) => found),
      recall: sum(({ right }) => right) / sum(({ truth }) => truth),
    },
    goals: { precision: { atLeast: 0.98 }, recall: { atLeast: 0.95 } },
    seen: {
      pairs: String(sum(({ truth }) => truth)),
      ...Object.fromEntries(
        kinds
          .filter((kind) => sum(({ byKind }) => byKind[kind].truth) > 0)
          .map((kind) => [
            `recall, ${kind.replaceAll('_', ' ')}`,
            (
              sum(({ byKind }) => byKind[kind].right) / sum(({ byKind }) => byKind[kind].truth)
            ).toFixed(3),
          ]),
      ),
    },
  }
}
