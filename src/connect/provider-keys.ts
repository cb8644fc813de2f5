import { createPrivateKey, type KeyObject } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { rootCertificates } from 'node:tls'
import type { CryptoKey } from 'openid-client'
import type { FdxProvider, Provider } from '../config/provider.ts'
import { FdxError } from '../errors.ts'
import { isCode } from '../state/durable-file.ts'

/** What `tls.connect` (and so undici's `connect`) is given besides its defaults. PEM texts. */
export interface ProviderTls {
  readonly cert?: string
  readonly key?: string
  readonly ca?: string[]
}

/**
 * The client certificate and the further CA of a provider's endpoints, for token and data requests alike
 * (RFC 8705: a certificate-bound token is refused without its certificate). The public CAs stay trusted.
 * @throws FdxError `CONFIG_INVALID` naming the setting whose file cannot be used.
 */
export function providerTls(provider: Provider): ProviderTls {
  if (provider.protocol !== 'fdx' || provider.oauth.tls === undefined) return {}
  const { certFile, keyFile, caFile } = provider.oauth.tls
  return {
    ...(certFile !== undefined && { cert: readPem(provider, 'tls.certFile', certFile) }),
    ...(keyFile !== undefined && { key: readSecretPem(provider, 'tls.keyFile', keyFile) }),
    ...(caFile !== undefined && {
      ca: [...rootCertificates, readPem(provider, 'tls.caFile', caFile)],
    }),
  }
}

const algorithms = {
  ES256: { type: 'ec', import: { name: 'ECDSA', namedCurve: 'P-256' }, needs: 'a P-256 key' },
  PS256: {
    type: 'rsa',
    import: { name: 'RSA-PSS', hash: 'SHA-256' },
    needs: 'an RSA key of at least 2048 bits',
  },
} as const

/**
 * The key that signs the client's assertions (`private_key_jwt`, RFC 7523), of the size FAPI 2.0 asks for.
 * @throws FdxError `CONFIG_INVALID` naming `oauth.privateKey`; nothing of the key is in the message.
 */
export function assertionKey(
  provider: FdxProvider,
): { key: CryptoKey; kid: string } | { key: CryptoKey } {
  const settings = provider.oauth.privateKey
  const setting = settings?.file === undefined ? 'privateKey.pem' : 'privateKey.file'
  // An environment variable often carries a PEM text with its line ends escaped.
  const pem =
    settings?.file === undefined
      ? settings?.pem?.replaceAll('\\n', '\n')
      : readSecretPem(provider, setting, settings.file)
  if (settings === undefined || pem === undefined) throw invalid(provider, 'privateKey', 'missing')
  const { type, import: algorithm, needs } = algorithms[settings.alg]
  const key = parseKey(pem)
  const { namedCurve, modulusLength = 0 } = key?.asymmetricKeyDetails ?? {}
  const fits = type === 'ec' ? namedCurve === 'prime256v1' : modulusLength >= 2048
  if (key?.asymmetricKeyType !== type || !fits)
    throw invalid(provider, setting, `expected ${needs} in PEM for ${settings.alg}`)
  const usable = key.toCryptoKey(algorithm, false, ['sign'])
  return settings.kid === undefined ? { key: usable } : { key: usable, kid: settings.kid }
}

function parseKey(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem)
  } catch {
    return undefined
  }
}

const invalid = (provider: FdxProvider, setting: string, problem: string) =>
  new FdxError('CONFIG_INVALID', `provider ${provider.name}: oauth.${setting}: ${problem}`)

function readPem(provider: FdxProvider, setting: string, file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const problem = isCode(error, 'ENOENT') ? 'the file does not exist' : 'the file cannot be read'
    throw invalid(provider, setting, problem)
  }
}

function readSecretPem(provider: FdxProvider, setting: string, file: string): string {
  const text = readPem(provider, setting, file)
  if ((statSync(file).mode & 0o077) !== 0)
    throw invalid(provider, setting, 'the file can be read by others; run chmod 600 on it')
  return text
}
