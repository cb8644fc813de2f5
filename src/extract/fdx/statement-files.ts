import { createHash, hash } from 'node:crypto'
import { join } from 'node:path'
import type { FdxProvider } from '../../config/provider.ts'
import { type Code, FdxError } from '../../errors.ts'
import { type JsonValue, memberOf, parsed } from '../../page/json.ts'
import { replaceFile } from '../../state/durable-file.ts'
import {
  filesToFetch,
  planFile,
  type StatementFile,
  saveFile,
} from '../../state/statement-files.ts'
import type { Extraction } from '../extraction.ts'
import { pathSegment } from './account-stream.ts'
import { idText } from './members.ts'

/** What is settled for one file and says nothing about the others. */
const ofOneFile: ReadonlySet<Code> = new Set([
  'NOT_FOUND',
  'NOT_SUPPORTED',
  'NO_DATA',
  'REQUEST_INVALID',
  'ANSWER_INVALID',
  'BODY_TOO_LARGE',
  'REDIRECTED',
  'FOREIGN_ORIGIN',
])

const accept = 'application/pdf'

/** Notes the statements of a page whose files are wanted. */
export function planFiles(
  { connection, state, world }: Extraction,
  accountId: string,
  records: readonly JsonValue[],
): void {
  const updated_at = new Date(world.now()).toISOString()
  for (const record of records) {
    const id = idText(parsed(memberOf(record, 'statementId')))
    const at = { connection_id: connection.id, account_id: accountId, updated_at }
    if (id !== null) planFile(state, { ...at, statement_id: id })
  }
}

/**
 * Fetches the files of an account's statements that are not on disk yet. One that is still being made (1300)
 * is left for the next run; one that is refused (406, 413, too large) is recorded and not asked for again.
 * @throws FdxError as the session, for what concerns more than one file.
 */
export async function fetchFiles(
  extraction: Extraction<FdxProvider>,
  accountId: string,
): Promise<void> {
  const { connection, state } = extraction
  for (const statementId of filesToFetch(state, connection.id, accountId))
    await fetchFile(extraction, accountId, statementId)
}

async function fetchFile(
  extraction: Extraction<FdxProvider>,
  accountId: string,
  statementId: string,
): Promise<void> {
  const { connection, files, issue, session, state, world } = extraction
  const note = (more: Pick<StatementFile, 'status'> & Partial<StatementFile>) =>
    saveFile(state, {
      connection_id: connection.id,
      account_id: accountId,
      statement_id: statementId,
      code: '',
      file: '',
      media_type: '',
      bytes: 0,
      sha256: '',
      updated_at: new Date(world.now()).toISOString(),
      ...more,
    })
  const stream = `statements/${accountId}`
  const refuse = (code: Code) => {
    note({ status: 'refused', code })
    issue(stream, 'STATEMENT_REFUSED', `statement file: cannot be had (${code})`)
  }
  try {
    const path = `/accounts/${pathSegment(accountId)}/statements/${pathSegment(statementId)}`
    // Ids of the provider make no file names.
    const name = `${hash('sha256', `${accountId}\n${statementId}`).slice(0, 32)}.pdf`
    let seen: Pick<StatementFile, 'bytes' | 'sha256'> | undefined
    const answer = await session.file('statement file', path, accept, async (bytes) => {
      const watched = watchPdf(bytes)
      await replaceFile(join(files, connection.id, name), watched.bytes)
      seen = watched.seen()
    })
    if (answer.judgement === 'pending') {
      issue(stream, 'STATEMENT_LATER', 'statement file: still being made; run again later')
      return
    }
    if (answer.judgement === 'empty' || seen === undefined) return refuse('NO_DATA')
    note({ status: 'kept', file: `${connection.id}/${name}`, media_type: accept, ...seen })
  } catch (error) {
    if (!(error instanceof FdxError) || !ofOneFile.has(error.code)) throw error
    refuse(error.code)
  }
}

/** Largest file that is kept: what never ends must end somewhere. */
const maxFileBytes = 128 * 1024 * 1024

/**
 * Passes the bytes of a file on while they come, and counts and hashes them.
 * @throws FdxError from the bytes: `ANSWER_INVALID` when they are no PDF, `NO_DATA` when there are none,
 *   `BODY_TOO_LARGE`.
 */
function watchPdf(source: AsyncIterable<Uint8Array>) {
  const sum = createHash('sha256')
  let bytes = 0
  async function* watched(): AsyncGenerator<Uint8Array> {
    let head = Buffer.alloc(0)
    for await (const part of source) {
      if (head.length < magic.length) {
        head = Buffer.concat([head, part]).subarray(0, magic.length)
        if (!magic.subarray(0, head.length).equals(head)) throw refusedFile('ANSWER_INVALID')
      }
      bytes += part.length
      if (bytes > maxFileBytes) throw refusedFile('BODY_TOO_LARGE')
      sum.update(part)
      yield part
    }
    if (bytes === 0) throw refusedFile('NO_DATA')
    if (head.length < magic.length) throw refusedFile('ANSWER_INVALID')
  }
  return { bytes: watched(), seen: () => ({ bytes, sha256: sum.digest('hex') }) }
}

const magic = Buffer.from('%PDF-')

const refusedFile = (code: 'ANSWER_INVALID' | 'BODY_TOO_LARGE' | 'NO_DATA') =>
  new FdxError(code, 'statement file: it is no PDF, or too large to be one; ask the provider')
