import type { Socket } from 'node:net'
import type { PgError } from '../pg-error.ts'
import type { Column } from '../values/column.ts'

export type TransactionStatus = 'I' | 'T' | 'E'

/** Messages of the backend protocol (PostgreSQL 15, 55.7), gathered and sent together. */
export interface Writer {
  /** A message whose body is given whole. */
  message(type: string, body: Uint8Array): void
  authentication(code: number, rest?: Uint8Array): void
  parameterStatus(name: string, value: string): void
  backendKeyData(pid: number, secret: number): void
  negotiateProtocolVersion(minor: number, unknown: readonly string[]): void
  ready(status: TransactionStatus): void
  rowDescription(columns: readonly Column[], formats: readonly number[]): void
  parameterDescription(oids: readonly number[]): void
  complete(tag: string): void
  /** ParseComplete, BindComplete, CloseComplete, NoData, PortalSuspended, EmptyQueryResponse, CopyDone. */
  empty(type: '1' | '2' | '3' | 'n' | 's' | 'I' | 'c'): void
  copyOut(binary: boolean, columns: number): void
  error(error: PgError): void
  notice(severity: 'NOTICE' | 'WARNING', state: string, message: string): void
  /** Whole messages, already encoded; the buffer must not be changed until `drained`. */
  raw(bytes: Uint8Array): void
  /** Hands what was gathered to the socket. */
  flush(): void
  /** Sends what is worth a write, and resolves when the client has taken enough. Resolves too when it has gone, and rejects when abandoned. */
  drained(abandon: AbortSignal): Promise<void>
}

/** Bytes that may wait in this process for one client that reads slowly. */
const highWater = 512 * 1024
const initialBytes = 8 * 1024
/** As PostgreSQL's own buffer: less is sent when the statement ends, or the client asks. */
const gatherBytes = 8 * 1024

export function openWriter(socket: Socket): Writer {
  let buffer = Buffer.allocUnsafe(initialBytes)
  let at = 0
  let start = 0

  const room = (bytes: number) => {
    if (at + bytes <= buffer.length) return
    const larger = Buffer.allocUnsafe(Math.max(buffer.length * 2, at + bytes))
    buffer.copy(larger, 0, 0, at)
    buffer = larger
  }
  const begin = (type: string) => {
    room(5)
    buffer[at] = type.charCodeAt(0)
    start = at + 1
    at += 5
  }
  const end = () => void buffer.writeInt32BE(at - start, start)
  const int16 = (value: number) => {
    room(2)
    at = buffer.writeInt16BE(value, at)
  }
  const int32 = (value: number) => {
    room(4)
    at = buffer.writeInt32BE(value | 0, at)
  }
  const byte = (value: number) => {
    room(1)
    buffer[at++] = value
  }
  const bytes = (value: Uint8Array) => {
    room(value.length)
    buffer.set(value, at)
    at += value.length
  }
  const text = (value: string) => {
    // A NUL would end the string early and shift every field after it.
    const encoded = Buffer.from(value.replaceAll('\0', ' '), 'utf8')
    bytes(encoded)
    byte(0)
  }
  const flush = () => {
    if (at === 0) return
    if (!socket.destroyed) socket.write(buffer.subarray(0, at))
    buffer = Buffer.allocUnsafe(initialBytes)
    at = 0
  }
  const field = (code: string, value: string | undefined) => {
    if (value === undefined) return
    byte(code.charCodeAt(0))
    text(value)
  }
  const report = (type: 'E' | 'N', fields: readonly (readonly [string, string | undefined])[]) => {
    begin(type)
    for (const [code, value] of fields) field(code, value)
    byte(0)
    end()
  }

  return {
    message(type, body) {
      begin(type)
      bytes(body)
      end()
    },
    authentication(code, rest) {
      begin('R')
      int32(code)
      if (rest) bytes(rest)
      end()
    },
    parameterStatus(name, value) {
      begin('S')
      text(name)
      text(value)
      end()
    },
    backendKeyData(pid, secret) {
      begin('K')
      int32(pid)
      int32(secret)
      end()
    },
    negotiateProtocolVersion(minor, unknown) {
      begin('v')
      int32(minor)
      int32(unknown.length)
      for (const name of unknown) text(name)
      end()
    },
    ready(status) {
      begin('Z')
      byte(status.charCodeAt(0))
      end()
    },
    rowDescription(columns, formats) {
      begin('T')
      int16(columns.length)
      columns.forEach((column, index) => {
        text(column.name)
        int32(0) // no table: results carry no origin
        int16(0)
        int32(column.oid)
        int16(column.size)
        int32(column.typmod)
        int16(formats[index] ?? 0)
      })
      end()
    },
    parameterDescription(oids) {
      begin('t')
      int16(oids.length)
      for (const oid of oids) int32(oid)
      end()
    },
    complete(tag) {
      begin('C')
      text(tag)
      end()
    },
    empty(type) {
      begin(type)
      end()
    },
    copyOut(binary, columns) {
      begin('H')
      byte(binary ? 1 : 0)
      int16(columns)
      for (let column = 0; column < columns; column++) int16(binary ? 1 : 0)
      end()
    },
    error(error) {
      report('E', [
        ['S', error.severity],
        ['V', error.severity],
        ['C', error.state],
        ['M', error.message],
        ['D', error.detail],
        ['H', error.hint],
        ['P', error.position === undefined ? undefined : String(error.position)],
      ])
    },
    notice(severity, state, message) {
      report('N', [
        ['S', severity],
        ['V', severity],
        ['C', state],
        ['M', message],
      ])
    },
    raw(encoded) {
      // A small answer goes out with what is around it: each write wakes the client.
      if (encoded.length <= gatherBytes) {
        bytes(encoded)
        return
      }
      flush()
      if (!socket.destroyed) socket.write(encoded)
    },
    flush,
    async drained(abandon) {
      if (at >= gatherBytes) flush()
      if (socket.destroyed || socket.writableLength <= highWater) return
      await new Promise<void>((resolve, reject) => {
        const done = () => {
          socket.off('drain', done).off('close', done)
          abandon.removeEventListener('abort', done)
          if (abandon.aborted) reject(abandon.reason)
          else resolve()
        }
        socket.once('drain', done).once('close', done)
        abandon.addEventListener('abort', done)
      })
    },
  }
}
