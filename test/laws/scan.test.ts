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

/** `\\` is the one name above that JSON writes with an escape. */
const hasEscapedName = (value: unknown) => JSON.stringify(value)?.includes('\\\\') === true

test('whatever JSON writes is JSON, spaced in any way', () => {
  fc.assert(
    fc.property(json, fc.constantFrom(undefined, 1, '\t'), (value, space) => {
      const text = JSON.stringify(value, null, space)
      const found = scan(Buffer.from(text))
      expect(found.verdict).toBe('json')
      if (!hasEscapedName(value)) expect(found.doubtfulName).toBe(false)
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
        if (!hasEscapedName(records)) expect(scan(Buffer.from(plain)).doubtfulName).toBe(false)
        const chosen = records[which % records.length] as string[]
        const again = chosen[at % chosen.length] as string
        const spelt = escaped
          ? [...again].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')
          : JSON.stringify(again).slice(1, -1)
        const twice = plain.replace(write(chosen), `${write(chosen).slice(0, -1)},"${spelt}":1}`)
        expect(scan(Buffer.from(twice)).doubtfulName).toBe(true)
      },
    ),
  )
})

test('of many names the one that comes twice is seen; of very many, nobody says that none does', () => {
  const namesOf = (count: number) => Array.from({ length: count }, (_, i) => `"field${i}":1`)
  const isDoubtful = (text: string) => scan(Buffer.from(text)).doubtfulName
  expect(isDoubtful(`{${namesOf(256)}}`)).toBe(false)
  expect(isDoubtful(`{${namesOf(255)},"field77":2}`)).toBe(true)
  expect(isDoubtful(`{${namesOf(5_000)}}`)).toBe(true)
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

test('where the text lies changes nothing: it is walked in blocks of 64 bytes', () => {
  const sample = fc.oneof(
    json.map((value) => JSON.stringify(value)),
    fc.constantFrom(
      '"\\\\\\\\\\\\"',
      '"\\\\\\""',
      '["\\ud83d\\ude00","\\ude00"]',
      '["\\ud83d"]',
      '{"a\\"b":[1234567890123456,1e5]}',
      '[tru e]',
      '[12345678901234567 8]',
      '{"name":"x","other":[{"name":true},{"name":null}]}',
      '"\\u12g4"',
    ),
  )
  fc.assert(
    fc.property(sample, fc.nat(130), fc.nat(130), (text, before, length) => {
      const { ends: _, ...alone } = scan(Buffer.from(`["",${text}]`))
      const filler = JSON.stringify('x'.repeat(length))
      const { ends: __, ...found } = scan(Buffer.from(`${' '.repeat(before)}[${filler},${text}]`))
      expect(found).toEqual(alone)
    }),
    { numRuns: 3_000 },
  )
})
