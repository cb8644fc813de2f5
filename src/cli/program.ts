import { Command } from 'commander'
import { addCheck } from './check.ts'
import { addConnect } from './connect.ts'
import { addConnections } from './connections.ts'
import { addDemo } from './demo.ts'
import { addDoctor } from './doctor.ts'
import { addExplain } from './explain.ts'
import { addExport } from './export.ts'
import { addQuery } from './query.ts'
import { addReplay } from './replay.ts'
import { addRun } from './run.ts'
import { addSandbox } from './sandbox.ts'
import { addSchedule } from './schedule.ts'
import { addServe } from './serve.ts'
import { addSql } from './sql.ts'
import { addStatus } from './status.ts'
import type { Cli } from './terminal.ts'
import { addVault } from './vault.ts'
import { version } from './version.ts'

/** In the order in which people meet them. */
const commands = [
  addDemo,
  addSandbox,
  addConnect,
  addConnections,
  addRun,
  addSchedule,
  addServe,
  addQuery,
  addExport,
  addSql,
  addStatus,
  addDoctor,
  addCheck,
  addExplain,
  addReplay,
  addVault,
]

/** The whole command line: every command with its options and help. */
export function newProgram(cli: Cli): Command {
  const program = new Command('fdx')
    .description('Bank data from FDX APIs and Flinks, as exact, typed tables in DuckDB.')
    .version(version, '-V, --version')
    .helpOption('-h, --help', 'show help')
    .showSuggestionAfterError()
    .showHelpAfterError()
    .exitOverride()
    .addHelpText(
      'after',
      `
Folders: FDX_DATA_DIR (data), FDX_PIPELINES_DIR (pipelines). Vault key: FDX_VAULT_KEY_FILE.
Exit codes: 0 done, 1 failed, 2 usage or configuration, 3 partly (some connections failed, the rest is loaded).
First steps: fdx demo, then: fdx query "from mart.accounts"`,
    )
  for (const add of commands) add(program, cli)
  return program
}
