import { constants, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import type { DataPaths } from '../../config/settings.ts'
import { type Word, withoutLiterals } from './sql-text.ts'

/** One statement that somebody ran; its literals, which may be somebody's data, are not written. */
export interface Entry {
  readonly user: string
  readonly role: string
  readonly pid: number
  readonly client: string
  readonly application: string
  readonly words: readonly Word[]
  /** Relations of the warehouse that it read. */
  readonly relations: readonly string[]
  readonly rows: number
  readonly ms: number
  /** SQLSTATE: 00000 when it ended well. */
  readonly state: string
}

export type Audit = (entry: Entry) => void

/** Folder of the record of who asked what: a file of JSON lines for each day (UTC). */
export const auditFolder = (paths: DataPaths) => join(paths.root, 'sql-audit')

const longestStatement = 10_000
/** Entries that may wait for the disk; beyond that sessions are answered and the loss is told. */
const mostWaiting = 100_000

/** Lines of this long go to the disk together. */
const gatherMs = 100

interface Noted {
  readonly at: number
  readonly entry: Entry
  readonly lostBefore: number
}

/** Made when it is written: nobody's answer waits for it. */
function lineOf({ at, entry, lostBefore }: Noted): string {
  const { words, ...facts } = entry
  const line = {
    at: new Date(at).toISOString(),
    ...facts,
    statement: withoutLiterals(words).slice(0, longestStatement),
    ...(lostBefore > 0 ? { lostBefore } : {}),
  }
  return `${JSON.stringify(line)}\n`
}

export interface OpenAudit {
  readonly note: Audit
  close(): Promise<void>
}

/**
 * Appends to the day's file, many lines with one write. Files older than `days` are removed.
 * @param fault told once when the disk refuses: queries go on
 */
export function openAudit(
  paths: DataPaths,
  days: number,
  now: () => number,
  fault: (error: unknown) => void,
): OpenAudit {
  const folder = auditFolder(paths)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  let entries: Noted[] = []
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> = Promise.resolve()
  let day = ''
  let file: FileHandle | undefined
  let told = false
  let lost = 0

  async function write(before: Promise<void>): Promise<void> {
    await before
    while (entries.length > 0) {
      const some = entries
      entries = []
      try {
        const today = new Date(now()).toISOString().slice(0, 10)
        if (today !== day) {
          await file?.close()
          file = await open(
            join(folder, `${today}.jsonl`),
            constants.O_CREAT | constants.O_APPEND | constants.O_WRONLY | constants.O_NOFOLLOW,
            0o600,
          )
          day = today
          sweep(folder, new Date(now() - days * 86_400_000).toISOString().slice(0, 10))
        }
        await file?.appendFile(some.map(lineOf).join(''))
        told = false
      } catch (error) {
        lost += some.length
        day = ''
        if (!told) fault(error)
        told = true
        return
      }
    }
  }

  return {
    note(entry) {
      if (entries.length >= mostWaiting) return void lost++
      entries.push({ at: now(), entry, lostBefore: lost })
      lost = 0
      timer ??= setTimeout(() => {
        timer = undefined
        writing = write(writing)
      }, gatherMs)
    },
    async close() {
      clearTimeout(timer)
      await write(writing)
      await file?.close()
    },
  }
}

function sweep(folder: string, before: string): void {
  for (const name of readdirSync(folder))
    if (/^\d{4}-\d\d-\d\d\.jsonl$/.test(name) && name.slice(0, 10) < before)
      rmSync(join(folder, name), { force: true })
}
