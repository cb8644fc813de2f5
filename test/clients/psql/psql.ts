import { spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { check, server } from '../support/check.ts'

const place = `host=127.0.0.1 port=${server.port} dbname=warehouse user=${server.user}`

/** Runs psql without the user's own settings; standard output and error together. */
function psql(input: string, conninfo = place, env: Record<string, string> = {}): string {
  const { stdout, stderr } = spawnSync('psql', ['-X', '-q', conninfo], {
    input,
    encoding: 'utf8',
    env: { ...process.env, PGHOST: '', ...env },
    maxBuffer: 100_000_000,
  })
  return stdout + stderr
}
const value = (sql: string) => psql(`\\t on\n\\a\n${sql}`).trim()
const complaint = (text: string) => /^.*(ERROR|FATAL|error:).*$/m.exec(text)?.[0]
const must = (good: boolean, text: string) => (good ? 'ok' : `ERROR ${text.slice(0, 500)}`)

for (const mode of ['disable', 'prefer', 'require'])
  await check('connect', `sslmode=${mode}`, () => {
    const text = psql('\\conninfo\n', `${place} sslmode=${mode}`)
    const encrypted = text.includes('SSL connection')
    return must(complaint(text) === undefined && encrypted === (mode !== 'disable'), text)
  })
await check('connect', 'sslmode=verify-full', () => {
  const text = psql('select 1;', `${place} sslmode=verify-full sslrootcert=${server.caFile}`)
  return must(complaint(text) === undefined, text)
})
await check('connect', 'verify-full by another name', () => {
  const text = psql(
    'select 1;',
    `${place} hostaddr=127.0.0.1 sslmode=verify-full sslrootcert=${server.caFile}`.replace(
      'host=127.0.0.1',
      'host=elsewhere.invalid',
    ),
  )
  return must(/does not match host name/.test(text), text)
})
await check('connect', 'wrong password', () => {
  const text = psql('', place, { PGPASSWORD: 'wrong password' })
  return must(/password authentication failed for user "owner"/.test(text), text)
})
await check('connect', 'unknown user', () => {
  const text = psql('', `${place} user=nobody`)
  return must(/password authentication failed for user "nobody"/.test(text), text)
})
await check('connect', 'unknown database', () => {
  const text = psql('', `${place} dbname=nowhere`)
  return must(/database "nowhere" does not exist/.test(text), text)
})

const commands = readFileSync(join(import.meta.dirname, 'meta-commands.txt'), 'utf8')
  .trim()
  .split('\n')
const shown = new Map<string, string>()
const marked = commands.map((command, at) => `\\echo @@@${at}\n${command}\n`).join('')
for (const part of psql(marked).split('@@@').slice(1)) {
  const [at = '', ...lines] = part.split('\n')
  shown.set(commands[Number(at)] ?? '', lines.join('\n'))
}
const errors = psql(commands.map((command) => `${command}\n`).join(''))
  .split('\n')
  .filter((line) => /^(ERROR|FATAL|psql:)|error:/.test(line) && !/Did not find any/.test(line))
for (const command of commands)
  await check('meta', command, () => {
    const text = shown.get(command)
    return text === undefined
      ? 'ERROR nothing was shown'
      : (complaint(text)?.replace(/.*Did not find.*/, 'none') ?? 'ok')
  })
await check('meta', 'no command fails', () => must(errors.length === 0, errors.join(' ')))

const facts: readonly (readonly [command: string, fact: RegExp])[] = [
  [
    '\\d fdx.deposit_transactions',
    /"deposit_transactions_pkey" PRIMARY KEY, btree \(provider, connection_id, account_id, transaction_id, ordinal\)/,
  ],
  [
    '\\d fdx.deposit_transactions',
    /FOREIGN KEY \(provider, connection_id, account_id\) REFERENCES fdx\.deposit_accounts\(provider, connection_id, account_id\)/,
  ],
  ['\\d+ fdx.deposit_accounts', /Referenced by:\s+TABLE "(fdx\.)?deposit_transactions" CONSTRAINT/],
  ['\\d+ fdx.deposit_accounts', /account_id +\| text +\| +\| not null/],
  ['\\d+ fdx.deposit_accounts', /current_balance +\| numeric\(38,9\)/],
  ['\\d+ fdx.deposit_accounts', /Provider the connection is with\./],
  ['\\d+ mart.accounts', /View definition:\s+WITH/],
  ['\\dt+ fdx.*', /Checking, savings and other deposit accounts/],
  ['\\dt *.*', /information_schema \| sql_features/],
  [
    '\\di fdx.*',
    /deposit_accounts_pkey +\| index \| owner \| +deposit_accounts|deposit_accounts_pkey +\| index \| owner/,
  ],
  ['\\dn+', /mart +\| owner/],
  ['\\l', /warehouse +\| owner +\| UTF8/],
  ['\\du', /ann/],
  ['\\sv mart.accounts', /CREATE OR REPLACE VIEW mart\.accounts AS/],
  ['\\dv+ mart.*', /Every account, from FDX and Flinks/],
]
for (const [command, fact] of facts)
  await check('show', `${command} shows ${fact.source.slice(0, 50)}`, () =>
    must(fact.test(shown.get(command) ?? ''), shown.get(command) ?? ''),
  )

const total = Number(value('select count(*) from mart.transactions;'))
await check('copy', '\\copy to a file', () => {
  const file = join(tmpdir(), `fdx-copy-${process.pid}.csv`)
  const text = psql(
    `\\copy (select account_id, amount from mart.transactions) to '${file}' csv header\n`,
  )
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
  return must(
    lines[0] === 'account_id,amount' && lines.length === total + 1,
    `${text} ${lines.length} lines, ${lines[0]}`,
  )
})
await check('copy', 'COPY TO STDOUT', () =>
  must(
    value('copy (select 1, null, $$a\tb$$) to stdout;') === '1\t\\N\ta\\tb',
    value('copy (select 1, null, $$a\tb$$) to stdout;'),
  ),
)
await check('copy', 'FETCH_COUNT', () => {
  const rows = value('\\set FETCH_COUNT 100\nselect account_id from mart.transactions;').split(
    '\n',
  ).length
  return must(rows === total, `${rows} of ${total} rows`)
})
await check('copy', '\\gdesc', () => {
  const text = value(
    'select account_id, balance, count(*) from mart.accounts group by 1, 2 \\gdesc\n',
  )
  return must(text === 'account_id|text\nbalance|numeric(38,9)\ncount|bigint', text)
})
await check('copy', '\\gset, \\watch and variables', () =>
  must(
    value("select 7 as n \\gset\nselect :n + 1, :'n';") === '8|7',
    value("select 7 as n \\gset\nselect :n + 1, :'n';"),
  ),
)
await check('copy', '\\crosstabview', () => {
  const text = psql(
    'select provider, account_kind, count(*) from mart.accounts group by 1, 2 \\crosstabview\n',
  )
  return must(/provider.*deposit/s.test(text) && complaint(text) === undefined, text)
})
await check('copy', 'Ctrl-C', async () => {
  const child = spawn(
    'psql',
    [
      '-X',
      place,
      '-v',
      'VERBOSITY=verbose',
      '-c',
      'select count(*) from range(4000000) a, range(4000000) b where (a.range + b.range) % 7 = 3',
    ],
    {
      env: { ...process.env, PGHOST: '' },
    },
  )
  let text = ''
  child.stderr.on('data', (data) => {
    text += data
  })
  await sleep(2000)
  child.kill('SIGINT')
  await new Promise((resolve) => child.once('close', resolve))
  return must(/57014/.test(text), text)
})
await check('copy', 'ON_ERROR_ROLLBACK', () => {
  const text = value(
    '\\set ON_ERROR_ROLLBACK on\nbegin;\nselect * from nothing_here;\nselect 5;\ncommit;',
  )
  return must(/\n5|^5/m.test(text), text)
})
await check('copy', 'error with its place', () => {
  const text = psql('select account_id, nothing_here from mart.accounts;\n')
  return must(
    /LINE 1: select account_id, nothing_here/.test(text) && /42703|column/.test(text),
    text,
  )
})
