import { execFile, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { newProgram } from '../../../src/cli/program.ts'

const files = (folder: string) => readdirSync(folder).map((name) => join(folder, name))
const operate = files('docs/operate')
const read = (file: string) => readFileSync(file, 'utf8')
const ending = (...endings: string[]) =>
  operate.filter((file) => endings.some((one) => file.endsWith(one)))

/** What people copy: blocks of shell in pages, and what starts fdx elsewhere. */
const shell = [
  ...['README.md', ...ending('.md'), ...files('docs/connect')].flatMap((file) =>
    [...read(file).matchAll(/```sh\n([\s\S]*?)```/g)].map(([, text = '']) => ({ file, text })),
  ),
  ...ending('.service', '.py', '.sh', '.yaml', 'Dockerfile').map((file) => ({
    file,
    text: read(file),
  })),
]

/** `fdx …` in a text: the words and the options of each, without what a person puts in. */
function commandsIn(text: string) {
  const lines = text.split('\n').filter((line) => !line.trim().startsWith('#'))
  return lines.flatMap((line) =>
    [...line.matchAll(/(?:^|[\s;&(]|npx |bin\/|src\/)fdx(?:\.js)? ([a-z][^\n;|&)#"'`]*)/g)].map(
      ([, rest = '']) => {
        const words = rest.trim().split(/\s+/)
        const end = words.findIndex((word) => !/^[a-z][a-z-]*$/.test(word))
        return {
          words: words.slice(0, end === -1 ? words.length : end),
          options: words.flatMap((word) => /^--[a-z][a-z-]*/.exec(word)?.[0] ?? []),
        }
      },
    ),
  )
}

/** The command that the words begin with, and which of the options it does not have. */
function lookUp(words: readonly string[], options: readonly string[]) {
  const program = newProgram({ signal: new AbortController().signal, env: {}, exit: 0 })
  let command = program
  for (const word of words) {
    const inner = command.commands.find((one) => one.name() === word)
    if (inner === undefined) break
    command = inner
  }
  const known = command.options.map(({ long }) => long)
  return {
    command: command === program ? undefined : command.name(),
    unknown: options.filter((option) => !known.includes(option.split('=')[0])),
  }
}

test('every command and option in the pages and unit files exists', () => {
  let seen = 0
  for (const { file, text } of shell)
    for (const { words, options } of commandsIn(text)) {
      const { command, unknown } = lookUp(words, options)
      // A sentence about fdx names no command, and no options.
      if (command !== undefined) seen++
      expect(unknown, `${file}: fdx ${words.join(' ')}`).toEqual([])
    }
  expect(seen).toBeGreaterThan(25)
})

test('every file that the pages and units of docs/operate name is there', () => {
  for (const { file, text } of shell)
    for (const [path] of text.matchAll(/docs\/operate\/[\w.-]+\b/g))
      expect(existsSync(path), `${file}: ${path}`).toBe(true)
})

test.each(ending('.yaml'))('%s is YAML', (file) => {
  for (const document of parseAllDocuments(read(file))) expect(document.errors).toEqual([])
})

test.each(ending('.json'))('%s is JSON', (file) => {
  expect(JSON.parse(read(file))).toBeTypeOf('object')
})

test.each([...ending('.sh'), 'docs/operate/fdx'])('%s is a shell script', async (file) => {
  await promisify(execFile)('sh', ['-n', file])
})

const has = (command: string) => spawnSync(command, ['--version']).status === 0

test('the Airflow DAG is Python, and its pipelines are there', async ({ skip }) => {
  const file = 'docs/operate/airflow_dag.py'
  const [, list = ''] = /PIPELINES = \[(.*)\]/.exec(read(file)) ?? []
  const pipelines = [...list.matchAll(/"([^"]+)"/g)].map(([, name = '']) => name)
  expect(pipelines.length).toBeGreaterThan(0)
  for (const name of pipelines) expect(existsSync(`pipelines/${name}.yaml`), name).toBe(true)
  skip(!has('python3'), 'there is no python3 on this machine')
  const check = 'import sys; compile(open(sys.argv[1]).read(), sys.argv[1], "exec")'
  await promisify(execFile)('python3', ['-c', check, file])
})

test('the CronJob and the image run commands that exist', () => {
  const job = parse(read('docs/operate/cronjob.yaml'))
  expect([job.apiVersion, job.kind]).toEqual(['batch/v1', 'CronJob'])
  const { template, podFailurePolicy } = job.spec.jobTemplate.spec
  // Kubernetes wants that of a job with a podFailurePolicy.
  expect([typeof podFailurePolicy, template.spec.restartPolicy]).toEqual(['object', 'Never'])
  const volumes = template.spec.volumes.map(({ name }: { name: string }) => name)
  for (const { args, volumeMounts } of template.spec.containers) {
    expectKnown('cronjob.yaml', args)
    for (const { name } of volumeMounts) expect(volumes).toContain(name)
  }
  const [, cmd = '[]'] = /^CMD (\[.*\])$/m.exec(read('docs/operate/Dockerfile')) ?? []
  expectKnown('Dockerfile', JSON.parse(cmd))
})

function expectKnown(file: string, args: readonly string[]): void {
  const options = args.filter((arg) => arg.startsWith('--'))
  const { command, unknown } = lookUp(
    args.filter((arg) => !arg.startsWith('--')),
    options,
  )
  expect([command, unknown], `${file}: fdx ${args.join(' ')}`).toEqual([args[0], []])
}

test('systemd understands the unit files', ({ skip }) => {
  skip(!has('systemd-analyze'), 'there is no systemd-analyze on this machine')
  for (const unit of ending('.service', '.timer')) {
    const { stdout, stderr } = spawnSync('systemd-analyze', ['verify', unit], { encoding: 'utf8' })
    // That the program, the user or other units are not on this machine is no fault of the file.
    const faults = `${stdout}${stderr}`
      .split('\n')
      .filter((line) => /unknown|invalid|failed to parse|missing '='/i.test(line))
    expect(faults, unit).toEqual([])
  }
})
