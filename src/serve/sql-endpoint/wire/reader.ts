import type { Socket } from 'node:net'
import { PgError, protocolViolation } from '../pg-error.ts'

/** One message of the client: its type byte as a character, and its body without type and length. */
export interface Message {
  readonly type: string
  readonly body: Buffer
}

export interface Reader {
  /** The next message, or null when the client has gone. */
  message(): Promise<Message | null>
  /** The body of a message without a type byte: startup, SSLRequest, CancelRequest. */
  startup(): Promise<Buffer | null>
  /** Whether bytes wait that nobody has asked for. */
  waiting(): boolean
  /** Stops listening, so that TLS can take the socket over. */
  detach(): void
}

/** PostgreSQL's MAX_STARTUP_PACKET_LENGTH. */
const maxStartup = 10_000
/** Messages that carry a statement or values may be long; the others never are (PostgreSQL's PQ_SMALL_MESSAGE_LIMIT). */
const longTypes = new Set(['Q', 'P', 'B', 'F', 'd'])
const maxShort = 10_000
/** A client that sends faster than it is served waits in its own kernel from here on. */
const highWater = 256 * 1024

/**
 * Frames of the frontend protocol (PostgreSQL 15, 55.7). It goes on reading while a query runs, up to `highWater`, so
 * that a client that hangs up is noticed.
 * @throws PgError FATAL 08P01 on a length that cannot be, 54000 on a message beyond `maxLong` bytes.
 */
export function openReader(socket: Socket, maxLong: number): Reader {
  let chunks: Buffer[] = []
  let size = 0
  let needed = 0
  let ended = false
  let wake: (() => void) | undefined
  const rouse = () => {
    wake?.()
    wake = undefined
  }
  const onData = (chunk: Buffer) => {
    chunks.push(chunk)
    size += chunk.length
    if (size > needed + highWater) socket.pause()
    if (size >= needed) rouse()
  }
  const onEnd = () => {
    ended = true
    rouse()
  }
  socket.on('data', onData).on('end', onEnd).on('close', onEnd)

  async function has(bytes: number): Promise<boolean> {
    needed = bytes
    while (size < bytes) {
      if (ended) return false
      if (socket.isPaused()) socket.resume()
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
    needed = 0
    return true
  }

  function take(bytes: number): Buffer {
    const [first] = chunks
    const all = chunks.length === 1 && first ? first : Buffer.concat(chunks)
    const rest = all.subarray(bytes)
    chunks = rest.length > 0 ? [rest] : []
    size -= bytes
    if (size <= highWater && socket.isPaused()) socket.resume()
    return all.subarray(0, bytes)
  }

  /** Joins the front until `bytes` of it lie together, without taking them. */
  function peek(bytes: number): Buffer {
    const [first] = chunks
    if (first && first.length >= bytes) return first
    const all = Buffer.concat(chunks)
    chunks = [all]
    return all
  }

  return {
    async message() {
      if (!(await has(5))) return null
      const head = peek(5)
      const type = String.fromCharCode(head[0] ?? 0)
      const length = head.readInt32BE(1)
      const long = longTypes.has(type)
      if (length < 4 || (!long && length > maxShort))
        throw protocolViolation(
          `invalid message length ${length} of message type ${printable(type)}`,
        )
      if (length > maxLong)
        throw new PgError('54000', `a message of ${length} bytes exceeds the limit of ${maxLong}`, {
          severity: 'FATAL',
        })
      if (!(await has(1 + length))) return null
      return { type, body: take(1 + length).subarray(5) }
    },
    async startup() {
      if (!(await has(4))) return null
      const length = peek(4).readInt32BE(0)
      if (length < 8 || length > maxStartup)
        throw protocolViolation('invalid length of startup packet')
      if (!(await has(length))) return null
      return take(length).subarray(4)
    },
    waiting: () => size > 0,
    detach() {
      socket.off('data', onData).off('end', onEnd).off('close', onEnd)
    },
  }
}

const printable = (type: string) => (/^[\x21-\x7e]$/.test(type) ? `"${type}"` : type.charCodeAt(0))

/** Reads the fields of a message body, and refuses one that is cut short or too long. */
export interface Fields {
  int16(): number
  int32(): number
  /** Up to the next NUL, as UTF-8. */
  text(): string
  bytes(length: number): Buffer
  rest(): Buffer
  /** @throws PgError 08P01 when bytes are left. */
  end(): void
}

export function fieldsOf(body: Buffer): Fields {
  let at = 0
  const need = (bytes: number) => {
    if (bytes < 0 || at + bytes > body.length)
      throw protocolViolation('insufficient data left in message')
    const from = at
    at += bytes
    return from
  }
  return {
    int16: () => body.readInt16BE(need(2)),
    int32: () => body.readInt32BE(need(4)),
    text() {
      const end = body.indexOf(0, at)
      if (end < 0) throw protocolViolation('invalid string in message')
      const from = at
      at = end + 1
      return decodeUtf8(body.subarray(from, end))
    },
    bytes: (length) => body.subarray(need(length), at),
    rest: () => body.subarray(need(body.length - at)),
    end() {
      if (at !== body.length) throw protocolViolation('invalid message format')
    },
  }
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** @throws PgError 22021 on bytes that are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes)
  } catch {
    throw new PgError('22021', 'invalid byte sequence for encoding "UTF8"')
  }
}
