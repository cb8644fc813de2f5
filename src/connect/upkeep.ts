import type { FdxProvider } from '../config/provider.ts'
import { type Connection, eachConnection } from '../state/connections.ts'
import { type TokenManager, type TokenOptions, tokenManager } from './tokens.ts'

/** Connections looked at together: their number must not decide how much memory this takes. */
const atOnce = 256

/**
 * A provider's token manager, after what comes before any other work: refreshes that a killed process left
 * open are settled, and refresh tokens that lie idle are used before they die of it.
 */
export async function startTokens(
  options: TokenOptions & { readonly provider: FdxProvider },
): Promise<TokenManager> {
  const { provider, state } = options
  const tokens = tokenManager(options)
  await tokens.settleAll()
  if (provider.oauth.refresh.idleDays === undefined) return tokens
  let some: Connection[] = []
  for (const connection of eachConnection(state, { provider: provider.name })) {
    some.push(connection)
    if (some.length < atOnce) continue
    await tokens.keepAlive(some)
    some = []
  }
  await tokens.keepAlive(some)
  return tokens
}
