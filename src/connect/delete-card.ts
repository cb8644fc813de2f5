import type { FlinksProvider } from '../config/provider.ts'
import { callFlinks } from './call-flinks.ts'
import type { Revocation } from './revoke.ts'

/**
 * Has Flinks delete a login’s credentials and data (DELETE /DeleteCard/{loginId}, facts/flinks-native.md 8).
 * A login that Flinks does not know any more counts as deleted. Never throws for what Flinks does.
 */
export async function deleteCard(provider: FlinksProvider, loginId: string): Promise<Revocation> {
  const no = (reason: string): Revocation => ({ confirmed: false, reason })
  try {
    const { status, text } = await callFlinks(provider, {
      method: 'DELETE',
      path: `/DeleteCard/${encodeURIComponent(loginId)}`,
      headers: provider.apiKey === undefined ? {} : { 'x-api-key': provider.apiKey },
      deadlineMs: 30_000,
    })
    const code = flinksCode(text)
    if (status === 200 || code === 'INVALID_LOGIN') return { confirmed: true, reason: '' }
    if (code === 'CARD_IN_USE')
      return no('a Flinks session of this login is running; revoke again later')
    return no(`Flinks answered ${status}; revoke again later`)
  } catch {
    return no('Flinks cannot be reached; revoke again later')
  }
}

function flinksCode(text: string): string {
  const found = /"FlinksCode"\s*:\s*"([A-Z_]{3,60})"/.exec(text)
  return found?.[1] ?? ''
}
