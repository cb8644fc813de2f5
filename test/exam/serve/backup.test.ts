import { execFile } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { startSandbox } from '../../../src/sandbox/sandbox.ts'
import { openCurrent } from '../../../src/serve/generation.ts'
import { newPlace } from '../../support/fdx.ts'
import { openFlow } from '../../support/flow.ts'

const sh = (...args: string[]) => promisify(execFile)('sh', args)
const rowsSql = 'select (select count(*) from mart.transactions), (select count(*) from ops.pages)'

test('the drill: backed up, restored elsewhere, the same rows; and the restored folder runs on', async () => {
  using place = newPlace()
  await using sandbox = await startSandbox({
    port: 0,
    connections: 2,
    accounts: 1,
    transactions: 30,
  })
  const archive = join(place.folder, 'fdx.tar.gz')
  const home = join(place.folder, 'home')
  let before: unknown
  {
    using flow = await openFlow(sandbox, home)
    await flow.connect('outbound', 0)
    await flow.run('outbound')
    using generation = await openCurrent(flow.paths)
    before = (await generation.query(rowsSql)).rows
    // Whoever works in the folder keeps it from being copied.
    await expect(sh('docs/operate/backup.sh', flow.paths.root, archive)).rejects.toThrow(
      /stop it first/,
    )
  }
  await sh('docs/operate/backup.sh', join(home, 'data'), archive)
  await expect(sh('docs/operate/backup.sh', join(home, 'data'), archive)).rejects.toThrow(
    /exists already/,
  )
  rmSync(join(home, 'data'), { recursive: true })
  await sh('docs/operate/restore.sh', archive, join(home, 'data'))
  await expect(sh('docs/operate/restore.sh', archive, join(home, 'data'))).rejects.toThrow(
    /exists already/,
  )
  // As the page says: the restored folder is looked at before anything runs in it.
  for (const args of [
    ['doctor', '--offline'],
    ['vault', 'check'],
    ['query', rowsSql],
  ]) {
    const { exit, stdout, stderr } = await place.fdx(args, {
      FDX_DATA_DIR: join(home, 'data'),
      FDX_VAULT_KEY_FILE: join(home, 'vault.key'),
    })
    // 3: warnings, such as providers whose secrets are not set here.
    expect(args[0] === 'doctor' ? [0, 3] : [0], stderr).toContain(exit)
    if (args[0] === 'vault') expect(stdout).toMatch(/1 records?, all well/)
  }
  using flow = await openFlow(sandbox, home)
  {
    using generation = await openCurrent(flow.paths)
    expect((await generation.query(rowsSql)).rows).toEqual(before)
  }
  const { extracted } = await flow.run('outbound')
  expect(extracted[0]?.ended).toEqual({ ok: 1 })
})

test('an archive with a changed byte is refused', async () => {
  using place = newPlace()
  const archive = join(place.folder, 'broken.tar.gz')
  writeFileSync(archive, readFileSync('package.json'))
  await expect(sh('docs/operate/restore.sh', archive, join(place.folder, 'data'))).rejects.toThrow()
})

test('a damaged state store alone comes back from the archive: newer tokens and pages are kept and used', async () => {
  using place = newPlace()
  await using sandbox = await startSandbox({
    ...{ port: 0, connections: 1, accounts: 1, transactions: 30 },
    ...{ accessTokenSeconds: 1, graceSeconds: 0 },
  })
  const archive = join(place.folder, 'fdx.tar.gz')
  const home = join(place.folder, 'home')
  const data = join(home, 'data')
  let rows: unknown
  {
    using flow = await openFlow(sandbox, home)
    await flow.connect('rotating', 0)
    await flow.run('rotating')
  }
  await sh('docs/operate/backup.sh', data, archive)
  {
    // A second run: the refresh token of the archive is spent, and there are pages that its records do not know.
    using flow = await openFlow(sandbox, home)
    await flow.run('rotating')
    using generation = await openCurrent(flow.paths)
    rows = (await generation.query(rowsSql)).rows
  }
  writeFileSync(join(data, 'state.db'), 'this is no database')
  const env = { FDX_DATA_DIR: data, FDX_VAULT_KEY_FILE: join(home, 'vault.key') }
  const hurt = await place.fdx(['doctor', '--offline'], env)
  expect([hurt.exit, hurt.stdout]).toEqual([1, expect.stringContaining('incidents.md')])

  // As docs/operate/incidents.md says.
  await promisify(execFile)('sh', ['-c', stateCommands(data, archive)])
  const well = await place.fdx(['doctor', '--offline'], env)
  expect([0, 3], well.stdout).toContain(well.exit)
  expect(await place.fdx(['vault', 'check'], env)).toMatchObject({ exit: 0 })
  using flow = await openFlow(sandbox, home)
  const { extracted } = await flow.run('rotating')
  expect(extracted[0]?.ended).toEqual({ ok: 1 })
  using generation = await openCurrent(flow.paths)
  const [[transactions, pages] = []] = (await generation.query(rowsSql)).rows
  const [[before, pagesBefore] = []] = rows as unknown[][]
  expect(transactions).toEqual(before)
  expect(Number(pages)).toBeGreaterThan(Number(pagesBefore))
})

/** The commands of the page, but for the service and the user, on other folders. */
function stateCommands(data: string, archive: string): string {
  const page = readFileSync('docs/operate/incidents.md', 'utf8')
  const [, block = ''] =
    /## The state store is damaged[\s\S]*?```sh\n([\s\S]*?)```/.exec(page) ?? []
  const lines = block.split('\n').filter((line) => /^(mkdir|mv|tar) /.test(line))
  expect(lines.length).toBeGreaterThan(2)
  return lines
    .map((line) => line.replace(/\/backup\/\S+/g, archive).replaceAll('/var/lib/fdx', data))
    .join(' && ')
}
