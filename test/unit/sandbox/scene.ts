import { request } from 'undici'
import type { Sandbox } from '../../../src/sandbox/sandbox.ts'
import { sandboxCredentials } from '../../../src/sandbox/sandbox.ts'
import type { Misbehaviour } from '../../../src/sandbox/switchboard.ts'
import type { Got, SandboxClient } from '../../support/sandbox.ts'
import { flinks, flinksAuthorize, flinksKey, postToken } from '../../support/sandbox.ts'

export type Row = Record<string, Record<string, unknown>>
export interface Body {
  readonly code?: number
  readonly page?: { readonly nextOffset?: string | null }
  readonly links?: { readonly next?: { readonly href: string } | null }
  readonly accounts: readonly Row[]
  readonly transactions: readonly Row[]
  readonly [name: string]: unknown
}

export interface Scene {
  readonly sandbox: Sandbox
  readonly client: SandboxClient
  /** Switches the misbehaviour on, with what the rule needs beside its name. */
  on(rule?: Omit<Misbehaviour, 'name'>): void
}

export const transactions = '/accounts/11/transactions?limit=50'
export const status = async (scene: Scene, path = '/accounts') =>
  (await scene.client.get(path)).status
export const codeOf = (answer: Got) => answer.json<Body>().code
export const ids = (answer: Got) =>
  answer.json<Body>().transactions.map((row) => Object.values(row)[0]?.['transactionId'])
export const nextOf = (answer: Got) => answer.json<Body>().page?.nextOffset ?? ''

export async function refresh({ sandbox }: Scene, token?: string): Promise<Got> {
  const refresh_token = token ?? sandbox.grant('rotating', 0).refreshToken
  return postToken(sandbox, 'rotating', { grant_type: 'refresh_token', refresh_token })
}

export async function details(scene: Scene): Promise<Row[]> {
  const answer = await scene.client.get('/accounts?resultType=details')
  return [...answer.json<Body>().accounts]
}

/** A Flinks session of login 0, and a call of its detail. */
export async function detail({ sandbox }: Scene): Promise<Got> {
  const { RequestId } = (await flinksAuthorize(sandbox, 0)).json<{ RequestId: string }>()
  return flinks(sandbox, 'POST', '/GetAccountsDetail', flinksKey, { RequestId })
}
export const flinksCode = (answer: Got) => answer.json<{ FlinksCode: string }>().FlinksCode

/** The bytes of a list of accounts, not unpacked. */
export function raw({ sandbox, client }: Scene) {
  return request(`${sandbox.url}/outbound/api/fdx/5/accounts`, {
    headers: { authorization: `Bearer ${client.token}` },
  })
}

/** What arrives of a token answer before it breaks off. */
export async function partOfToken(sandbox: Sandbox): Promise<string> {
  const { clientId, clientSecret } = sandboxCredentials
  const { refreshToken } = sandbox.grant('rotating', 0)
  const { body } = await request(`${sandbox.url}/rotating/oauth2/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: `grant_type=refresh_token&refresh_token=${refreshToken}&client_id=${clientId}&client_secret=${clientSecret}`,
  })
  let text = ''
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) text += chunk.toString()
  } catch {
    return text
  }
  throw new Error('The token answer was whole.')
}

/** Holds one sentence of the list against what the sandbox does. */
export type Proof = (scene: Scene) => Promise<void>
