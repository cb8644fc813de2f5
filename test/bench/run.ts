/**
 * `npm run bench -- [name] [--json]`: runs the benchmarks of this folder, or one. Exits 1 when a goal is not
 * met. With `--json` it prints one object a benchmark, one a line.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { asTable } from '../../src/cli/format.ts'
import type { Bench, BenchResult } from './bench.ts'

const say = (line: string) => process.stdout.write(`${line}\n`)
const names = readdirSync(import.meta.dirname)
  .filter((file) => /^[a-z-]+\.ts$/.test(file))
  .map((file) => file.slice(0, -'.ts'.length))
  .filter((name) => !['bench', 'run'].includes(name))
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false } },
})
if (positionals.some((name) => !names.includes(name))) {
  say(`usage: npm run bench -- [${names.join(' | ')}] [--json]`)
  process.exit(2)
}

let allMet = true
for (const name of positionals.length > 0 ? positionals : names) {
  const { run } = (await import(join(import.meta.dirname, `${name}.ts`))) as Bench
  const result = await run()
  const met = Object.keys(result.goals).every((goal) => isMet(result, goal))
  allMet &&= met
  const { ratios, goals } = result
  if (values.json) say(JSON.stringify({ bench: name, ratios, goals, met }))
  else say(table(name, result))
}
process.exitCode = allMet ? 0 : 1

function isMet({ ratios, goals }: BenchResult, name: string): boolean {
  const goal = goals[name]
  const ratio = ratios[name]
  if (goal === undefined || ratio === undefined) return false
  return 'atMost' in goal ? ratio <= goal.atMost : ratio >= goal.atLeast
}

function table(name: string, result: BenchResult): string {
  const goalText = (ratio: string) => {
    const goal = result.goals[ratio]
    if (goal === undefined) return ['', '']
    const text = 'atMost' in goal ? `at most ${goal.atMost}` : `at least ${goal.atLeast}`
    return [text, isMet(result, ratio) ? 'met' : 'NOT MET']
  }
  const rows = [
    ...Object.entries(result.ratios).map(([key, value]) => [
      key,
      value.toFixed(3),
      ...goalText(key),
    ]),
    ...Object.entries(result.seen ?? {}).map(([key, value]) => [key, value, '', '']),
  ]
  const columns = [name, 'value', 'goal', ''].map((title) => ({ name: title, type: 'VARCHAR' }))
  return asTable({ columns, rows }).replace(/\(\d+ rows?\)\n$/, '')
}
