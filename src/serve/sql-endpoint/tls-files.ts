import { readFileSync } from 'node:fs'
import type { SqlSettings } from '../../config/serve.ts'
import { FdxError } from '../../errors.ts'
import type { Tls } from './startup.ts'

/** The certificate that the settings name. @throws FdxError `CONFIG_INVALID` when it cannot be read. */
export function sqlTls({ tls }: SqlSettings): Tls | null {
  if (tls === null) return null
  try {
    return { cert: readFileSync(tls.certFile), key: readFileSync(tls.keyFile) }
  } catch (error) {
    throw new FdxError('CONFIG_INVALID', 'sql.tls: the certificate or its key cannot be read', {
      cause: error,
    })
  }
}
