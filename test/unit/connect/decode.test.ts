import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { decoded } from '../../../src/connect/decode.ts'

const limits = { what: 'the answer', maxBytes: 1_000, tooLarge: () => new Error('too large') }

test('an empty body is empty, whatever coding its header names (a 401, 204 or 503 of a proxy)', async () => {
  for (const encoding of ['gzip', 'br', 'deflate'])
    expect(await decoded(Buffer.alloc(0), encoding, limits)).toHaveLength(0)
  expect((await decoded(gzipSync('{}'), 'gzip', limits)).toString()).toBe('{}')
})

test('of a body that broke off, what came is given only where it is asked for', async () => {
  const torn = gzipSync('{"refresh_token":"r"}').subarray(0, -8)
  await expect(decoded(torn, 'gzip', limits)).rejects.toThrow()
  const found = await decoded(torn, 'gzip', { ...limits, torn: true })
  expect(found.toString()).toBe('{"refresh_token":"r"}')
})
