import fc from 'fast-check'
import { expect, test } from 'vitest'
import { contents } from '../../src/land/frames.ts'
import { envelopesOf, linesOf } from '../../src/land/line.ts'
import { openSegments } from '../../src/land/segments.ts'
import { checkBody } from '../../src/page/check.ts'
import { maxDepth, tooDeep } from '../../src/page/depth.ts'
import { realWorld } from '../../src/world.ts'
import { dataFolder, landedPages } from '../support/extract.ts'
import { pageOf } from '../support/pages.ts'

test('any JSON body is kept: one line, the same value, unmarked when nothing is odd', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.array(fc.jsonValue())),
      (value) => {
        for (const text of [JSON.stringify(value), JSON.stringify(value, null, 2)]) {
          const { body, marks } = checkBody(Buffer.from(text))
          expect(body.includes(0x0a)).toBe(false)
          expect(JSON.parse(body.toString())).toEqual(JSON.parse(text))
          expect(marks).not.toContain('not_json')
        }
      },
    ),
  )
})

test('any bytes are kept, as JSON or as a JSON string of their text', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const { body, marks, value } = checkBody(Buffer.from(bytes))
      const parsed: unknown = JSON.parse(body.toString())
      expect(body.includes(0x0a)).toBe(false)
      expect(marks.includes('not_json')).toBe(typeof parsed === 'string')
      expect(value === undefined).toBe(marks.includes('not_json'))
    }),
  )
})

test('a number that a double would round is marked, wherever it stands; text never is', () => {
  const digits = fc.stringMatching(/^[1-9][0-9]{0,24}$/)
  fc.assert(
    fc.property(digits, fc.option(digits), (whole, part) => {
      const number = part === null ? whole : `${whole}.${part}`
      const marked = (text: string) => checkBody(Buffer.from(text)).marks.includes('long_number')
      expect(marked(`{"a":${number}}`)).toBe(number.replace('.', '').length > 15)
      expect(marked(`{"a":"${number}"}`)).toBe(false)
      expect(marked(`[[{"a":-${number}}]]`)).toBe(number.replace('.', '').length > 15)
    }),
  )
})

test('depth is seen before any parser sees it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3 * maxDepth }), fc.boolean(), (depth, lists) => {
      const [open, close] = lists ? ['[', ']'] : ['{"a":', '}']
      const text = `${open.repeat(depth)}${lists ? '' : '1'}${close.repeat(depth)}`
      expect(tooDeep(Buffer.from(text))).toBe(depth > maxDepth)
      expect(checkBody(Buffer.from(text)).tooDeep).toBe(depth > maxDepth)
      const inText = JSON.stringify({ a: text })
      expect(tooDeep(Buffer.from(inText))).toBe(false)
    }),
  )
})

test('an envelope is read back without its body, whatever both hold', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.string(), fc.json())), (rows) => {
      const pages = rows.map(([connection, body]) => pageOf('p', body, { connection }))
      const lines = linesOf(pages)
      expect([...envelopesOf(lines)]).toEqual(pages.map((page) => page.envelope))
    }),
  )
})

test('any pages, in any groups, come back once each and in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fc.uuid(), { maxLength: 4 }), { maxLength: 6 }),
      async (groups) => {
        using data = dataFolder()
        const ids = groups.flat().map((id, i) => `${id}-${i}`)
        {
          const options = { ...data, world: realWorld }
          await using segments = await openSegments(options)
          let next = 0
          for (const group of groups)
            await Promise.all(group.map(() => segments.land(pageOf(ids[next++] ?? '', '{"a":1}'))))
        }
        expect(landedPages(data.paths).map((page) => page.page_id)).toEqual(ids)
      },
    ),
    { numRuns: 20 },
  )
})

test('frames are found by their headers, and a damaged file is named', () => {
  expect(() => [...contents(Buffer.from('no zstd at all'))]).toThrow(
    expect.objectContaining({ code: 'SEGMENT_INVALID' }),
  )
})
