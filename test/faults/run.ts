/**
 * `npm run test:faults -- [--quick] [--seed N] [group …]`: real kills, cut sockets, full disks. Prints what
 * was injected and what became of the connections; exits 1 when one was lost silently, a round of callers
 * cost more than one token request, or anything else was not as it must be.
 */
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { asTable } from '../../src/cli/format.ts'
import { groups } from './groups.ts'
import type { Outcome } from './outcome.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false }, seed: { type: 'string' } },
})
const seed = Number(values.seed ?? randomInt(2 ** 31))
const say = (line: string) => process.stdout.write(`${line}\n`)
const names = Object.keys(groups)
const unknown = positionals.filter((name) => !names.includes(name))
if (unknown.length > 0 || !Number.isInteger(seed)) {
  say(`usage: npm run test:faults -- [--quick] [--seed N] [${names.join(' | ')}]`)
  process.exit(2)
}
say(`seed ${seed}${values.quick ? ', quick' : ''}`)

const chosen = positionals.length > 0 ? positionals : names
const all: { group: string; outcome: Outcome }[] = []
for (const [group, run] of Object.entries(groups)) {
  if (!chosen.includes(group)) continue
  for await (const outcome of run({ quick: values.quick, random: chance(seed) }, say)) {
    all.push({ group, outcome })
    if (outcome.wrong !== '' || outcome.ending === 'lost')
      say(`FAILED ${group}: ${outcome.fault}: ${outcome.wrong || 'silently lost'}`)
  }
}

const column = (name: string, type: string) => ({ name, type })
const count = (group: string, holds: (outcome: Outcome) => boolean) =>
  String(all.filter((one) => one.group === group && holds(one.outcome)).length)
const rows = chosen.map((group) => [
  group,
  count(group, () => true),
  count(group, ({ ending }) => ending === 'alive'),
  count(group, ({ ending }) => ending.startsWith('flagged')),
  count(group, ({ ending }) => ending === 'lost'),
  count(group, ({ wrong }) => wrong !== ''),
])
const sums = [1, 2, 3, 4, 5].map((at) =>
  String(rows.reduce((sum, row) => sum + Number(row[at]), 0)),
)
const columns = [
  column('faults', 'VARCHAR'),
  ...['injected', 'alive', 'flagged', 'silently lost', 'unexpected'].map((name) =>
    column(name, 'INTEGER'),
  ),
]
say(asTable({ columns, rows: [...rows, ['all', ...sums]] }).replace(/\(\d+ rows\)\n$/, ''))
const rounds = all.flatMap(({ outcome }) => outcome.requests ?? [])
if (rounds.length > 0) say(`token requests per round of callers: ${Math.max(...rounds)} at most`)
const failed = all.filter(({ outcome }) => outcome.wrong !== '' || outcome.ending === 'lost').length
say(`${all.length - failed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0

/** mulberry32: small, seeded, and the same everywhere. */
function chance(from: number): () => number {
  let state = from
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
