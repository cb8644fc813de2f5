import type { FlinksProvider } from '../../config/provider.ts'
import { FdxError } from '../../errors.ts'
import { tooDeep } from '../../page/depth.ts'
import { answerError } from '../advice.ts'
import type { JudgedAnswer } from '../answer.ts'
import type { Extraction } from '../extraction.ts'
import { readMember } from './codes.ts'

/** Flinks may hold a call for 210 seconds before it answers (facts/flinks-native.md 1). */
export const holdSeconds = 240

/** An authorised session at Flinks. */
export interface FlinksSession {
  readonly requestId: string
  /** When Flinks was last at the bank: UTC without `Z`, as it came. */
  readonly lastRefresh: string | undefined
}

export interface Login {
  /** The session, opened when it is first needed: one for all calls of a connection. */
  session(): Promise<FlinksSession>
  /** Flinks has forgotten it: the next call opens another. */
  forget(): void
}

/** Opens sessions for the login. `session` throws `NEEDS_MFA` when the bank asks something. */
export function openLogin(extraction: Extraction<FlinksProvider>): Login {
  let open: Promise<FlinksSession> | undefined
  return {
    session() {
      open ??= authorize(extraction)
      return open
    },
    forget() {
      open = undefined
    },
  }
}

async function authorize(extraction: Extraction<FlinksProvider>): Promise<FlinksSession> {
  const { provider, session, loginId } = extraction
  const cached = provider.mode === 'cached'
  const answer = await asCredential(
    session.post(
      'authorize',
      '/Authorize',
      { LoginId: loginId, MostRecentCached: cached, ...(cached ? {} : { Save: true }) },
      {
        credential: { mint: () => mintToken(extraction) },
        // A cached session never reaches the bank, so asking again starts nothing.
        repeatable: cached,
        holdSeconds,
      },
    ),
  )
  return {
    requestId: required(answer, 'authorize', 'RequestId'),
    lastRefresh: lastRefreshOf(answer.body),
  }
}

async function mintToken({ session }: Extraction<FlinksProvider>): Promise<string> {
  const call = 'authorize token'
  const how = { credential: 'authKey', repeatable: true } as const
  const answer = await asCredential(session.post(call, '/GenerateAuthorizeToken', {}, how))
  return required(answer, call, 'Token')
}

/** UNAUTHORIZED means our own key here; on data endpoints it is the bank's word. */
async function asCredential(answer: Promise<JudgedAnswer>): Promise<JudgedAnswer> {
  try {
    return await answer
  } catch (error) {
    if (!(error instanceof FdxError) || error.code !== 'FORBIDDEN') throw error
    throw new FdxError(
      'CLIENT_REFUSED',
      'Flinks refuses the authKey; check it and the instance in the provider’s file',
      { facts: error.facts },
    )
  }
}

/** Ids and tokens of Flinks are GUIDs; longer ones fit into no request. Characters. */
const longestWord = 8_192

function required(answer: JudgedAnswer, call: string, name: string): string {
  const value = readMember(answer.body, name)
  if (value === undefined || value.length > longestWord)
    throw answerError('ANSWER_INVALID', call, { status: answer.status })
  return value
}

/** `Login.LastRefresh` of any answer that has it; undefined where it is not a date. */
export function lastRefreshOf(body: Buffer): string | undefined {
  if (tooDeep(body)) return undefined
  try {
    const { Login } = JSON.parse(body.toString()) as { Login?: { LastRefresh?: unknown } }
    const text = Login?.LastRefresh
    return typeof text === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+Z?$/.test(text) ? text : undefined
  } catch {
    return undefined
  }
}
