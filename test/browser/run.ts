/**
 * `npm run test:browser -- [word …]`: the console of the real `fdx serve` in the real headless Chromium, on
 * what was read from the sandbox. Words choose the steps whose names contain them. With `FDX_SHOTS=FOLDER`
 * it leaves a picture of every page in both themes, wide and narrow.
 */
import { findChromium } from './chromium.ts'
import { openStage } from './stage.ts'
import {
  badInput,
  connecting,
  looking,
  pages,
  querying,
  type Step,
  signingIn,
  watching,
} from './steps.ts'

const say = (line: string) => process.stdout.write(`${line}\n`)
const path = findChromium()
if (path === undefined) {
  say('no Chromium on this machine: apt-get install chromium, or set CHROMIUM_PATH to its binary')
  process.exit(2)
}
const words = process.argv.slice(2)
const chosen = [
  ...signingIn,
  ...pages,
  ...connecting,
  ...watching,
  ...querying,
  ...looking,
  ...badInput,
].filter(([name]) => words.length === 0 || words.some((word) => name.includes(word)))

let passed = 0
let failed = 0
{
  await using stage = await openStage(path)
  for (const [name, run] of chosen) {
    const began = performance.now()
    const error = await run(stage).then(
      () => undefined,
      (reason: unknown) => (reason instanceof Error ? reason : new Error(String(reason))),
    )
    const seconds = ((performance.now() - began) / 1000).toFixed(1)
    if (error === undefined) passed += 1
    else failed += 1
    say(`${error === undefined ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`)
    if (error !== undefined)
      say(`       ${error.message.split('\n').slice(0, 12).join('\n       ')}`)
  }
}
say(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0

export type { Step }
