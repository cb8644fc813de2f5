import { existsSync, lstatSync, type Stats, statSync } from 'node:fs'
import { open, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { DataPaths } from '../config/settings.ts'
import { type Finding, fail, ok, warn } from './finding.ts'

const gigabyte = 1e9
/** Below the first a load may not get through, below the second pages may not be kept. Bytes. */
const roomy = gigabyte
const leastFree = 64 * 1024 * 1024

const isForeign = ({ uid }: Stats) => process.getuid !== undefined && uid !== process.getuid()

/** The data folder: whose it is, who may read it, whether it can be written, and how much room there is. */
export async function checkStorage(paths: DataPaths): Promise<Finding[]> {
  const { root } = paths
  if (!existsSync(root))
    return [warn('storage', `${root} does not exist yet`, 'it is made by the first fdx connect')]
  const findings: Finding[] = []
  const facts = statSync(root)
  if (isForeign(facts))
    findings.push(
      fail('storage', `${root} belongs to another user`, `run as that user, or chown -R it`),
    )
  if ((facts.mode & 0o077) !== 0)
    findings.push(warn('storage', `others may look into ${root}`, `chmod 700 ${root}`))
  for (const path of [paths.stateFile, paths.warehouse, paths.vault, paths.segments]) {
    const found = lstatSync(path, { throwIfNoEntry: false })
    if (found && isForeign(found))
      findings.push(fail('storage', `${path} belongs to another user`, 'chown it'))
    if (found?.isFile() && (found.mode & 0o077) !== 0)
      findings.push(warn('storage', `others may read ${path}`, `chmod 600 ${path}`))
  }
  const probe = join(root, `.doctor-${process.pid}.tmp`)
  try {
    const file = await open(probe, 'wx', 0o600)
    await file.write('x')
    await file.sync()
    await file.close()
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'an error'
    findings.push(
      fail('storage', `${root} cannot be written (${code})`, 'see its owner, mode and disk'),
    )
  } finally {
    await rm(probe, { force: true })
  }
  const { bavail, bsize } = await statfs(root)
  const free = bavail * bsize
  const shown = `${(free / gigabyte).toFixed(1)} GB free`
  if (free < leastFree)
    findings.push(fail('storage', shown, 'free some space: pages cannot be kept'))
  else if (free < roomy) findings.push(warn('storage', shown, 'a large load may not fit'))
  else findings.push(ok('storage', `${root}: ${shown}`))
  return findings
}
