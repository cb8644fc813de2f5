import type { Dispatcher } from 'undici'

/** An answer as it came: its body is still in its content codings. */
export interface Received {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

export interface Receive {
  readonly dispatcher: Dispatcher
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly target: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
  /** Ends the exchange after so many milliseconds, wherever it is. */
  readonly deadlineMs: number
  readonly signal: AbortSignal
  /** Largest body, as it comes, and the error for a larger one. */
  readonly maxBytes: number
  readonly tooLarge: () => Error
}

/**
 * Sends one request and gathers its answer. It speaks to undici’s dispatcher itself: the streams that `request`
 * and `fetch` put around a body cost more than all the rest of reading a page. Follows nothing, decodes nothing.
 * @throws `tooLarge`, a `TimeoutError`, the reason of `signal`, or what undici throws.
 */
export function receive(options: Receive): Promise<Received> {
  const { dispatcher, method, target, headers, body, signal } = options
  return new Promise((done, failed) => {
    let controller: Dispatcher.DispatchController | undefined
    let failure: unknown
    let status = 0
    let answered: Received['headers'] = {}
    let gathered = gather(undefined)

    const end = () => {
      clearTimeout(deadline)
      signal.removeEventListener('abort', onAbort)
    }
    const giveUp = (reason: Error) => {
      failure ??= reason
      end()
      controller?.abort(reason)
      failed(failure)
    }
    const onAbort = () => giveUp(signal.reason as Error)
    const deadline = setTimeout(
      () => giveUp(new DOMException('the deadline has passed', 'TimeoutError')),
      Math.max(1, Math.ceil(options.deadlineMs)),
    )
    if (signal.aborted) return onAbort()
    signal.addEventListener('abort', onAbort, { once: true })

    const sent: Dispatcher.DispatchOptions = {
      origin: target.origin,
      path: target.pathname + target.search,
      method,
      headers,
      body,
    }
    dispatcher.dispatch(sent, {
      onRequestStart(its) {
        controller = its
        // It gave up while the request waited for a socket.
        if (failure !== undefined) its.abort(failure as Error)
      },
      onResponseStart(_, code, fields) {
        // Answers of the 1xx class come before the one that counts.
        if (code < 200) return
        status = code
        answered = fields
        const length = Number(fields['content-length'])
        if (length > options.maxBytes) return giveUp(options.tooLarge())
        gathered = gather(length)
      },
      onResponseData(_, chunk) {
        if (gathered.add(chunk) > options.maxBytes) giveUp(options.tooLarge())
      },
      onResponseEnd() {
        end()
        done({ status, headers: answered, body: gathered.whole() })
      },
      onResponseError(_, error) {
        end()
        failed(error)
      },
    })
  })
}

/** Puts a body together: where its length is announced, in one buffer, so that every byte is copied once. */
function gather(length: number | undefined) {
  const buffer = length !== undefined && length > 0 ? Buffer.allocUnsafeSlow(length) : undefined
  const parts: Buffer[] = []
  let bytes = 0
  return {
    /** Returns how many bytes there are by now. */
    add(chunk: Buffer): number {
      if (buffer) buffer.set(chunk, bytes)
      else parts.push(chunk)
      bytes += chunk.length
      return bytes
    },
    whole: (): Buffer => buffer?.subarray(0, bytes) ?? Buffer.concat(parts, bytes),
  }
}
