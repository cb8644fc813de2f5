import fc from 'fast-check'
import { expect, test } from 'vitest'
import { maxDepth } from '../../src/page/depth.ts'
import { itemsOf, jsonOf, memberOf, membersOf, parsed } from '../../src/page/json.ts'
import { scan } from '../../src/page/scan.ts'

const parses = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
const verdict = (text: string) => scan(Buffer.from(text)).verdict

/** Names that are alike. Not `"` beside `\\`: V8 13.6 itself takes one for the other, after it has read both. */
const name = fc.constantFrom('a', 'b', 'accountId', 'accountIdX', 'é', '__proto__', '\\', '')
const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(
      null,
      true,
      false,
      0,
      -1,
      12.5,
      1e21,
      'x',
      '',
      '\u0000',
      '\ud83d\ude00',
      'a:{[',
    ),
    fc.string(),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(name, tie('value'), { maxKeys: 5 }),
  ),
})).value

test('whatever JSON writes is JSON, spaced in any way', () => {
  fc.assert(
    fc.property(json, fc.constantFrom(undefined, 1, '\t'), (value, space) => {
      const text = JSON.stringify(value, null, space)
      const found = scan(Buffer.from(text))
      expect(found.verdict).toBe('json')
      expect(found.duplicateName).toBe(false)
      expect(found.lineBreaks).toBe(/[\n\r]/.test(text))
    }),
  )
})

test('it is JSON exactly where JSON.parse takes it: one byte changed, taken out, or put in', () => {
  const byte = fc.constantFrom(...'{}[]:,"\\ \n\t0123456789.eE+-truefalsnu/\u0001x'.split(''))
  fc.assert(
    fc.property(json, fc.nat(), byte, fc.constantFrom(0, 1), (value, at, put, out) => {
      const text = JSON.stringify(value)
      const i = at % (text.length + 1)
      const changed = text.slice(0, i) + put + text.slice(i + out)
      expect(verdict(changed)).toBe(parses(changed) ? 'json' : 'not_json')
      const shorter = text.slice(0, i) + text.slice(i + 1)
      expect(verdict(shorter)).toBe(parses(shorter) ? 'json' : 'not_json')
    }),
    { numRuns: 2_000 },
  )
})

test('texts of the signs of JSON in any order', () => {
  const sign = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ':',
    ',',
    '"a"',
    '"b"',
    '1',
    '-',
    '.5',
    'e3',
    'null',
    ' ',
  )
  fc.assert(
    fc.property(fc.array(sign, { maxLength: 8 }), (signs) => {
      const text = signs.join('')
      expect(verdict(text)).toBe(parses(text) ? 'json' : 'not_json')
    }),
    { numRuns: 5_000 },
  )
})

test('a name that comes twice in one object is seen, at any place, in any spelling', () => {
  const record = fc.uniqueArray(name, { minLength: 1 })
  fc.assert(
    fc.property(
      fc.array(record, { minLength: 1, maxLength: 6 }),
      fc.nat(),
      fc.nat(),
      fc.boolean(),
      (records, which, at, escaped) => {
        const write = (names: readonly string[]) =>
          `{${names.map((one) => `${JSON.stringify(one)}:{"a":1}`).join()}}`
        const plain = `[${records.map(write).join()}]`
        expect(scan(Buffer.from(plain)).duplicateName).toBe(false)
        const chosen = records[which % records.length] as string[]
        const again = chosen[at % chosen.length] as string
        const spelt = escaped
          ? [...again].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')
          : JSON.stringify(again).slice(1, -1)
        const twice = plain.replace(write(chosen), `${write(chosen).slice(0, -1)},"${spelt}":1}`)
        expect(scan(Buffer.from(twice)).duplicateName).toBe(true)
      },
    ),
  )
})

test('of 5,000 names the one that comes twice is seen', () => {
  const names = Array.from({ length: 5_000 }, (_, i) => `"field${i}":1`)
  expect(scan(Buffer.from(`{${names}}`)).duplicateName).toBe(false)
  expect(scan(Buffer.from(`{${names},"field777":2}`)).duplicateName).toBe(true)
})

test('what is read where it lies is what JSON.parse reads', () => {
  fc.assert(
    fc.property(json, fc.constantFrom(undefined, 2), (value, space) => {
      const text = Buffer.from(JSON.stringify(value, null, space))
      const read = jsonOf(text, scan(text))
      const whole = JSON.parse(text.toString(), (_, one: unknown) =>
        typeof one === 'number' && !Number.isSafeInteger(one) ? JSON.stringify(one) : one,
      ) as unknown
      expect(parsed(read)).toEqual(whole)
      if (Array.isArray(whole)) expect(itemsOf(read).map(parsed)).toEqual(whole)
      else if (typeof whole === 'object' && whole !== null) {
        const members = [...membersOf(read)].map(([key, one]) => [key, parsed(one)])
        expect(Object.fromEntries(members)).toEqual(whole)
        for (const key of Object.keys(whole))
          expect(parsed(memberOf(read, key))).toEqual((whole as Record<string, unknown>)[key])
      }
    }),
  )
})

test('nesting is allowed to its limit, and no deeper', () => {
  const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`
  expect(verdict(nested(maxDepth))).toBe('json')
  expect(verdict(nested(maxDepth + 1))).toBe('deep')
})
