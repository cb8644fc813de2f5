import type { FlinksProvider } from '../../config/provider.ts'
import { FdxError } from '../../errors.ts'
import { checkBody } from '../../page/check.ts'
import { itemsOf, memberOf, parsed } from '../../page/json.ts'
import type { Extraction } from '../extraction.ts'
import type { SharedPace } from '../pace.ts'

/** Why the nightly refresh leaves a login out, by LoginId. Only those that it leaves out are listed. */
type Ineligible = ReadonlyMap<string, string>

/** One reading for all logins that share a pace, which is a run of a provider. */
const readings = new WeakMap<SharedPace, Promise<Ineligible>>()

/**
 * Tells of a login that Flinks' nightly refresh leaves out (facts/flinks-native.md 9). Only where the
 * provider's file has a secret for it; that the status cannot be had harms no login.
 */
export async function noticeNightly(extraction: Extraction<FlinksProvider>): Promise<void> {
  const { loginId, pace, provider } = extraction
  if (provider.apiSecret === undefined || loginId === undefined) return
  const reading = readings.get(pace) ?? readIneligible(extraction)
  readings.set(pace, reading)
  const reason = (await reading).get(loginId.toLowerCase())
  if (reason !== undefined)
    extraction.issue(
      'nightly',
      'NIGHTLY_INELIGIBLE',
      `Flinks does not refresh this login by itself (${reason}); connect again or pull live`,
    )
}

async function readIneligible({ session }: Extraction<FlinksProvider>): Promise<Ineligible> {
  const found = new Map<string, string>()
  try {
    const how = { credential: 'apiSecret' } as const
    const answer = await session.get('nightly status', '/GetNightlyRefreshStatus', {}, how)
    const cards = memberOf(checkBody(answer.body).value, 'IneligibleCards')
    for (const card of cards ? itemsOf(cards) : []) {
      const id = parsed(memberOf(card, 'LoginId'))
      const code = parsed(memberOf(card, 'LastRefreshErrorCode'))
      const state = parsed(memberOf(card, 'LastRefreshState'))
      const words = [state, code].filter(
        (word) => typeof word === 'string' && /^\w{1,60}$/.test(word),
      )
      if (typeof id === 'string') found.set(id.toLowerCase(), words.join(', ') || 'no reason given')
    }
  } catch (error) {
    if (!(error instanceof FdxError) || error.code === 'STOPPED') throw error
  }
  return found
}
