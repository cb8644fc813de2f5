import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readPipeline, readProvider } from '../../../src/config/read.ts'
import { dataPaths } from '../../../src/config/settings.ts'
import { newGrant, register } from '../../../src/connect/register.ts'
import { openVault } from '../../../src/connect/vault.ts'
import { run } from '../../../src/run.ts'
import { startSandbox } from '../../../src/sandbox/sandbox.ts'
import { openCurrent } from '../../../src/serve/generation.ts'
import { openState } from '../../../src/state/state.ts'
import { realWorld } from '../../../src/world.ts'
import { quiet } from '../../support/flow.ts'

test.each(['outbound', 'rotating', 'v6'] as const)(
  'numbers that no double can hold come back from SQL digit for digit: %s',
  async (name) => {
    const folder = mkdtempSync(join(tmpdir(), 'fdx-exact-'))
    try {
      await using sandbox = await startSandbox({ port: 0, today: '2026-11-01' })
      const env = { FDX_SANDBOX_URL: sandbox.url }
      const person = 0 // has a deposit and an investment account at each of them
      sandbox.misbehave({ name: 'exact_numbers', provider: name, person })

      const paths = dataPaths(join(folder, 'data'))
      using state = openState(paths.stateFile)
      const vault = await openVault(paths.vault, { bytes: Buffer.alloc(32, 7), id: 'test' })
      const provider = readProvider('pipelines', `sandbox-${name}`, env)
      const pipeline = readPipeline('pipelines', `sandbox-${name}-nightly`, env)
      const { refreshToken, sub, scope } = sandbox.grant(name, person)
      const grant = {
        kind: 'grant',
        generation: 0,
        refreshToken,
        accessToken: null,
        receivedAt: 0,
        expiresAt: 0,
      } as const
      await register(
        { vault, state, world: realWorld },
        { provider, subject: sub, label: '', scopes: scope, consentDays: undefined },
        newGrant(grant),
      )
      const signal = new AbortController().signal
      const report = await run([{ pipeline, provider }], {
        paths,
        state,
        vault,
        world: realWorld,
        signal,
        watch: quiet,
      })
      expect(report.extracted[0]?.ended).toEqual({ ok: 1 })

      using generation = await openCurrent(paths)
      const balances = await generation.query(
        'select current_balance from fdx.deposit_accounts where current_balance > 1e13',
      )
      expect(balances.rows.map(([balance]) => String(balance).replace(/0+$/, ''))).toEqual([
        '99999999999999.99',
      ])
      const units = await generation.query(
        'select units, digital_units from fdx.holdings where digital_units is not null',
      )
      expect(units.rows.map(([value]) => value)).toContain('0.123456789012345678')
      expect(
        units.rows.some(([, digital]) => String(digital).replace(/\D/g, '').length >= 30),
      ).toBe(true)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
)
