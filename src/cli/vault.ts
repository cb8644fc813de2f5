import type { Command } from 'commander'
import { dataPaths } from '../config/settings.ts'
import { checkVault, vaultFindings } from '../connect/check-vault.ts'
import { rotateKey } from '../connect/rotate-key.ts'
import { readKeyFile, readVaultKey, refuseInside, writeNewKey } from '../connect/vault-key.ts'
import { realWorld } from '../world.ts'
import { asTable } from './format.ts'
import { type Cli, exitCodes, openTalk, print } from './terminal.ts'
import { openTools, settingsOf } from './tools.ts'

export function addVault(program: Command, cli: Cli): void {
  const vault = program.command('vault').description('the sealed store of tokens')
  vault
    .command('new-key')
    .argument('<file>', 'where to write it; outside the data folder')
    .description('make a key that seals the vault')
    .option('--json', 'the file as JSON')
    .action(async (file: string, flags) => {
      refuseInside(settingsOf(cli.env).dataDir, file, 'a key')
      await writeNewKey(file)
      print(flags.json ? JSON.stringify({ file }) : file)
      using talk = openTalk('lines')
      talk.say(`Keep it safe and backed up: without it every connection must be made again.`)
      talk.say(`Use it: export FDX_VAULT_KEY_FILE=${file}`)
    })
  vault
    .command('rotate-key')
    .argument('<new-key-file>', 'made by: fdx vault new-key FILE')
    .description('seal everything with a new key; may be interrupted and run again')
    .option('--json', 'as one JSON object')
    .action(async (file: string, flags) => {
      const settings = settingsOf(cli.env)
      const paths = dataPaths(settings.dataDir)
      using talk = openTalk('lines')
      const current = await readVaultKey(settings.env, paths.root, talk.say)
      const next = await readKeyFile(file, paths.root, 'the new key file')
      talk.say(
        'Once this has begun only the new key opens the vault: stop what runs with the old one.',
      )
      const { resealed, unreadable } = await rotateKey(paths.vault, current, next, (done, of) => {
        cli.signal.throwIfAborted()
        talk.progress(`${done} of ${of} records`)
      })
      if (flags.json) print(JSON.stringify({ resealed, unreadable }))
      else print(`${resealed} records sealed with the new key`)
      talk.say(`Use it: export FDX_VAULT_KEY_FILE=${file}`)
      if (unreadable.length === 0) return
      cli.exit = exitCodes.failed
      talk.say(`Neither key opens ${unreadable.length} of them; see: fdx vault check`)
    })
  vault
    .command('check')
    .description('open every record, compare with the connections, repair the modes of files')
    .option('--json', 'as one JSON object')
    .action(async (flags) => {
      using talk = openTalk('lines')
      using tools = await openTools(settingsOf(cli.env), talk.say)
      const { records, findings } = await checkVault(tools.vault, tools.state, realWorld.now())
      if (findings.some(({ finding }) => bad.has(finding))) cli.exit = exitCodes.failed
      if (flags.json) return print(JSON.stringify({ records, findings }))
      const columns = ['what', 'name', 'what to do'].map((name) => ({ name, type: 'VARCHAR' }))
      const rows = findings.map(({ finding, name }) => [finding, name, vaultFindings[finding]])
      if (rows.length > 0) print(asTable({ columns, rows }))
      print(`${records} records, ${rows.length === 0 ? 'all well' : `${rows.length} findings`}`)
    })
}

/** The rest is repaired, or settles itself. */
const bad = new Set<keyof typeof vaultFindings>(['unreadable', 'missing', 'foreign_owner'])
