import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** PEM texts and files of a certificate authority of a test, its server (127.0.0.1) and one client. */
export interface Certificates {
  readonly caFile: string
  readonly ca: string
  readonly server: { readonly cert: string; readonly key: string }
  readonly client: { readonly certFile: string; readonly keyFile: string }
}

/** Makes them with openssl in `folder`. The client's subject is CN=me. */
export function makeCertificates(folder: string): Certificates {
  mkdirSync(folder, { recursive: true })
  const at = (name: string) => join(folder, name)
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'ignore' })
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  openssl('req', '-x509', ...newKey, '-keyout', at('ca.key'), '-out', at('ca.pem'), '-days', '2',
    '-subj', '/CN=Test CA', '-addext', 'keyUsage=critical,keyCertSign') // biome-ignore format: one command
  for (const [name, subject, extension] of [
    ['server', '/CN=127.0.0.1', 'subjectAltName=IP:127.0.0.1'],
    ['client', '/CN=me', 'extendedKeyUsage=clientAuth'],
  ] as const) {
    writeFileSync(at(`${name}.ext`), extension)
    openssl('req', ...newKey, '-keyout', at(`${name}.key`), '-out', at(`${name}.csr`), '-subj', subject) // biome-ignore format: one command
    openssl('x509', '-req', '-in', at(`${name}.csr`), '-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial',
      '-out', at(`${name}.pem`), '-days', '2', '-extfile', at(`${name}.ext`)) // biome-ignore format: one command
  }
  const read = (name: string) => readFileSync(at(name), 'utf8')
  return {
    caFile: at('ca.pem'),
    ca: read('ca.pem'),
    server: { cert: read('server.pem'), key: read('server.key') },
    client: { certFile: at('client.pem'), keyFile: at('client.key') },
  }
}
