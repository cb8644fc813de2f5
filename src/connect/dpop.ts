import { createHash, createPrivateKey, type JsonWebKey, randomUUID, sign } from 'node:crypto'
import * as oc from 'openid-client'
import { z } from 'zod'

/**
 * DPoP (RFC 9449): the tokens of a connection are bound to a key of its own, which lives and dies with its
 * vault record. Kept as the JSON of a private JWK (P-256, ES256).
 */
export async function newDpopKey(): Promise<string> {
  const pair = await oc.randomDPoPKeyPair('ES256', { extractable: true })
  return JSON.stringify(await crypto.subtle.exportKey('jwk', pair.privateKey))
}

const jwkSchema = z.object({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: z.string(),
  y: z.string(),
  d: z.string(),
})

function parseKey(text: string) {
  const { d, ...publicJwk } = jwkSchema.parse(JSON.parse(text))
  return { publicJwk, privateJwk: { ...publicJwk, d } }
}

/** For openid-client's calls: signs their proofs and answers a server's nonce challenge once. */
export async function dpopHandle(
  configuration: oc.Configuration,
  key: string,
): Promise<oc.DPoPHandle> {
  const { publicJwk, privateJwk } = parseKey(key)
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
  const [privateKey, publicKey] = await Promise.all([
    crypto.subtle.importKey('jwk', privateJwk, algorithm, false, ['sign']),
    crypto.subtle.importKey('jwk', publicJwk, algorithm, true, ['verify']),
  ])
  return oc.getDPoPHandle(configuration, { privateKey, publicKey })
}

export interface ProvedRequest {
  readonly method: string
  readonly url: string
  readonly accessToken: string
  /** The server's last `DPoP-Nonce`, once it has sent one (RFC 9449 section 9). */
  readonly nonce?: string | undefined
}

/**
 * The `DPoP` header of one data request; its token goes as `Authorization: DPoP …`. A proof is good for one
 * request only (RFC 9449 sections 4.2 and 7.1). `now` is in milliseconds.
 */
export function signProof(key: string, request: ProvedRequest, now: number): string {
  const { publicJwk, privateJwk } = parseKey(key)
  const url = new URL(request.url)
  const claims = {
    jti: randomUUID(),
    htm: request.method,
    htu: url.origin + url.pathname,
    iat: Math.floor(now / 1000),
    ath: createHash('sha256').update(request.accessToken).digest('base64url'),
    ...(request.nonce !== undefined && { nonce: request.nonce }),
  }
  const head = { alg: 'ES256', typ: 'dpop+jwt', jwk: publicJwk }
  const signed = [head, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  )
  const signature = sign('sha256', Buffer.from(signed.join('.')), {
    key: createPrivateKey({ key: privateJwk as JsonWebKey, format: 'jwk' }),
    dsaEncoding: 'ieee-p1363',
  })
  return [...signed, signature.toString('base64url')].join('.')
}
