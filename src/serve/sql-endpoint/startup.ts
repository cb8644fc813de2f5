import { createHash, X509Certificate } from 'node:crypto'
import type { Socket } from 'node:net'
import { createSecureContext, TLSSocket } from 'node:tls'
import { mockVerifier, openExchange, parseVerifier, ScramError } from './auth/scram.ts'
import type { Throttle } from './auth/throttle.ts'
import type { SqlUser } from './auth/users.ts'
import { database } from './engine/engine.ts'
import { fatal, protocolViolation } from './pg-error.ts'
import { fieldsOf, openReader, type Reader } from './wire/reader.ts'
import { openWriter, type Writer } from './wire/writer.ts'

/** Special codes in place of a version (PostgreSQL 15, 55.7). */
const sslRequest = 80_877_103
const gssRequest = 80_877_104
const cancelRequest = 80_877_102

const longestMessage = 64 * 1_048_576

export interface Tls {
  /** PEM. */
  readonly cert: string | Buffer
  readonly key: string | Buffer
}

export interface StartupOptions {
  readonly tls: Tls | null
  readonly tlsRequired: boolean
  readonly users: () => readonly SqlUser[]
  readonly throttle: Throttle
}

export interface Startup {
  readonly kind: 'session'
  readonly socket: Socket
  readonly reader: Reader
  readonly writer: Writer
  readonly user: SqlUser
  readonly parameters: Readonly<Record<string, string>>
}

export interface Cancel {
  readonly kind: 'cancel'
  readonly pid: number
  readonly secret: number
}

/**
 * A connection from its first byte to the end of authentication. Returns null when the client went away.
 * @param secured told of the TLS socket as soon as there is one, so that it can be closed from outside
 * @throws PgError FATAL with what to tell the client; `writerOf` says where
 */
export async function startup(
  plain: Socket,
  options: StartupOptions,
  secured: (socket: Socket, writer: Writer) => void,
): Promise<Startup | Cancel | null> {
  let socket: Socket = plain
  let reader = openReader(socket, longestMessage)
  let writer = openWriter(socket)
  secured(socket, writer)
  let tls = false
  for (;;) {
    const body = await reader.startup()
    if (body === null) return null
    const code = body.readInt32BE(0)
    if (code === sslRequest || code === gssRequest) {
      if (body.length !== 4 || tls) throw protocolViolation('unexpected encryption request')
      // Whatever was sent behind the request was not encrypted, and would be taken for what was.
      if (reader.waiting()) throw protocolViolation('received unencrypted data after SSL request')
      if (code === gssRequest || options.tls === null) {
        plain.write('N')
        continue
      }
      reader.detach()
      plain.write('S')
      socket = await upgrade(plain, options.tls)
      tls = true
      reader = openReader(socket, longestMessage)
      writer = openWriter(socket)
      secured(socket, writer)
      continue
    }
    if (code === cancelRequest) {
      if (body.length !== 12) throw protocolViolation('invalid length of cancel request')
      return { kind: 'cancel', pid: body.readInt32BE(4), secret: body.readInt32BE(8) }
    }
    const parameters = readParameters(body, writer)
    if (options.tlsRequired && !tls)
      throw fatal(
        '28000',
        `no pg_hba.conf entry for host, user "${parameters['user'] ?? ''}", no encryption`,
        {
          hint: 'This server takes TLS connections only: use sslmode=require, or better verify-full.',
        },
      )
    const user = await authenticate({
      reader,
      writer,
      parameters,
      binding: tls && options.tls ? endPoint(options.tls) : undefined,
      users: options.users(),
      throttle: options.throttle,
      address: plain.remoteAddress ?? '',
    })
    if (user === null) return null
    if (
      ![database, user.name, 'postgres'].includes(parameters['database'] ?? user.name) &&
      parameters['database'] !== ''
    )
      throw fatal('3D000', `database "${parameters['database']}" does not exist`, {
        hint: `There is one database: ${database}.`,
      })
    return { kind: 'session', socket, reader, writer, user, parameters }
  }
}

function upgrade(plain: Socket, { cert, key }: Tls): Promise<TLSSocket> {
  const secure = new TLSSocket(plain, {
    isServer: true,
    secureContext: createSecureContext({ cert, key, minVersion: 'TLSv1.2' }),
    ALPNProtocols: ['postgresql'],
  })
  secure.on('error', () => {}) // its close is what counts
  return new Promise((resolve, reject) => {
    secure.once('secure', () => resolve(secure))
    secure.once('close', () => reject(fatal('08P01', 'could not accept SSL connection')))
  })
}

