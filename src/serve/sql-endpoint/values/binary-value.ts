import { PgError } from '../pg-error.ts'
import { dayMicros } from './calendar.ts'
import { pg } from './types.ts'

/** Days and microseconds from 1970 to 2000, where PostgreSQL counts from. */
export const epochDays = 10_957
export const epochMicros = BigInt(epochDays) * BigInt(dayMicros)

/**
 * A number in PostgreSQL's binary form (numeric_send): digits to the base 10,000, weight, sign, scale.
 * @param text as PostgreSQL prints a numeric: `-12.50`
 */
export function numericBytes(text: string): Buffer {
  const negative = text.startsWith('-')
  const [whole = '', fraction = ''] = (negative ? text.slice(1) : text).split('.')
  const left = whole.replace(/^0+/, '')
  const padded =
    left.padStart(Math.ceil(left.length / 4) * 4, '0') +
    fraction.padEnd(Math.ceil(fraction.length / 4) * 4, '0')
  let weight = Math.ceil(left.length / 4) - 1
  const digits: number[] = []
  for (let at = 0; at < padded.length; at += 4) digits.push(Number(padded.slice(at, at + 4)))
  while (digits.length > 0 && digits[0] === 0) {
    digits.shift()
    weight--
  }
  while (digits.length > 0 && digits.at(-1) === 0) digits.pop()
  if (digits.length === 0) weight = 0
  const bytes = Buffer.allocUnsafe(8 + 2 * digits.length)
  bytes.writeInt16BE(digits.length, 0)
  bytes.writeInt16BE(weight, 2)
  bytes.writeUInt16BE(negative && digits.length > 0 ? 0x4000 : 0, 4)
  bytes.writeUInt16BE(fraction.length, 6)
  digits.forEach((digit, index) => void bytes.writeInt16BE(digit, 8 + 2 * index))
  return bytes
}

/** The text of a numeric in binary form (numeric_recv). @throws PgError 22P03 */
export function numericText(bytes: Buffer): string {
  if (bytes.length < 8) throw malformed('numeric')
  const count = bytes.readUInt16BE(0)
  const weight = bytes.readInt16BE(2)
  const sign = bytes.readUInt16BE(4)
  const scale = bytes.readUInt16BE(6)
  if (sign === 0xc000) return 'NaN'
  if (sign === 0xd000) return 'Infinity'
  if (sign === 0xf000) return '-Infinity'
  if (bytes.length !== 8 + 2 * count || (sign !== 0 && sign !== 0x4000)) throw malformed('numeric')
  const group = (place: number) => {
    const index = weight - place
    return index >= 0 && index < count
      ? String(bytes.readUInt16BE(8 + 2 * index)).padStart(4, '0')
      : '0000'
  }
  let whole = ''
  for (let place = weight; place >= 0; place--) whole += group(place)
  let fraction = ''
  for (let place = -1; fraction.length < scale; place--) fraction += group(place)
  const text = `${whole.replace(/^0+(?=\d)/, '') || '0'}${scale > 0 ? `.${fraction.slice(0, scale)}` : ''}`
  return sign === 0x4000 ? `-${text}` : text
}

export const malformed = (name: string) =>
  new PgError('22P03', `incorrect binary data format for type ${name}`)

/** One value of PostgreSQL's type `oid` in binary form, from its text. For kinds that have no fast path. */
export function binaryOfText(text: string, oid: number): Buffer {
  if (oid === pg.numeric.oid) return numericBytes(text)
  if (oid === pg.bool.oid) return Buffer.from([text === 't' ? 1 : 0])
  if (oid === pg.int2.oid) return int(2, text)
  if (oid === pg.int4.oid || isOidLike(oid)) return int(4, text)
  if (oid === pg.int8.oid) return int(8, text)
  if (oid === pg.float4.oid) {
    const bytes = Buffer.allocUnsafe(4)
    bytes.writeFloatBE(Number(text))
    return bytes
  }
  if (oid === pg.float8.oid) {
    const bytes = Buffer.allocUnsafe(8)
    bytes.writeDoubleBE(Number(text))
    return bytes
  }
  if (oid === pg.uuid.oid) return Buffer.from(text.replaceAll('-', ''), 'hex')
  if (oid === pg.bytea.oid) return Buffer.from(text.slice(2), 'hex')
  if (oid === pg.jsonb.oid) return Buffer.concat([Buffer.from([1]), Buffer.from(text, 'utf8')])
  if (oid === pg.varbit.oid) return bitBytes(text)
  return Buffer.from(text, 'utf8')
}

const isOidLike = (oid: number) =>
  [
    pg.oid.oid,
    pg.xid.oid,
    pg.regclass.oid,
    pg.regproc.oid,
    pg.regtype.oid,
    pg.regnamespace.oid,
  ].includes(oid as never)

function int(width: 2 | 4 | 8, text: string): Buffer {
  const bytes = Buffer.alloc(width)
  if (width === 8) bytes.writeBigInt64BE(BigInt(text))
  else if (width === 4) bytes.writeInt32BE(Number(text) | 0)
  else bytes.writeInt16BE(Number(text))
  return bytes
}

function bitBytes(text: string): Buffer {
  const bytes = Buffer.alloc(4 + Math.ceil(text.length / 8))
  bytes.writeInt32BE(text.length, 0)
  for (let bit = 0; bit < text.length; bit++)
    if (text[bit] === '1')
      bytes[4 + (bit >> 3)] = (bytes[4 + (bit >> 3)] as number) | (0x80 >> (bit & 7))
  return bytes
}
