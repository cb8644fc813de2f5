import { createHmac, hash, timingSafeEqual } from 'node:crypto'
import type { FlinksProvider } from '../../config/provider.ts'
import { checkBody } from '../../page/check.ts'
import { type JsonValue, memberOf, parsed } from '../../page/json.ts'
import { getCheckpoint } from '../../state/checkpoints.ts'
import { type Connection, findBySubject, hashedSubject, isEnded } from '../../state/connections.ts'
import type { State } from '../../state/state.ts'
import { isKnownDelivery, rememberDelivery } from '../../state/webhooks.ts'
import type { World } from '../../world.ts'
import { maxBodyBytes } from '../exchange.ts'
import type { Land } from '../extraction.ts'
import { landAnswer } from '../landing.ts'
import { newMeter } from '../meter.ts'
import { flinksCheckpoint, judgeKept, refreshOf } from './keep.ts'

/** A delivery as it came in: the body before anybody has parsed it. */
export interface Delivery {
  readonly headers: { get(name: string): string | null }
  readonly body: AsyncIterable<Uint8Array>
}

export interface WebhookTools {
  readonly provider: FlinksProvider
  readonly state: State
  readonly land: Land
  readonly world: World
  /** Is given one line for each delivery: no names, ids of people, or bodies. */
  readonly log: (line: string) => void
}

/** Flinks counts anything but 200 as a failure and repeats it; no answer says why it was refused. */
export type WebhookStatus = 200 | 400 | 401 | 413

/** `run_id` of a page that no run has asked for. */
const noRun = 'webhook'

/**
 * Takes a webhook of Flinks (facts/flinks-native.md 10): the signature over the raw body first (base64 of
 * HMAC-SHA256; without a configured secret nothing is taken), then the replay table, then the content. A
 * GetAccountsDetail is kept like the answer of a poll, and ends the polling for its own request, not for another; data
 * that is older than what was landed, and other types, are only noted.
 * `Login.Id` is in the body that is landed, as it is in every answer of Flinks. The signature covers no
 * time, so an old delivery is known only by having been here before.
 * @throws FdxError `DISK_FULL`: nothing was kept, and Flinks will deliver again.
 */
export async function receiveWebhook(
  delivery: Delivery,
  tools: WebhookTools,
): Promise<WebhookStatus> {
  const { provider, state, world, log } = tools
  const refuse = (status: WebhookStatus, why: string): WebhookStatus => {
    log(`webhook of ${provider.name} refused: ${why}`)
    return status
  }
  const signature = provider.webhookHeaders
    .map((name) => delivery.headers.get(name))
    .find((value) => value !== null)
  if (!signature) return refuse(401, 'no signature')
  const body = await readBody(delivery.body)
  if (body === undefined) return refuse(413, 'too large')
  if (!isSigned(body, signature, provider.webhookSecrets)) return refuse(401, 'wrong signature')

  const { value } = checkBody(body)
  const type = textOf(memberOf(value, 'ResponseType'))
  const loginId = textOf(memberOf(memberOf(value, 'Login'), 'Id'))
  const requestId = textOf(memberOf(value, 'RequestId'))
  if (!type || !loginId || !requestId) return refuse(400, 'not a payload of Flinks')
  const parts = [provider.instance, loginId, requestId, type, hash('sha256', body)]
  const key = hash('sha256', JSON.stringify(parts))
  if (isKnownDelivery(state, key)) return refuse(401, 'delivered before')

  const connection = connectionOf(state, provider, loginId)
  const kept = type === 'GetAccountsDetail' && connection && !isEnded(connection)
  const outcome = kept ? await keepDetail(tools, connection, body, requestId) : 'not needed'
  rememberDelivery(state, key, world.now())
  const shown = /^\w{1,40}$/.test(type) ? type : 'another type'
  log(`webhook of ${provider.name}: ${shown}, ${outcome}`)
  return 200
}

async function readBody(body: AsyncIterable<Uint8Array>): Promise<Buffer | undefined> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of body) {
    bytes += part.length
    if (bytes > maxBodyBytes) return undefined
    parts.push(part)
  }
  return Buffer.concat(parts)
}

/** Compares in constant time, with every secret, so that neither tells how near a guess was. */
function isSigned(body: Buffer, signature: string, secrets: readonly string[]): boolean {
  const given = Buffer.from(signature.trim(), 'base64')
  let signed = false
  for (const secret of secrets) {
    const right = createHmac('sha256', secret).update(body).digest()
    if (given.length === right.length && timingSafeEqual(given, right)) signed = true
  }
  return signed
}

const textOf = (value: JsonValue | undefined): string | undefined => {
  const text = parsed(value)
  return typeof text === 'string' && text !== '' ? text : undefined
}

/** LoginIds come in either case. */
const connectionOf = (state: State, { name }: FlinksProvider, loginId: string) =>
  [loginId, loginId.toLowerCase()]
    .map((id) => findBySubject(state, name, hashedSubject(name, id)))
    .find((found) => found !== undefined)

/** Lands a detail; one that is older than what has been landed already would only undo it. */
async function keepDetail(
  { provider, state, land, world }: WebhookTools,
  connection: Connection,
  body: Buffer,
  requestId: string,
): Promise<'kept' | 'older than what is here'> {
  const found = getCheckpoint(state, connection.id, 'detail')
  const waits = found?.complete === 0 && found.cursor !== null
  const awaited = waits && found.cursor === requestId ? found : undefined
  const checked = checkBody(body)
  const { whole, held } = judgeKept(provider, 'detail', checked)
  if (!awaited && held !== null && refreshOf(held) < refreshOf(found?.good_until ?? ''))
    return 'older than what is here'
  const now = new Date(world.now()).toISOString()
  const checkpoint = flinksCheckpoint(
    {
      connection_id: connection.id,
      stream: 'detail',
      run_id: awaited?.run_id ?? noRun,
      pull_id: awaited?.pull_id ?? world.uuid(),
      updated_at: now,
    },
    { pages: 1, complete: 1, good_until: held },
  )
  const place = {
    entity: 'flinks.detail',
    pullId: checkpoint.pull_id,
    accountId: null,
    windowStart: null,
    windowEnd: null,
    sequence: 1,
    last: whole,
  } as const
  const answer = { status: 200, body, interactionId: null, requestedAt: now, fetchedAt: now }
  const runId = checkpoint.run_id
  const extraction = { connection, land, meter: newMeter(), runId, world, progress: () => {} }
  // A payload without accounts, or of another request than the one that is waited for, ends no waiting.
  const ends = whole && (awaited !== undefined || !waits)
  await landAnswer(extraction, place, answer, checked, ends ? [checkpoint] : [])
  return 'kept'
}
