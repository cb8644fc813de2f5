import type { Command } from 'commander'
import { writeNewKey } from '../connect/vault-key.ts'
import { type Cli, openTalk, print } from './terminal.ts'

export function addVault(program: Command, _cli: Cli): void {
  const vault = program.command('vault').description('the sealed store of tokens')
  vault
    .command('new-key')
    .argument('<file>', 'where to write it; outside the data folder')
    .description('make a key that seals the vault')
    .action(async (file: string) => {
      await writeNewKey(file)
      print(file)
      using talk = openTalk('lines')
      talk.say(`Keep it safe and backed up: without it every connection must be made again.`)
      talk.say(`Use it: export FDX_VAULT_KEY_FILE=${file}`)
    })
}
