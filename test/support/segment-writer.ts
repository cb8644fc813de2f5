/** Run as a process of its own, to be killed: lands pages for ever and says the id of each that is durable. */
import { dataPaths } from '../../src/config/settings.ts'
import { openSegments } from '../../src/land/segments.ts'
import { openState } from '../../src/state/state.ts'
import { realWorld } from '../../src/world.ts'
import { checkpointOf, pageOf } from './pages.ts'

const paths = dataPaths(process.argv[2] ?? '')
const state = openState(paths.stateFile)
const segments = await openSegments({ paths, state, world: realWorld })
for (let n = 1; ; n++) {
  const id = realWorld.uuid()
  const land = (page: string) =>
    segments.land(
      pageOf(page, JSON.stringify({ n, text: 'x'.repeat(n * 100) })),
      checkpointOf('s', n),
    )
  await Promise.all([land(id), land(`${id}-beside`)])
  process.stdout.write(`${id}\n${id}-beside\n`)
}
