import {
  listPipelines,
  listProviders,
  readPipeline,
  readProvider,
  readServe,
} from '../config/read.ts'
import type { Settings } from '../config/settings.ts'
import { FdxError } from '../errors.ts'
import { type Finding, fail, ok, warn } from './finding.ts'

/** Every file of the pipelines folder. Secrets matter only where somebody is connected. */
export function checkConfiguration(settings: Settings, connected: ReadonlySet<string>): Finding[] {
  const { pipelinesDir, env } = settings
  const findings: Finding[] = []
  const attempt = <T>(read: () => T, onProblem: (error: FdxError) => Finding[]): T | undefined => {
    try {
      return read()
    } catch (error) {
      if (!(error instanceof FdxError)) throw error
      findings.push(...onProblem(error))
      return undefined
    }
  }
  const broken = ({ message }: FdxError) =>
    message.split('\n').map((line) => fail('configuration', line, 'correct the file'))

  const pipelines = attempt(() => listPipelines(pipelinesDir), broken)
  if (pipelines === undefined) return findings
  const read = pipelines.map((name) => attempt(() => readPipeline(pipelinesDir, name, env), broken))
  const asked = new Set(read.map((pipeline) => pipeline?.provider))
  const providers = listProviders(pipelinesDir)
  for (const name of providers)
    attempt(
      () => readProvider(pipelinesDir, name, env),
      (error) => {
        if (error.code !== 'SECRET_MISSING') return broken(error)
        if (!connected.has(name)) return []
        return error.message
          .split('\n')
          .map((line) => fail('configuration', line, 'somebody is connected there'))
      },
    )
  attempt(() => readServe(pipelinesDir, env), broken)
  for (const name of connected) {
    if (!providers.includes(name))
      findings.push(
        fail(
          'configuration',
          `somebody is connected to ${name}, which has no file`,
          'bring it back',
        ),
      )
    else if (!asked.has(name) && read.every((pipeline) => pipeline !== undefined))
      findings.push(
        warn('configuration', `no pipeline asks ${name}, where somebody is connected`, 'add one'),
      )
  }
  const good = `${pipelines.length} pipelines and ${providers.length} providers`
  return findings.length === 0 ? [ok('configuration', `${good} are in order`)] : findings
}
