import {
  createHash,
  createHmac,
  pbkdf2,
  pbkdf2Sync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'
import { promisify } from 'node:util'

/** PostgreSQL's SCRAM_SHA_256_DEFAULT_ITERATIONS. */
const iterations = 4096

export interface Verifier {
  readonly iterations: number
  readonly salt: Buffer
  readonly storedKey: Buffer
  readonly serverKey: Buffer
}

/**
 * What is kept of a password, in the form of `pg_authid.rolpassword`:
 * `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>` (PostgreSQL 15, 53.8; RFC 5803).
 */
export function makeVerifier(password: string): string {
  const salt = randomBytes(16)
  const salted = pbkdf2Sync(prepared(password), salt, iterations, 32, 'sha256')
  const storedKey = sha256(hmac(salted, 'Client Key'))
  const serverKey = hmac(salted, 'Server Key')
  const base64 = (bytes: Buffer) => bytes.toString('base64')
  return `SCRAM-SHA-256$${iterations}:${base64(salt)}$${base64(storedKey)}:${base64(serverKey)}`
}

export function parseVerifier(text: string): Verifier | undefined {
  const found = /^SCRAM-SHA-256\$(\d{1,7}):([\w+/=]+)\$([\w+/=]+):([\w+/=]+)$/.exec(text)
  if (!found) return undefined
  const [, rounds = '', salt = '', stored = '', server = ''] = found
  const verifier = {
    iterations: Number(rounds),
    salt: Buffer.from(salt, 'base64'),
    storedKey: Buffer.from(stored, 'base64'),
    serverKey: Buffer.from(server, 'base64'),
  }
  return verifier.storedKey.length === 32 && verifier.serverKey.length === 32 ? verifier : undefined
}

const serverSecret = randomBytes(32)

/** For a user that does not exist: always the same salt for one name, and no password fits it. */
export function mockVerifier(user: string): Verifier {
  const salt = hmac(serverSecret, `salt ${user}`).subarray(0, 16)
  return { iterations, salt, storedKey: randomBytes(32), serverKey: randomBytes(32) }
}

/** Both sides of the exchange (RFC 5802, 5; RFC 7677) for one log-in. */
export interface Exchange {
  /** @param first client-first-message. Returns server-first-message. */
  begin(first: string): string
  /** @param final client-final-message. Returns server-final-message, or undefined when the password is wrong. */
  finish(final: string): string | undefined
}

export class ScramError extends Error {
  override readonly name = 'ScramError'
}

/**
 * @param plus the client chose SCRAM-SHA-256-PLUS
 * @param binding tls-server-end-point data (RFC 5929, 4) where the connection is TLS: -PLUS was offered
 * @throws ScramError on a malformed message, or on a client that believes this server cannot bind (a downgrade).
 */
export function openExchange(
  verifier: Verifier,
  plus: boolean,
  binding: Buffer | undefined,
): Exchange {
  let firstBare = ''
  let serverFirst = ''
  let gs2 = ''
  let nonce = ''
  return {
    begin(first) {
      const found =
        /^((n|y|p=([\w.-]+)),(a=[^,]*)?,)((?:m=[^,]*,)?n=([^,]*),r=([\x21-\x2b\x2d-\x7e]+)(?:,.*)?)$/.exec(
          first,
        )
      if (!found) throw new ScramError('malformed SCRAM message')
      const [, header = '', flag = '', kind, , bare = '', , clientNonce = ''] = found
      if (bare.startsWith('m='))
        throw new ScramError('client requires an unsupported SCRAM extension')
      if (plus !== flag.startsWith('p=')) throw new ScramError('malformed SCRAM message')
      if (kind !== undefined && kind !== 'tls-server-end-point')
        throw new ScramError('unsupported SCRAM channel-binding type')
      if (flag === 'y' && binding !== undefined)
        throw new ScramError('SCRAM channel binding negotiation error')
      gs2 = header
      firstBare = bare
      nonce = clientNonce + randomBytes(18).toString('base64')
      serverFirst = `r=${nonce},s=${verifier.salt.toString('base64')},i=${verifier.iterations}`
      return serverFirst
    },
    finish(final) {
      const found = /^(c=([\w+/=]+),r=([^,]+)(?:,.*)?),p=([\w+/=]+)$/.exec(final)
      if (!found) throw new ScramError('malformed SCRAM message')
      const [, withoutProof = '', bound = '', sentNonce = '', proofText = ''] = found
      const expected = Buffer.concat([
        Buffer.from(gs2, 'latin1'),
        plus && binding ? binding : Buffer.alloc(0),
      ])
      if (!Buffer.from(bound, 'base64').equals(expected))
        throw new ScramError('SCRAM channel binding check failed')
      if (sentNonce !== nonce) throw new ScramError('invalid SCRAM nonce')
      const proof = Buffer.from(proofText, 'base64')
      if (proof.length !== 32) throw new ScramError('malformed SCRAM message')
      const message = `${firstBare},${serverFirst},${withoutProof}`
      const signature = hmac(verifier.storedKey, message)
      const clientKey = Buffer.from(proof.map((byte, at) => byte ^ (signature[at] ?? 0)))
      if (!timingSafeEqual(sha256(clientKey), verifier.storedKey)) return undefined
      return `v=${hmac(verifier.serverKey, message).toString('base64')}`
    },
  }
}

/** Whether a password given in the clear (over TLS, or by a person) is the one of the verifier. */
export async function fits(verifier: Verifier, password: string): Promise<boolean> {
  const salted = await promisify(pbkdf2)(
    prepared(password),
    verifier.salt,
    verifier.iterations,
    32,
    'sha256',
  )
  return timingSafeEqual(sha256(hmac(salted, 'Client Key')), verifier.storedKey)
}

/** SASLprep (RFC 4013) for what passwords hold: other spaces become a space, invisible ones go, then NFKC. */
const prepared = (password: string) =>
  password
    .replace(/\p{Zs}|\u200b/gu, ' ')
    .replace(/\u00ad|\u034f|\u1806|\u200c|\u200d|\u2060|\ufeff|\p{Variation_Selector}/gu, '')
    .normalize('NFKC')

const hmac = (key: Buffer, text: string) => createHmac('sha256', key).update(text).digest()
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest()
