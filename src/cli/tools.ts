import { accessSync, chmodSync, constants, mkdirSync } from 'node:fs'
import type { Pipeline } from '../config/pipeline.ts'
import {
  type Environment,
  listPipelines,
  readPipeline,
  readProvider,
  readServe,
} from '../config/read.ts'
import { type DataPaths, dataPaths, readSettings, type Settings } from '../config/settings.ts'
import { openVault, type Vault } from '../connect/vault.ts'
import { readVaultKey } from '../connect/vault-key.ts'
import { FdxError } from '../errors.ts'
import type { Job } from '../run.ts'
import type { PublishOptions } from '../serve/publish.ts'
import { openState, type State } from '../state/state.ts'

export interface Tools extends Disposable {
  readonly settings: Settings
  readonly paths: DataPaths
  readonly state: State
  readonly vault: Vault
}

/** Opens what a command that works with connections needs. Disposes of itself. */
export async function openTools(settings: Settings, warn: (text: string) => void): Promise<Tools> {
  refuseUncheckedTls(settings.env)
  const paths = dataPaths(settings.dataDir)
  const key = await readVaultKey(settings.env, paths.root, warn)
  makePrivate(paths.root)
  const vault = await openVault(paths.vault, key)
  const state = openState(paths.stateFile)
  return { settings, paths, state, vault, [Symbol.dispose]: () => state[Symbol.dispose]() }
}

export const settingsOf = (env: Environment): Settings => readSettings(env)

/** The data folder is for this user alone; one that is wider is narrowed. */
function makePrivate(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    chmodSync(folder, 0o700)
    accessSync(folder, constants.W_OK)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'an error'
    throw new FdxError(
      'CONFIG_INVALID',
      `the data folder ${folder} cannot be made or written (${code}); set FDX_DATA_DIR to one that can, or chown it`,
      { cause: error },
    )
  }
}

/** How `pipelines/serve/serve.yaml` wants generations published. */
export const publishOptions = ({ pipelinesDir, env }: Settings): PublishOptions => ({
  keep: readServe(pipelinesDir, env).generations.kept,
})

function refuseUncheckedTls(env: Environment): void {
  if (env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0')
    throw new FdxError(
      'CONFIG_INVALID',
      'NODE_TLS_REJECT_UNAUTHORIZED=0 switches certificate checks off; unset it (NODE_EXTRA_CA_CERTS adds a CA)',
    )
}

/** Pipelines with their providers, read and checked; all problems of all files together. */
export function readJobs(settings: Settings, names: readonly string[]): Job[] {
  return readAll(names, (name) => {
    const pipeline = readPipeline(settings.pipelinesDir, name, settings.env)
    return {
      pipeline,
      provider: readProvider(settings.pipelinesDir, pipeline.provider, settings.env),
    }
  })
}

/** Pipelines alone: their providers' secrets need not be there. Throws as `readJobs`. */
export const readPipelines = (settings: Settings, names: readonly string[]): Pipeline[] =>
  readAll(names, (name) => readPipeline(settings.pipelinesDir, name, settings.env))

function readAll<T>(names: readonly string[], read: (name: string) => T): T[] {
  const problems: FdxError[] = []
  const all = names.flatMap((name) => {
    try {
      return [read(name)]
    } catch (error) {
      if (!(error instanceof FdxError)) throw error
      problems.push(error)
      return []
    }
  })
  const [first] = problems
  if (first !== undefined)
    throw new FdxError(first.code, problems.map(({ message }) => message).join('\n'))
  return all
}

/** The pipelines whose provider somebody is connected to. */
export function connectedPipelines(settings: Settings, providers: ReadonlySet<string>): string[] {
  return listPipelines(settings.pipelinesDir).filter((name) =>
    providers.has(readPipeline(settings.pipelinesDir, name, settings.env).provider),
  )
}
