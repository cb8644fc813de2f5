import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import type { Command } from 'commander'
import { readServe } from '../config/read.ts'
import { type SqlRole, type SqlSettings, sqlRoles } from '../config/serve.ts'
import { dataPaths, readableDataDir } from '../config/settings.ts'
import { FdxError } from '../errors.ts'
import { keepSqlChild } from '../serve/keep-sql.ts'
import { readUsers, removeUser, saveUser, usersFile } from '../serve/sql-endpoint/auth/users.ts'
import { asTable } from './format.ts'
import { hiddenLine } from './hidden-line.ts'
import { type Cli, openTalk, print } from './terminal.ts'
import { settingsOf } from './tools.ts'

export function addSql(program: Command, cli: Cli): void {
  const sql = program
    .command('sql')
    .description('the SQL endpoint: PostgreSQL’s protocol over the published load, read-only')
    .option('--host <address>', 'address to listen on')
    .option('--port <number>', 'port; 0 takes a free one')
    .action(async (flags) => {
      const place = settingsOf(cli.env)
      const { sql: config } = readServe(place.pipelinesDir, cli.env)
      const paths = dataPaths(readableDataDir(place))
      using talk = openTalk('logs')
      const [user] = readUsers(paths)
      const host: string = flags.host ?? config.host
      const settings: SqlSettings = {
        ...config,
        host,
        port: flags.port === undefined ? config.port : portOf(flags.port),
      }
      await using child = await keepSqlChild({ paths, settings, users: [] }, cli.signal, {
        started: () => {},
        died: (how) => talk.say(`the SQL endpoint died (${how}); it is started again`),
      })
      const port = child.ready()?.port
      talk.say(`SQL endpoint on ${host}:${port}, data of ${paths.root}; Ctrl-C ends it`)
      talk.say(
        user === undefined
          ? 'Nobody can log in yet: fdx sql user add NAME --role analyst'
          : `Connect: psql "host=${host} port=${port} dbname=warehouse user=${user.name}"`,
      )
      if (!cli.signal.aborted) await once(cli.signal, 'abort')
    })

  const user = sql.command('user').description('who may log in to the SQL endpoint')
  user
    .command('add')
    .argument('<name>', 'name to log in with')
    .requiredOption(
      '--role <role>',
      `${sqlRoles.join(' or ')}: analyst sees marts and masked records, owner everything`,
    )
    .option('--password-stdin', 'read the password from standard input')
    .option('--generate', 'make a password and print it, this once')
    .description('add a user, or give one a new password; kept as a SCRAM-SHA-256 verifier')
    .action(async (name: string, flags) => {
      if (!sqlRoles.includes(flags.role))
        throw new FdxError('USAGE', `--role is ${sqlRoles.join(' or ')}`)
      const paths = dataPaths(readableDataDir(settingsOf(cli.env)))
      using talk = openTalk('lines')
      const made = flags.generate ? randomBytes(18).toString('base64url') : undefined
      const password = made ?? (await passwordOf(flags.passwordStdin === true))
      const known = await saveUser(paths, { name, role: flags.role as SqlRole, password })
      talk.say(`${known ? 'Changed' : 'Added'} ${name} (${flags.role}) in ${usersFile(paths)}`)
      if (made !== undefined) {
        print(made)
        talk.say('That is the password; it is not kept anywhere and is not shown again.')
      }
    })
  user
    .command('list')
    .option('--json', 'as a JSON array')
    .description('names and roles')
    .action((flags) => {
      const users = readUsers(dataPaths(readableDataDir(settingsOf(cli.env)))).map(
        ({ name, role }) => ({ name, role }),
      )
      if (flags.json) return print(JSON.stringify(users))
      const columns = ['name', 'role'].map((name) => ({ name, type: 'VARCHAR' }))
      print(asTable({ columns, rows: users.map(({ name, role }) => [name, role]) }))
    })
  user
    .command('remove')
    .argument('<name>', 'as it was added')
    .description('takes the log-in away; sessions that are open go on')
    .action(async (name: string) => {
      const paths = dataPaths(readableDataDir(settingsOf(cli.env)))
      using talk = openTalk('lines')
      if (!(await removeUser(paths, name)))
        throw new FdxError('USAGE', `there is no user ${name}; see: fdx sql user list`)
      talk.say(`Removed ${name}`)
    })
}

async function passwordOf(fromStdin: boolean): Promise<string> {
  const shortest = 8
  const password =
    fromStdin || !process.stdin.isTTY
      ? (await text(process.stdin)).replace(/\r?\n$/, '')
      : await hiddenLine('Password: ')
  if (password.length < shortest)
    throw new FdxError(
      'USAGE',
      `a password needs at least ${shortest} characters; or let one be made: --generate`,
    )
  if (!fromStdin && process.stdin.isTTY && (await hiddenLine('Again: ')) !== password)
    throw new FdxError('USAGE', 'the two passwords differ')
  return password
}

function portOf(text: string): number {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new FdxError('USAGE', '--port is a number from 0 to 65535')
  return port
}
