import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readPipeline, readProvider } from '../../src/config/read.ts'
import { type DataPaths, dataPaths } from '../../src/config/settings.ts'
import { registerLogin } from '../../src/connect/connect-flinks.ts'
import { newGrant, register } from '../../src/connect/register.ts'
import { openVault, type Vault } from '../../src/connect/vault.ts'
import { readVaultKey, writeNewKey } from '../../src/connect/vault-key.ts'
import { type Job, type RunReport, run } from '../../src/run.ts'
import type { Sandbox } from '../../src/sandbox/sandbox.ts'
import type { Connection } from '../../src/state/connections.ts'
import { openState, type State } from '../../src/state/state.ts'
import { realWorld, type World } from '../../src/world.ts'

export type SandboxProvider = 'outbound' | 'rotating' | 'v6' | 'flinks'

/** The whole product in a folder of its own, against a sandbox. */
export interface Flow extends Disposable {
  readonly paths: DataPaths
  readonly state: State
  readonly vault: Vault
  /** What a command needs to work in the same folder. */
  readonly env: Readonly<Record<string, string>>
  job(provider: SandboxProvider): Job
  /** Connects a person (or a Flinks login) without a browser. */
  connect(provider: SandboxProvider, person: number): Promise<Connection>
  run(...providers: readonly (SandboxProvider | Job)[]): Promise<RunReport>
}

/** Watches a run and says nothing. */
export const quiet = {
  extracting: () => {},
  connectionEnded: () => {},
  unreachable: () => {},
  loading: () => {},
  underWay: () => {},
  waitingForLoader: () => {},
}

export async function openFlow(
  sandbox: Sandbox,
  folder?: string,
  world: World = realWorld,
): Promise<Flow> {
  const root = folder ?? mkdtempSync(join(tmpdir(), 'fdx-flow-'))
  const paths = dataPaths(join(root, 'data'))
  const state = openState(paths.stateFile)
  const keyFile = join(root, 'vault.key')
  if (!existsSync(keyFile)) await writeNewKey(keyFile)
  const key = await readVaultKey({ FDX_VAULT_KEY_FILE: keyFile }, paths.root, () => {})
  const vault = await openVault(paths.vault, key)
  const env = { FDX_SANDBOX_URL: sandbox.url }
  const job = (name: SandboxProvider): Job => ({
    provider: readProvider('pipelines', `sandbox-${name}`, env),
    pipeline: readPipeline('pipelines', `sandbox-${name}-nightly`, env),
  })
  const stores = { vault, state, world }
  return {
    paths,
    state,
    vault,
    env: { ...env, FDX_DATA_DIR: paths.root, FDX_VAULT_KEY_FILE: keyFile },
    job,
    connect: async (name, person) => {
      const { provider } = job(name)
      if (provider.protocol === 'flinks') {
        const login = sandbox.logins().find((one) => one.login === person)
        return registerLogin(stores, provider, login?.loginId ?? '', '')
      }
      const { refreshToken, sub, scope } = sandbox.grant(
        name as Exclude<SandboxProvider, 'flinks'>,
        person,
      )
      const grant = {
        kind: 'grant',
        generation: 0,
        refreshToken,
        accessToken: null,
        receivedAt: 0,
        expiresAt: 0,
      } as const
      const registration = {
        provider,
        subject: sub,
        label: 'MARKED label',
        scopes: scope,
        consentDays: 90,
      }
      return register(stores, registration, newGrant(grant))
    },
    run: (...names) =>
      run(
        names.map((name) => (typeof name === 'string' ? job(name) : name)),
        {
          ...stores,
          paths,
          signal: new AbortController().signal,
          watch: quiet,
        },
      ),
    [Symbol.dispose]: () => {
      state[Symbol.dispose]()
      if (folder === undefined) rmSync(root, { recursive: true, force: true })
    },
  }
}
