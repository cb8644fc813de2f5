import { createHash, generateKeyPairSync } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FdxProvider, fdxProviderSchema } from '../../../src/config/provider.ts'
import { clientCredentialsToken } from '../../../src/connect/client-credentials.ts'
import { newDpopKey, signProof } from '../../../src/connect/dpop.ts'
import { assertionKey, providerTls } from '../../../src/connect/provider-keys.ts'
import { startTokenServer } from '../../support/token-server.ts'

let folder = ''
const at = (name: string) => join(folder, name)
const pem = (pair: { privateKey: { export(options: object): string | Buffer } }) =>
  pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const good = pem(generateKeyPairSync('ec', { namedCurve: 'P-256' }))

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fdx-client-auth-'))
  writeFileSync(at('good.pem'), good, { mode: 0o600 })
  writeFileSync(at('open.pem'), good)
  chmodSync(at('open.pem'), 0o644)
  writeFileSync(at('text.pem'), 'MARKED-KEY', { mode: 0o600 })
  writeFileSync(at('curve.pem'), pem(generateKeyPairSync('ec', { namedCurve: 'P-384' })), { mode: 0o600 }) // biome-ignore format: one line
  writeFileSync(at('small.pem'), pem(generateKeyPairSync('rsa', { modulusLength: 1024 })), { mode: 0o600 }) // biome-ignore format: one line
})
afterAll(() => rmSync(folder, { recursive: true }))

const settings = (oauth: object) =>
  fdxProviderSchema.safeParse({
    protocol: 'fdx',
    title: 'A bank',
    version: 6,
    baseUrl: 'https://bank.example',
    oauth: {
      issuer: 'https://issuer.example',
      tokenEndpoint: 'https://bank.example/token',
      clientId: 'me',
      scopes: ['a'],
      redirectUri: 'http://127.0.0.1:0/callback',
      ...oauth,
    },
  })
const providerOf = (oauth: object): FdxProvider => {
  const parsed = settings(oauth)
  if (!parsed.success) throw parsed.error
  return { ...parsed.data, name: 'bank' }
}
const jwt = (privateKey: object) => ({ clientAuth: 'private_key_jwt', privateKey })

test.each<[string, object, string, RegExp]>([
  ['no secret', {}, 'oauth.clientSecret', /client_secret_post needs it/],
  ['no key', { clientAuth: 'private_key_jwt' }, 'oauth.privateKey', /private_key_jwt needs it/],
  ['no issuer for a key', { ...jwt({ pem: good }), issuer: undefined }, 'oauth.issuer', /needs it/],
  ['both file and text', jwt({ pem: good, file: 'x' }), 'oauth.privateKey', /either file or pem/],
  ['no certificate', { clientAuth: 'tls_client_auth' }, 'oauth.tls.certFile', /needs it/],
  ['half a certificate', { clientSecret: 'x', tls: { certFile: 'x' } }, 'oauth.tls', /together/],
  [
    'no place to push to',
    { clientSecret: 'x', pushedAuthorization: true },
    'oauth.pushedAuthorizationEndpoint',
    /needs it/,
  ],
  [
    'no token endpoint',
    { clientSecret: 'x', tokenEndpoint: undefined },
    'oauth.tokenEndpoint',
    /needs it/,
  ],
  [
    'discovery of nothing',
    { clientSecret: 'x', discovery: true, issuer: undefined },
    'oauth.issuer',
    /needs it/,
  ],
  ['an unknown setting', { clientSecret: 'x', privatekey: {} }, 'oauth', /privatekey/],
])('%s is told when the file is read', (_name, oauth, path, message) => {
  const parsed = settings(oauth)
  expect(parsed.error?.issues.map((issue) => issue.path.join('.'))).toContain(path)
  expect(parsed.error?.issues[0]?.message).toMatch(message)
})

