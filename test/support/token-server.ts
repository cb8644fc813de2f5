import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * `strict`: a used token that comes back ends the grant (RFC 9700 section 4.14.2). `grace`: the newest
 * predecessor gets the same answer again. `none`: tokens never change.
 */
export type Rotation = 'strict' | 'grace' | 'none'

/** A token endpoint on a real socket. */
export interface TokenServer extends AsyncDisposable {
  readonly url: string
  readonly requests: URLSearchParams[]
  /** The refresh token that the server takes now; undefined when the grant is dead. */
  alive(): string | undefined
  /** Acts once in place of the ordinary answer to the next request. */
  trouble: Trouble | undefined
}

/** Gets the ordinary answer's members; `process()` makes the server rotate first. */
export type Trouble = (exchange: {
  request: IncomingMessage
  response: ServerResponse
  process: () => Record<string, unknown>
}) => void

/** Its tokens are `refresh-N-MARK` and `access-N-MARK`, N from 1. */
export async function startTokenServer(rotation: Rotation): Promise<TokenServer> {
  let current: string | undefined = 'refresh-1-MARK'
  let previous: string | undefined
  let count = 1
  const requests: URLSearchParams[] = []
  let lastAnswer: Record<string, unknown> = {}

  const refresh = (token: string | null): Record<string, unknown> | undefined => {
    if (current !== undefined && token === current) {
      count += 1
      if (rotation !== 'none') {
        previous = current
        current = `refresh-${count}-MARK`
      }
      lastAnswer = {
        access_token: `access-${count}-MARK`,
        token_type: 'Bearer',
        expires_in: 300,
        ...(rotation === 'none' ? {} : { refresh_token: current }),
      }
      return lastAnswer
    }
    if (rotation === 'grace' && token === previous) return lastAnswer
    if (rotation === 'strict') current = undefined
    return undefined
  }

  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (part) => {
      body += part
    })
    request.on('end', () => {
      const form = new URLSearchParams(body)
      requests.push(form)
      const { trouble } = handle
      handle.trouble = undefined
      const process = () => refresh(form.get('refresh_token')) ?? {}
      if (trouble) return trouble({ request, response, process })
      const answer = refresh(form.get('refresh_token'))
      response.writeHead(answer ? 200 : 400, { 'content-type': 'application/json' })
      response.end(JSON.stringify(answer ?? { error: 'invalid_grant' }))
    })
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const handle: TokenServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    alive: () => current,
    trouble: undefined,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
  return handle
}
