import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** As usual the largest file first; but these are short to read, and long to run. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) => /load\/kill|connect\/faults/.test(moduleId)
    return (await super.sort(files)).sort((a, b) => Number(isLong(b)) - Number(isLong(a)))
  }
}

export default defineConfig({
  test: {
    include: ['test/{unit,laws,exam}/**/*.test.ts'],
    // What hangs ends; a slow machine never fails a test.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    // Of two cores: half of the tests wait for a process or a clock.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    // Processes that tests start compile each module once.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules/.cache/fdx') },
    // It says at every start that it is no production server; here it should not be.
    onConsoleLog: (log) => !log.includes('oidc-provider WARNING'),
  },
})
