import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readPipeline } from '../../../src/config/read.ts'
import { newPlace } from '../../support/fdx.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fdx-schedule-'))
  mkdirSync(join(folder, 'providers'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const write = (name: string, text: string) => writeFileSync(join(folder, `${name}.yaml`), text)

test.each([
  ['99 * * * *', /nightly.yaml: schedule: not a cron line: Invalid value for minute: 99; expected/],
  ['15 3 * *', /nightly.yaml: schedule: expected five cron fields/],
  ['@daily', /nightly.yaml: schedule: expected five cron fields/],
  ['0 0 * * 8', /nightly.yaml: schedule: not a cron line: Invalid value for dayOfWeek: 8/],
  ['*/0 * * * *', /nightly.yaml: schedule: not a cron line: .*stepping/],
  ['0 0 30 2 *', /nightly.yaml: schedule: not a cron line: there is no such day in any year/],
  ['a b c d e', /nightly.yaml: schedule: not a cron line: .*illegal characters/],
])('the cron line %j is refused, with its file and field', (line, message) => {
  write('nightly', `provider: bank\nschedule: '${line}'\n`)
  expect(() => readPipeline(folder, 'nightly', {})).toThrow(message)
})

test('an unknown time zone is refused, with its file and field', () => {
  write('nightly', `provider: bank\nschedule: '0 3 * * *'\ntimeZone: America/Trnto\n`)
  expect(() => readPipeline(folder, 'nightly', {})).toThrow(
    /nightly.yaml: timeZone: expected an IANA time zone, such as America\/Toronto/,
  )
})

test('a pipeline needs no schedule', () => {
  write('by-hand', 'provider: bank\n')
  expect(readPipeline(folder, 'by-hand', {}).schedule).toBeUndefined()
})

test('fdx schedule --list shows the next start of each pipeline, and leaves nothing behind', async () => {
  using place = newPlace()
  write('nightly', `provider: bank\nschedule: '30 2 * * *'\ntimeZone: Europe/London\n`)
  write('by-hand', 'provider: bank\n')
  const env = { FDX_PIPELINES_DIR: folder }
  const { exit, stdout } = await place.fdx(['schedule', '--list'], env)
  expect(exit).toBe(0)
  expect(stdout).toMatch(
    /nightly +30 2 \* \* \* +Europe\/London +20\d\d-\d\d-\d\d 02:30 \S+ .* never/,
  )
  expect(stdout).toContain('by-hand has no schedule: fdx run by-hand')
  const { stdout: json } = await place.fdx(['schedule', '--json'], env)
  expect(JSON.parse(json)).toMatchObject({
    schedules: [{ pipeline: 'nightly', timeZone: 'Europe/London', last: null }],
    unscheduled: ['by-hand'],
  })
  expect(existsSync(place.data)).toBe(false)
})

test('fdx schedule --list tells every mistake of every file, and ends with 2', async () => {
  using place = newPlace()
  write('one', `provider: bank\nschedule: '61 2 * * *'\n`)
  write('two', `provider: bank\nschedule: '1 2 * * *'\ntimeZone: Mars/Base\n`)
  const { exit, stderr } = await place.fdx(['schedule', '--list'], { FDX_PIPELINES_DIR: folder })
  expect(exit).toBe(2)
  expect(stderr).toMatch(/one.yaml: schedule: [\s\S]*two.yaml: timeZone: /)
})