/** The startup message: version, then names with values. Answers a newer minor version, and options nobody knows. */
function readParameters(body: Buffer, writer: Writer): Record<string, string> {
  const fields = fieldsOf(body)
  const version = fields.int32()
  const [major, minor] = [version >>> 16, version & 0xffff]
  if (major !== 3)
    throw fatal(
      '0A000',
      `unsupported frontend protocol ${major}.${minor}: server supports 3.0 to 3.2`,
    )
  const parameters: Record<string, string> = Object.create(null) as Record<string, string>
  const unknown: string[] = []
  for (;;) {
    const name = fields.text()
    if (name === '') break
    const value = fields.text()
    if (name.startsWith('_pq_.')) unknown.push(name)
    else parameters[name] = value
  }
  fields.end()
  // Protocol 3.2 differs from 3.0 only in what this server need not do: longer cancel keys.
  if (minor > 0 || unknown.length > 0) writer.negotiateProtocolVersion(0, unknown)
  if (!parameters['user'])
    throw fatal('28000', 'no PostgreSQL user name specified in startup packet')
  const replication = parameters['replication']
  if (replication !== undefined && !/^(false|off|no|0)$/i.test(replication))
    throw fatal('28000', 'this server has no replication')
  return parameters
}

interface Authentication {
  readonly reader: Reader
  readonly writer: Writer
  readonly parameters: Readonly<Record<string, string>>
  readonly binding: Buffer | undefined
  readonly users: readonly SqlUser[]
  readonly throttle: Throttle
  readonly address: string
}

/**
 * SCRAM-SHA-256, and -PLUS over TLS (PostgreSQL 15, 55.3). One answer for a wrong password and a user that is not there.
 * @throws PgError 28P01
 */
async function authenticate({
  reader,
  writer,
  parameters,
  binding,
  users,
  throttle,
  address,
}: Authentication): Promise<SqlUser | null> {
  const name = parameters['user'] ?? ''
  throttle.check(name, address)
  const found = users.find((user) => user.name === name)
  const verifier = (found && parseVerifier(found.verifier)) ?? mockVerifier(name)
  const mechanisms = [...(binding ? ['SCRAM-SHA-256-PLUS'] : []), 'SCRAM-SHA-256']
  writer.authentication(
    10,
    Buffer.from(`${mechanisms.map((one) => `${one}\0`).join('')}\0`, 'latin1'),
  )
  writer.flush()
  const first = await reader.message()
  if (first === null) return null
  if (first.type !== 'p')
    throw protocolViolation(`expected SASL response, got message type ${first.type.charCodeAt(0)}`)
  const fields = fieldsOf(first.body)
  const mechanism = fields.text()
  if (!mechanisms.includes(mechanism))
    throw protocolViolation('client selected an invalid SASL authentication mechanism')
  const length = fields.int32()
  const exchange = openExchange(verifier, mechanism.endsWith('-PLUS'), binding)
  try {
    writer.authentication(
      11,
      Buffer.from(exchange.begin(fields.bytes(length).toString('utf8')), 'latin1'),
    )
    fields.end()
    writer.flush()
    const second = await reader.message()
    if (second === null) return null
    if (second.type !== 'p')
      throw protocolViolation(
        `expected SASL response, got message type ${second.type.charCodeAt(0)}`,
      )
    throttle.check(name, address) // those beside it may have failed meanwhile
    const final = exchange.finish(second.body.toString('utf8'))
    if (final === undefined || found === undefined) {
      throttle.failed(name, address)
      throw fatal('28P01', `password authentication failed for user "${name}"`)
    }
    throttle.passed(name, address)
    writer.authentication(12, Buffer.from(final, 'latin1'))
    writer.authentication(0)
    return found
  } catch (error) {
    if (error instanceof ScramError) throw protocolViolation(error.message)
    throw error
  }
}

/** tls-server-end-point (RFC 5929, 4.1): the certificate, under the hash of its own signature, at least SHA-256. */
function endPoint({ cert }: Tls): Buffer {
  const certificate = new X509Certificate(cert)
  const algorithm =
    /sha(384|512)/i.exec(certificate.signatureAlgorithm ?? '')?.[0].toLowerCase() ?? 'sha256'
  return createHash(algorithm).update(certificate.raw).digest()
}
