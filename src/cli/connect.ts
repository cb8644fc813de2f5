import { execFile } from 'node:child_process'
import { createInterface } from 'node:readline/promises'
import type { Command } from 'commander'
import { listProviders, readProvider } from '../config/read.ts'
import { connectFdx } from '../connect/connect-fdx.ts'
import { connectFlinks, registerLogin } from '../connect/connect-flinks.ts'
import { listenForRedirect, pastedRedirect } from '../connect/redirect.ts'
import { relaunchFlinks } from '../connect/relaunch-flinks.ts'
import { takeOver } from '../connect/take-over.ts'
import { FdxError } from '../errors.ts'
import { getConnection } from '../state/connections.ts'
import { realWorld } from '../world.ts'
import { type Cli, openTalk, print } from './terminal.ts'
import { openTools, settingsOf } from './tools.ts'

export function addConnect(program: Command, cli: Cli): void {
  program
    .command('connect')
    .argument('<provider>', 'a file of pipelines/providers, without .yaml')
    .description('connect one person: opens the provider’s consent page and waits for the answer')
    .option('--login-id <id>', 'Flinks: register a LoginId that Flinks Connect has given')
    .option(
      '--relaunch <connection>',
      'Flinks: answer what the bank asks of a connection in needs_mfa',
    )
    .option('--refresh-token-stdin', 'FDX: take over a grant; reads its refresh token')
    .option('--label <text>', 'what you call this connection (no personal data)', '')
    .option('--paste', 'print the link; paste the address that the browser ended at')
    .option('--no-browser', 'print the link instead of opening a browser')
    .option('--timeout <seconds>', 'how long to wait for the person', '600')
    .option('--json', 'print the connection as JSON')
    .action(async (name: string, flags) => {
      const settings = settingsOf(cli.env)
      if (!listProviders(settings.pipelinesDir).includes(name))
        throw new FdxError(
          'CONFIG_INVALID',
          `no provider ${JSON.stringify(name)}; there are: ${listProviders(settings.pipelinesDir).join(', ')}`,
        )
      const provider = readProvider(settings.pipelinesDir, name, settings.env)
      if (!/^[1-9]\d{0,4}$/.test(flags.timeout))
        throw new FdxError('USAGE', '--timeout: expected seconds, 1 to 99999')
      using talk = openTalk('lines')
      using tools = await openTools(settings, talk.say)
      const stores = { vault: tools.vault, state: tools.state, world: realWorld }
      const done = (connection: { id: string; state: string }) => {
        if (flags.json)
          print(JSON.stringify({ id: connection.id, provider: name, state: connection.state }))
        else print(connection.id)
        talk.say(`Connected. Extract it with: npx fdx run ${name}-nightly`)
      }
      if (flags.loginId !== undefined) {
        if (provider.protocol !== 'flinks') throw wrongProtocol('--login-id', 'Flinks', name)
        return done(await registerLogin(stores, provider, flags.loginId, flags.label))
      }
      if (flags.refreshTokenStdin) {
        if (provider.protocol !== 'fdx') throw wrongProtocol('--refresh-token-stdin', 'FDX', name)
        const refreshToken = (await readLine()).trim()
        const { label } = flags
        return done(
          await takeOver({ ...stores, provider, locks: tools.paths.locks, label, refreshToken }),
        )
      }
      await using receiver = flags.paste
        ? pastedRedirect(
            provider.protocol === 'fdx' ? provider.oauth.redirectUri : provider.redirectUri,
            readLine,
          )
        : await listenForRedirect(
            provider.protocol === 'fdx' ? provider.oauth.redirectUri : provider.redirectUri,
          )
      const open = async (link: URL) => {
        talk.say(`Open this page to give consent:\n\n  ${link.href}\n`)
        if (flags.paste) talk.say('Then paste the address that the browser ended at:')
        else if (flags.browser && process.stderr.isTTY) openBrowser(link)
        if (!flags.paste) talk.progress('waiting for the answer at the redirect URI')
      }
      const options = {
        ...stores,
        receiver,
        open,
        label: flags.label,
        timeoutMs: Number(flags.timeout) * 1000,
        signal: cli.signal,
      }
      if (flags.relaunch !== undefined) {
        if (provider.protocol !== 'flinks') throw wrongProtocol('--relaunch', 'Flinks', name)
        const connection = getConnection(tools.state, flags.relaunch)
        if (connection?.provider !== name)
          throw new FdxError('CONNECTION_UNKNOWN', `no connection ${flags.relaunch} at ${name}`)
        return done(await relaunchFlinks({ ...options, provider }, connection))
      }
      done(
        provider.protocol === 'fdx'
          ? await connectFdx({ ...options, provider })
          : await connectFlinks({ ...options, provider }),
      )
    })
}

const wrongProtocol = (flag: string, protocol: string, name: string) =>
  new FdxError('USAGE', `${flag} is for ${protocol}; ${name} speaks another protocol`)

async function readLine(): Promise<string> {
  using lines = createInterface({ input: process.stdin })
  for await (const line of lines) return line
  return ''
}

/** Best effort: the link is printed as well. */
function openBrowser(link: URL): void {
  const command = { darwin: 'open', win32: 'explorer' }[process.platform as string] ?? 'xdg-open'
  execFile(command, [link.href], () => {})
}
