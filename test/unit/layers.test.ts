import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, test } from 'vitest'

/** Folders of `src/` in the order of the flow. */
const stages = ['connect', 'extract', 'land', 'load', 'serve']
/** What every stage may use; these use no stage. `sandbox` is a peer over HTTP, not a part of the flow. */
const foundations = ['config', 'state', 'sandbox']

const imports = globSync('src/**/*.ts').flatMap((file) =>
  [...readFileSync(file, 'utf8').matchAll(/from '(\.[^']+)'|import\('(\.[^']+)'\)/g)].map(
    (found) => ({
      file,
      from: file.split('/').length > 2 ? (file.split('/')[1] ?? '') : '',
      to: relative('src', join(dirname(file), found[1] ?? found[2] ?? '')),
    }),
  ),
)
const folderOf = (path: string) => (path.includes('/') ? (path.split('/')[0] ?? '') : '')

test('there are imports to look at', () => {
  expect(imports.length).toBeGreaterThan(50)
})

test('a stage imports itself and earlier stages only', () => {
  const wrong = imports.filter(
    ({ from, to }) => stages.includes(from) && stages.indexOf(folderOf(to)) > stages.indexOf(from),
  )
  expect(wrong).toEqual([])
})

test('config, state and the sandbox import no stage', () => {
  const wrong = imports.filter(
    ({ from, to }) => foundations.includes(from) && stages.includes(folderOf(to)),
  )
  expect(wrong).toEqual([])
})

test('nothing but the command line and its sandbox command imports the sandbox or the command line', () => {
  const wrong = imports.filter(
    ({ from, to }) =>
      (folderOf(to) === 'cli' && !['cli', ''].includes(from)) ||
      (folderOf(to) === 'sandbox' && !['cli', 'sandbox'].includes(from)),
  )
  expect(wrong).toEqual([])
})

test('no provider is named in the code that serves all of them', () => {
  const names = globSync('pipelines/providers/*.yaml').map(
    (file) => file.split('/').at(-1)?.slice(0, -5) ?? '',
  )
  const wrong = globSync('src/{config,state,connect,extract,land,load,serve}/**/*.ts').filter(
    (file) => {
      const text = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')
      return names.some((name) => text.includes(name))
    },
  )
  expect(wrong).toEqual([])
})
