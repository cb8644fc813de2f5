import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import { FdxError } from '../errors.ts'

/** Content codings (RFC 9110 section 8.4.1). Only gzip is asked for; others come all the same. */
const decoders = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
} as const

/** More codings than this on one body are an attack (CVE-2026-22036). */
const maxCodings = 3

/**
 * The body without its `Content-Encoding`.
 * @throws FdxError `ANSWER_INVALID` for a coding that nobody asked for and nobody knows.
 */
export function decoded(body: Readable, encoding: string, what: string): Readable {
  const codings = encoding
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity')
  if (codings.length === 0) return body
  if (codings.length > maxCodings || !codings.every((coding) => Object.hasOwn(decoders, coding)))
    throw new FdxError(
      'ANSWER_INVALID',
      `${what}: the answer is compressed in a way that was not asked for; ask the provider`,
    )
  return codings.reduceRight<Readable>((from, coding) => {
    const decoder = decoders[coding as keyof typeof decoders]()
    // Its error reaches the reader through the decoder, which it destroys.
    return pipeline(from, decoder, () => undefined)
  }, body)
}
