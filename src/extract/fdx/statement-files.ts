import { createHash, hash } from 'node:crypto'
import { join } from 'node:path'
import type { FdxProvider } from '../../config/provider.ts'
import { type Code, type Facts, FdxError } from '../../errors.ts'
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

/** Forms of statements (FDX ContentTypes), in the order in which they are asked for; each begins with its mark. */
const forms = [
  { accept: 'application/pdf', ending: 'pdf', marks: ['%PDF-'] },
  { accept: 'image/png', ending: 'png', marks: ['\x89PNG'] },
  { accept: 'image/jpeg', ending: 'jpg', marks: ['\xff\xd8\xff'] },
  { accept: 'image/tiff', ending: 'tiff', marks: ['II*\0', 'MM\0*'] },
  { accept: 'image/gif', ending: 'gif', marks: ['GIF8'] },
] as const
type Form = (typeof forms)[number]

/** A file that is still being made is asked for again after each of these. Milliseconds. */
const pollAfterMs = [1_000, 2_000, 4_000]

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
 * is asked for a few times, then left for the next run; one that is refused (in every form, 413, too large) is
 * recorded and not asked for again for a while.
 * @throws FdxError as the session, for what concerns more than one file.
 */
export async function fetchFiles(
  extraction: Extraction<FdxProvider>,
  accountId: string,
): Promise<void> {
  const { connection, issue, state, world, signal } = extraction
  let left = filesToFetch(state, connection.id, accountId, world.now())
  for (const pause of [...pollAfterMs, undefined]) {
    const pending: string[] = []
    for (const statementId of left)
      if ((await fetchFile(extraction, accountId, statementId)) === 'pending')
        pending.push(statementId)
    if (pending.length === 0) return
    left = pending
    if (pause !== undefined) await world.sleep(pause, signal).catch(() => {})
    if (signal.aborted) throw new FdxError('STOPPED', 'stopped; the next run goes on from here')
  }
  for (const _ of left)
    issue(
      `statements/${accountId}`,
      'STATEMENT_LATER',
      'statement file: still being made; run again later',
    )
}

async function fetchFile(
  extraction: Extraction<FdxProvider>,
  accountId: string,
  statementId: string,
): Promise<'settled' | 'pending'> {
  const { connection, issue, state, world } = extraction
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
  const refuse = (code: Code, facts?: Facts) => {
    note({ status: 'refused', code })
    issue(stream, 'STATEMENT_REFUSED', `statement file: cannot be had (${code})`, facts)
  }
  for (const form of forms) {
    try {
      const got = await download(extraction, accountId, statementId, form)
      if (got === 'pending') return 'pending'
      if (got === 'empty') refuse('NO_DATA')
      else note({ status: 'kept', media_type: form.accept, ...got })
      return 'settled'
    } catch (error) {
      if (!(error instanceof FdxError) || !ofOneFile.has(error.code)) throw error
      // 406 (1203): there is no such form of it.
      if (error.facts['status'] === 406 && form !== forms.at(-1)) continue
      refuse(error.code, error.facts)
      return 'settled'
    }
  }
  return 'settled'
}

/** Puts one form of a file on disk. */
async function download(
  { connection, files, session }: Extraction<FdxProvider>,
  accountId: string,
  statementId: string,
  { accept, ending, marks }: Form,
): Promise<'pending' | 'empty' | Pick<StatementFile, 'file' | 'bytes' | 'sha256'>> {
  const path = `/accounts/${pathSegment(accountId)}/statements/${pathSegment(statementId)}`
  // Ids of the provider make no file names.
  const name = `${hash('sha256', `${accountId}\n${statementId}`).slice(0, 32)}.${ending}`
  let seen: Pick<StatementFile, 'bytes' | 'sha256'> | undefined
  const answer = await session.file('statement file', path, accept, async (bytes) => {
    const watched = watchFile(bytes, marks)
    await replaceFile(join(files, connection.id, name), watched.bytes)
    seen = watched.seen()
  })
  if (answer.judgement === 'pending') return 'pending'
  if (answer.judgement === 'empty' || seen === undefined) return 'empty'
  return { file: `${connection.id}/${name}`, ...seen }
}

/** Largest file that is kept: what never ends must end somewhere. */
const maxFileBytes = 128 * 1024 * 1024

/**
 * Passes the bytes of a file on while they come, and counts and hashes them.
 * @throws FdxError from the bytes: `ANSWER_INVALID` when they begin with none of the marks, `NO_DATA` when there
 *   are none, `BODY_TOO_LARGE`.
 */
function watchFile(source: AsyncIterable<Uint8Array>, marks: readonly string[]) {
  const longest = Math.max(...marks.map((mark) => mark.length))
  const isMarked = (head: Buffer) => {
    const text = head.toString('latin1')
    return marks.some((mark) => mark.startsWith(text) || text.startsWith(mark))
  }
  const sum = createHash('sha256')
  let bytes = 0
  async function* watched(): AsyncGenerator<Uint8Array> {
    let head = Buffer.alloc(0)
    for await (const part of source) {
      if (head.length < longest) {
        head = Buffer.concat([head, part]).subarray(0, longest)
        if (!isMarked(head)) throw refusedFile('ANSWER_INVALID')
      }
      bytes += part.length
      if (bytes > maxFileBytes) throw refusedFile('BODY_TOO_LARGE')
      sum.update(part)
      yield part
    }
    if (bytes === 0) throw refusedFile('NO_DATA')
    if (head.length < longest) throw refusedFile('ANSWER_INVALID')
  }
  return { bytes: watched(), seen: () => ({ bytes, sha256: sum.digest('hex') }) }
}

const refusedFile = (code: 'ANSWER_INVALID' | 'BODY_TOO_LARGE' | 'NO_DATA') =>
  new FdxError(
    code,
    'statement file: it is not what was asked for, or too large to be; ask the provider',
  )
