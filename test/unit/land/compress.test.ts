import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { openCompressor } from '../../../src/land/compress.ts'
import { contents } from '../../../src/land/frames.ts'

test('one compressor makes a whole frame of each text, small or larger than its output buffer', async () => {
  const compressed = openCompressor()
  const texts = [1, 20_000, 1_000_000, 3].map((bytes) => randomBytes(bytes))
  const frames = []
  for (const text of texts) frames.push(await compressed(text))
  expect([...contents(Buffer.concat(frames))]).toEqual(texts)
  expect([...contents(frames[2] ?? Buffer.alloc(0))]).toEqual([texts[2]])
})
