/**
 * A load in a process of its own: a million rows in one transaction, then published as `fdx run` does. Told `once`, it does
 * it once; `loop`, again and again; `stop`, it says how often it was done.
 */
import { DuckDBInstance } from '@duckdb/node-api'
import { dataPaths } from '../../../src/config/settings.ts'
import { publish } from '../../../src/serve/publish.ts'

const paths = dataPaths(process.argv[2] ?? '')
let loads = 0
let looping = false

async function load(): Promise<void> {
  const instance = await DuckDBInstance.create(paths.warehouse, {
    threads: '1',
    memory_limit: '1GB',
  })
  const connection = await instance.connect()
  await connection.run('create schema if not exists mart')
  await connection.run(`create table if not exists mart.movements (load integer, id bigint, category varchar, amount decimal(18, 2));
    create table if not exists mart.checks (load integer);
    create table if not exists mart.tile as select ['rent', 'salary', 'fees'][1 + (range % 3)::integer] as category, (range / 7)::decimal(18, 2) as amount from range(20000)`)
  await connection.run('begin')
  await connection.run('delete from mart.movements; delete from mart.checks')
  await connection.run(
    `insert into mart.movements select ${loads}, range, 'c' || range % 10, (range / 3)::decimal(18, 2) from range(1000000)`,
  )
  await connection.run(`insert into mart.checks values (${loads})`)
  await connection.run('commit; checkpoint')
  connection.closeSync()
  instance.closeSync()
  await publish(paths)
  loads++
}

process.on('message', (message) => {
  if (message === 'once') void load().then(() => process.send?.(loads))
  if (message === 'loop') {
    looping = true
    void (async () => {
      while (looping) await load()
      process.send?.(loads)
    })()
  }
  if (message === 'stop') looping = false
})
