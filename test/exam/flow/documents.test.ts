import { execFile, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
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

test('every command and option in the pages and unit files exists', () => {
  const cli = { signal: new AbortController().signal, env: {}, exit: 0 }
  const program = newProgram(cli)
  let seen = 0
  for (const { file, text } of shell)
    for (const { words, options } of commandsIn(text)) {
      let command = program
      for (const word of words) {
        const inner = command.commands.find((one) => one.name() === word)
        if (inner === undefined) break
        command = inner
      }
      // A sentence about fdx names no command, and no options.
      if (command !== program) seen++
      else expect(options, `${file}: fdx ${words.join(' ')}`).toEqual([])
      const known = command.options.map(({ long }) => long)
      for (const option of options)
        expect(known, `${file}: fdx ${words.join(' ')}`).toContain(option)
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

test.skipIf(!has('python3'))('the Airflow DAG is Python', async () => {
  const check = 'import ast, sys; ast.parse(open(sys.argv[1]).read())'
  await promisify(execFile)('python3', ['-c', check, 'docs/operate/airflow_dag.py'])
})

test.skipIf(!has('systemd-analyze'))('systemd understands the unit files', async () => {
  for (const unit of ending('.service', '.timer')) {
    const { stdout, stderr } = spawnSync('systemd-analyze', ['verify', unit], { encoding: 'utf8' })
    // That the program, the user or other units are not on this machine is no fault of the file.
    const faults = `${stdout}${stderr}`
      .split('\n')
      .filter((line) => /unknown|invalid|failed to parse|missing '='/i.test(line))
    expect(faults, unit).toEqual([])
  }
})
