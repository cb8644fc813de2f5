import { expect, test } from 'vitest'
import { checkBody } from '../../../src/page/check.ts'
import { parsed } from '../../../src/page/json.ts'

const marksOf = (text: string | Buffer) => checkBody(Buffer.from(text)).marks

test.each([
  ['a plain page', '{"accounts":[{"accountId":"a","balance":12.50}]}', []],
  ['an exact balance of 16 digits', '{"balance":99999999999999.99}', ['long_number']],
  ['units of 18 places', '{"units":0.123456789012345678}', ['long_number']],
  ['an exponent', '{"amount":1e400}', ['long_number']],
  ['15 digits', '{"amount":-1234567890.12345}', []],
  ['long digits in text', '{"id":"12345678901234567890 \\" 12345678901234567890"}', []],
  ['a lone high surrogate', '{"a":"\\ud83d!"}', ['strange_json']],
  ['a lone low surrogate', '{"a":"\\ude00"}', ['strange_json']],
  ['a surrogate pair', '{"a":"\\ud83d\\ude00"}', []],
  ['two high surrogates and a low one', '{"a":"\\ud83d\\ud83d\\ude00"}', ['strange_json']],
  ['U+0000', '{"a":"x\\u0000"}', ['strange_json']],
  ['a backslash before u0000', '{"a":"x\\\\u0000"}', []],
  ['duplicate names', '{"a":{"b":1,"b":2}}', ['strange_json']],
  ['equal names in different objects', '[{"b":1},{"b":2}]', []],
  ['a name spelt in two ways', '{"b":1,"\\u0062":2}', ['strange_json']],
  ['__proto__', '{"__proto__":{"a":1}}', []],
  ['a colon in text', '{"a":"b:c"}', []],
  ['HTML', '<!doctype html><p>Sign in</p>', ['not_json']],
  ['nothing', '', ['not_json']],
  ['null', 'null', ['not_json']],
  ['a number', '12', ['not_json']],
  ['text', '"accounts"', ['not_json']],
  ['half a page', '{"accounts":[', ['not_json']],
  ['NaN', '{"a":NaN}', ['not_json']],
])('%s', (_, text, marks) => {
  expect(marksOf(text)).toEqual(marks)
})

test('bytes that are not UTF-8 are marked', () => {
  expect(marksOf(Buffer.from([...Buffer.from('{"a":"'), 0xe9, ...Buffer.from('"}')]))).toEqual([
    'strange_json',
  ])
})

test('a byte order mark is left out, line breaks become spaces, all else stays as it came', () => {
  const { body, value } = checkBody(Buffer.from('\ufeff{\r\n "a" :\t1.50,\n "b":"\\n"}\n'))
  expect(body.toString()).toBe('{   "a" :\t1.50,  "b":"\\n"} ')
  expect(parsed(value)).toEqual({ a: '1.50', b: '\n' })
})

test('what is not JSON is kept as text', () => {
  expect(checkBody(Buffer.from('<p>\n"é"</p>')).body.toString()).toBe('"<p>\\n\\"é\\"</p>"')
})

test('ids and cursors of 20 digits keep their digits', () => {
  const { value } = checkBody(Buffer.from('{"accountId":12345678901234567890,"n":7}'))
  expect(parsed(value)).toEqual({ accountId: '12345678901234567890', n: 7 })
})
