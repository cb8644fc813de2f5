import type { Command } from 'commander'
import { examine } from '../doctor/doctor.ts'
import { areas } from '../doctor/finding.ts'
import { realWorld } from '../world.ts'
import { asTable } from './format.ts'
import { type Cli, exitCodes, print } from './terminal.ts'
import { settingsOf } from './tools.ts'
import { version } from './version.ts'

export function addDoctor(program: Command, cli: Cli): void {
  program
    .command('doctor')
    .description(
      'looks at configuration, key, disk, permissions, clock, providers, versions and locks',
    )
    .option('--offline', 'ask no provider')
    .option('--json', 'as one JSON object')
    .addHelpText(
      'after',
      '\nExit codes: 0 all is well, 3 there are warnings, 1 something does not work.',
    )
    .action(async (flags) => {
      const online = flags.offline !== true
      const found = await examine(settingsOf(cli.env), realWorld, { version, online })
      const findings = areas.flatMap((area) => found.filter((one) => one.area === area))
      const levels = new Set(findings.map(({ level }) => level))
      if (levels.has('warn')) cli.exit = exitCodes.partly
      if (levels.has('fail')) cli.exit = exitCodes.failed
      if (flags.json) {
        const status = levels.has('fail') ? 'fail' : levels.has('warn') ? 'warn' : 'ok'
        return print(JSON.stringify({ status, findings }))
      }
      print(
        asTable({
          columns: ['', 'what', 'how it stands', 'what to do'].map((name) => ({
            name,
            type: 'VARCHAR',
          })),
          rows: findings.map(({ area, level, says, todo }) => [level, area, says, todo]),
        }),
      )
    })
}