test.each<[string, object, RegExp]>([
  ['missing', { file: 'nowhere.pem' }, /oauth.privateKey.file: the file does not exist/],
  ['readable by others', { file: 'open.pem' }, /chmod 600/],
  ['no key', { file: 'text.pem' }, /expected a P-256 key in PEM for ES256/],
  ['of another curve', { file: 'curve.pem' }, /expected a P-256 key/],
  ['of another kind', { file: 'good.pem', alg: 'PS256' }, /RSA key of at least 2048/],
  ['too small', { file: 'small.pem', alg: 'PS256' }, /at least 2048/],
  ['no key, as text', { pem: 'MARKED-KEY' }, /oauth.privateKey.pem: expected a P-256 key/],
])('a private key that is %s is refused by the name of its setting', (_name, key, message) => {
  const file = 'file' in key ? { file: at(String(key.file)) } : {}
  const provider = providerOf(jwt({ ...key, ...file }))
  expect(() => assertionKey(provider)).toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringMatching(message) }),
  )
  expect(() => assertionKey(provider)).not.toThrow(/MARKED/)
})

test('a key out of the environment may have its line ends escaped', () => {
  expect(() => assertionKey(providerOf(jwt({ pem: good.replaceAll('\n', '\\n') })))).not.toThrow()
})

test('certificate files that are missing or open to others are named', () => {
  const tls = (files: object) => providerTls(providerOf({ clientSecret: 'x', tls: files }))
  expect(() => tls({ caFile: at('nowhere') })).toThrow(/oauth.tls.caFile: the file does not exist/)
  expect(() => tls({ certFile: at('good.pem'), keyFile: at('open.pem') })).toThrow(
    /oauth.tls.keyFile: the file can be read by others/,
  )
  expect(tls({ caFile: at('good.pem') }).ca?.length).toBeGreaterThan(100) // the public CAs stay
})

test('the assertion’s audience is the issuer, as one string', async () => {
  await using server = await startTokenServer('none')
  const provider = providerOf({ ...jwt({ pem: good, kid: 'k1' }), tokenEndpoint: server.url })
  await expect(clientCredentialsToken(provider, ['a'])).rejects.toMatchObject({
    code: 'CLIENT_REFUSED',
  })
  const [head, claims] = parts(server.requests[0]?.get('client_assertion') ?? '')
  expect(head).toMatchObject({ alg: 'ES256', kid: 'k1' })
  expect(claims).toMatchObject({ aud: 'https://issuer.example', iss: 'me', sub: 'me' })
})

test('a JSON body holds what a form would, the client’s secret included', async () => {
  await using server = await startTokenServer('none')
  const oauth = { clientSecret: 'secret', tokenBody: 'json', tokenEndpoint: server.url }
  await clientCredentialsToken(providerOf(oauth), ['a', 'b']).catch(() => {})
  const [body = ''] = [...(server.requests[0]?.keys() ?? [])] // read as a form, it is one name
  expect(JSON.parse(body)).toEqual({
    grant_type: 'client_credentials',
    scope: 'a b',
    client_id: 'me',
    client_secret: 'secret',
  })
})

test('a proof names its request, its token and the nonce', async () => {
  const request = { method: 'GET', url: 'https://a.example/x?y=1#z', accessToken: 't', nonce: 'n' }
  const key = await newDpopKey()
  const [head, claims] = parts(signProof(key, request, 5_000))
  expect(claims).toMatchObject({
    htm: 'GET',
    htu: 'https://a.example/x',
    iat: 5,
    nonce: 'n',
    ath: createHash('sha256').update('t').digest('base64url'),
  })
  expect(head).toHaveProperty('jwk.x')
  expect(head).not.toHaveProperty('jwk.d')
  expect(signProof(key, request, 5_000)).not.toBe(signProof(key, request, 5_000))
})

const parts = (token: string) =>
  token
    .split('.')
    .slice(0, 2)
    .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString())) as [
    Record<string, unknown>,
    Record<string, unknown>,
  ]
