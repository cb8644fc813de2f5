import { createHmac } from 'node:crypto'
import { fetch } from 'undici'
import { sandboxCredentials } from './credentials.ts'

/** Flinks' signature: base64 HMAC-SHA256 of the raw body, UTF-8 key (flinks-native 10). */
export function webhookSignature(
  body: string,
  secret: string = sandboxCredentials.webhookSecret,
): string {
  return createHmac('sha256', secret).update(body, 'utf8').digest('base64')
}

/** Sends one webhook. Resolves with the receiver's status; rejects when nobody listens there. */
export async function sendWebhook(
  url: string,
  body: string,
  signature: string = webhookSignature(body),
): Promise<number> {
  const response = await fetch(url, {
    method: 'POST',
    body,
    redirect: 'manual',
    headers: { 'content-type': 'application/json', 'flinks-authenticity-key': signature },
  })
  await response.arrayBuffer()
  return response.status
}
