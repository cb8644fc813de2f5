import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { Json } from './json.ts'

/** One request, read whole. */
export interface Call {
  readonly method: string
  readonly url: URL
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** What is sent back. `send` takes the response over, for answers that no honest server gives. */
export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
  readonly send?: (response: ServerResponse) => void
}

/** Request bodies here are small; more than this is refused by closing the connection. Bytes. */
const largestBody = 1_048_576

/** Reads a request. Throws RangeError when its body is larger than one MiB. */
export async function readCall(request: IncomingMessage, origin: string): Promise<Call> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > largestBody) throw new RangeError('The request body is larger than one MiB.')
    chunks.push(chunk)
  }
  return {
    method: request.method ?? 'GET',
    url: new URL(request.url ?? '/', origin),
    headers: request.headers,
    body: Buffer.concat(chunks).toString('utf8'),
  }
}

/** Writes an answer, or lets it write itself. */
export function sendAnswer(response: ServerResponse, answer: Answer): void {
  if (answer.send) {
    answer.send(response)
    return
  }
  const body = Buffer.from(answer.body ?? '')
  response.writeHead(answer.status, { 'content-length': String(body.length), ...answer.headers })
  response.end(body)
}

/** An answer with a JSON body. */
export function json(status: number, body: Json, headers: Record<string, string> = {}): Answer {
  return jsonText(status, JSON.stringify(body), headers)
}

/** An answer whose body is JSON text already. */
export function jsonText(
  status: number,
  body: string,
  headers: Record<string, string> = {},
): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
    body,
  }
}

/** An answer with a page. */
export function html(status: number, body: string): Answer {
  return { status, headers: { 'content-type': 'text/html; charset=utf-8' }, body }
}

/** A 302 to an address. */
export function redirect(location: string): Answer {
  return { status: 302, headers: { location } }
}

/** The value of a header that is sent once. */
export function header(call: Call, name: string): string | undefined {
  const value = call.headers[name]
  return Array.isArray(value) ? value[0] : value
}

/** The same server under another host name: another origin to a client, and one that sees what it is sent. */
export function otherOrigin(origin: string, path: string): string {
  const url = new URL(path, origin)
  url.hostname = url.hostname === 'localhost' ? '127.0.0.1' : 'localhost'
  return url.href
}

/** The token of `Authorization: Bearer …` (RFC 6750 2.1). */
export function bearer(call: Call): string | undefined {
  return /^Bearer +(\S+)$/i.exec(header(call, 'authorization') ?? '')?.[1]
}

/** Text that is safe inside an element or a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
}
