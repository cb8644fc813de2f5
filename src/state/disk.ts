import { FdxError } from '../errors.ts'

/** SQLITE_FULL. */
const sqliteFull = 13

/** A full disk or quota as `DISK_FULL`; any other error as it is. */
export function diskError(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const code = 'code' in error ? error.code : ''
  const sqlite = 'errcode' in error ? Number(error.errcode) & 0xff : 0
  if (code !== 'ENOSPC' && code !== 'EDQUOT' && sqlite !== sqliteFull) return error
  return new FdxError(
    'DISK_FULL',
    'the disk of the data folder is full; free some space and run again: what was landed is kept',
    { cause: error },
  )
}
