import { pipeline, type Readable } from 'node:stream'
import { promisify } from 'node:util'
import {
  brotliDecompress,
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  gunzip,
  inflate,
} from 'node:zlib'
import { FdxError } from '../errors.ts'
import { isCode } from '../state/durable-file.ts'

const { Z_SYNC_FLUSH } = constants

/** Content codings (RFC 9110 section 8.4.1). Only gzip is asked for; others come all the same. */
const decoders = {
  gzip: { whole: promisify(gunzip), stream: createGunzip },
  'x-gzip': { whole: promisify(gunzip), stream: createGunzip },
  deflate: { whole: promisify(inflate), stream: createInflate },
  br: { whole: promisify(brotliDecompress), stream: createBrotliDecompress },
} as const

/** More codings than this on one body are an attack (CVE-2026-22036). */
const maxCodings = 3

interface Limits {
  readonly what: string
  readonly maxBytes: number
  readonly tooLarge: () => Error
  /** Of a body that broke off, what came is wanted. */
  readonly torn?: boolean
}

/**
 * The body without its `Content-Encoding`, at most `maxBytes` at any stage.
 * @throws FdxError `ANSWER_INVALID` for a coding that nobody asked for and nobody knows; `tooLarge`; what zlib throws.
 */
export async function decoded(
  body: Buffer,
  encoding: string,
  { what, maxBytes, tooLarge, torn = false }: Limits,
): Promise<Buffer> {
  if (body.length === 0) return body // whatever the header says: nothing was encoded
  let found = body
  // Brotli knows no such end, and takes the number for its own way to ask for a whole body.
  const options = { maxOutputLength: maxBytes, ...(torn && { finishFlush: Z_SYNC_FLUSH }) }
  for (const coding of codingsOf(encoding, what).reverse())
    try {
      found = await decoders[coding].whole(found, options)
    } catch (error) {
      throw isCode(error, 'ERR_BUFFER_TOO_LARGE') ? tooLarge() : error
    }
  return found
}

/** The same for a body that is still coming; its size is for the reader to watch. */
export function decodedStream(body: Readable, encoding: string, what: string): Readable {
  return codingsOf(encoding, what).reduceRight<Readable>(
    // Its error reaches the reader through the decoder, which it destroys.
    (from, coding) => pipeline(from, decoders[coding].stream(), () => undefined),
    body,
  )
}

function codingsOf(encoding: string, what: string): (keyof typeof decoders)[] {
  if (encoding === '') return []
  const codings = encoding
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity')
  if (codings.length > maxCodings || !codings.every((coding) => Object.hasOwn(decoders, coding)))
    throw new FdxError(
      'ANSWER_INVALID',
      `${what}: the answer is compressed in a way that was not asked for; ask the provider`,
    )
  return codings as (keyof typeof decoders)[]
}
