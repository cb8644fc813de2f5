import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { pipelineSchema } from '../../../src/config/pipeline.ts'
import { providerSchema } from '../../../src/config/provider.ts'
import {
  listPipelines,
  listProviders,
  readPipeline,
  readProvider,
} from '../../../src/config/read.ts'
import type { FdxError } from '../../../src/errors.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fdx-config-'))
  mkdirSync(join(folder, 'providers'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const good = `protocol: fdx
title: A bank
version: 6
baseUrl: https://bank.example/fdx/v6
oauth:
  tokenEndpoint: https://bank.example/token
  clientId: me
  clientSecret: \${A_SECRET}
  scopes: [openid]
  redirectUri: http://127.0.0.1:0/callback
`

const refusal = (text: string, env = {}): FdxError => {
  writeFileSync(join(folder, 'providers', 'bank.yaml'), text)
  try {
    readProvider(folder, 'bank', env)
  } catch (error) {
    return error as FdxError
  }
  throw new Error('was accepted')
}

test('a good file is read, with defaults and its secret', () => {
  writeFileSync(join(folder, 'providers', 'bank.yaml'), good)
  const provider = readProvider(folder, 'bank', { A_SECRET: 'pa#ss: "word"' })
  expect(provider).toMatchObject({
    name: 'bank',
    protocol: 'fdx',
    paging: 'offset',
    oauth: { clientSecret: 'pa#ss: "word"', pkce: true, refresh: { rotates: 'unknown' } },
    pace: { concurrency: 8 },
  })
})

test('three mistakes are all told, each with file, path and what was expected', () => {
  const error = refusal(
    good.replace('version: 6', 'version: 9').replace('[openid]', 'openid').concat('colour: red\n'),
    { A_SECRET: 'x' },
  )
  expect(error.code).toBe('CONFIG_INVALID')
  const lines = error.message.split('\n')
  expect(lines).toHaveLength(3)
  for (const line of lines) expect(line).toContain('bank.yaml: ')
  expect(error.message).toContain('version: expected 4, 5 or 6')
  expect(error.message).toContain('oauth.scopes: expected array')
  expect(error.message).toContain('colour: unknown setting')
})

test('a missing secret names its variable', () => {
  const error = refusal(good)
  expect(error.code).toBe('SECRET_MISSING')
  expect(error.message).toContain('oauth.clientSecret: set the environment variable A_SECRET')
})

test.each([
  [
    'plain http elsewhere',
    good.replace('https://bank.example/fdx', 'http://bank.example/fdx'),
    'baseUrl: expected an https:// URL',
  ],
  [
    'user info in a URL',
    good.replace('https://bank.example/fdx', 'https://me:pw@bank.example/fdx'),
    'baseUrl: expected an https:// URL',
  ],
  ['a missing setting', good.replace('title: A bank\n', ''), 'title: missing; expected string'],
  [
    'another protocol',
    good.replace('protocol: fdx', 'protocol: soap'),
    'protocol: expected "fdx" or "flinks"',
  ],
  ['broken YAML', good.replace('[openid]', '[openid'), 'not valid YAML'],
])('%s is refused', (_name, text, message) => {
  const error = refusal(text, { A_SECRET: 'x' })
  expect(error.code).toBe('CONFIG_INVALID')
  expect(error.message).toContain(message)
})

test('a missing address names its variable, and is not called a wrong one', () => {
  const text = good.replace('https://bank.example/fdx/v6', `\${BANK_URL}`)
  const error = refusal(text, { A_SECRET: 'x' })
  expect(error.code).toBe('SECRET_MISSING')
  expect(error.message).toMatch(/bank.yaml: baseUrl: set the environment variable BANK_URL$/)
})

test('values are never repeated', () => {
  const error = refusal(good.replace('version: 6', 'version: 9'), { A_SECRET: 'MARKED-SECRET' })
  expect(error.message).not.toContain('MARKED-SECRET')
})

test('an unknown name lists the known ones, and a path is no name', () => {
  writeFileSync(join(folder, 'providers', 'bank.yaml'), good)
  expect(() => readProvider(folder, 'bnak', {})).toThrow(/Files in .*: bank/)
  expect(() => readProvider(folder, '../providers/bank', {})).toThrow(/does not exist/)
})

const everyVariable = new Proxy(
  {},
  { get: (_, name) => (/UR[IL]$/.test(String(name)) ? 'https://host.example/path' : 'value') },
)

test('every provider file and pipeline of the project is good, and each provider has a pipeline', () => {
  const providers = listProviders('pipelines')
  for (const name of providers) readProvider('pipelines', name, everyVariable)
  const asked = listPipelines('pipelines').map(
    (name) => readPipeline('pipelines', name, {}).provider,
  )
  expect([...new Set(asked)].sort()).toEqual(providers)
})

test('the JSON Schemas for editors are in step (npm run generate)', () => {
  for (const [file, schema] of [
    ['provider', providerSchema],
    ['pipeline', pipelineSchema],
  ] as const)
    expect(JSON.parse(readFileSync(`pipelines/${file}.schema.json`, 'utf8'))).toEqual(
      JSON.parse(JSON.stringify(z.toJSONSchema(schema, { io: 'input' }))),
    )
})
