/** Run as a process of its own, to be killed: extracts connection `c1` and says a line for each durable page. */
import { dataPaths } from '../../src/config/settings.ts'
import { openState } from '../../src/state/state.ts'
import { extractOnce, fdxProvider, pipeline } from './extract.ts'

const [root = '', baseUrl = ''] = process.argv.slice(2)
const paths = dataPaths(root)
const state = openState(paths.stateFile)
await extractOnce(
  { paths, state },
  {
    provider: fdxProvider(baseUrl, { pace: { requestTimeoutSeconds: 60 } }),
    pipeline: pipeline({ resources: ['accounts', 'transactions'] }),
    onProgress: ({ pages }) => process.stdout.write(`${pages}\n`),
  },
)
