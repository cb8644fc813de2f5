import type { Dispatcher } from 'undici'

/** An answer as it came: its body is still in its content codings. */
export interface Received {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

/** An answer, as far as it came, and why it ended, if it did not end well. */
export interface Torn extends Received {
  readonly failure?: NonNullable<unknown>
}

export interface Receive {
  readonly dispatcher: Dispatcher
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly target: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
  /** Ends the exchange after so many milliseconds, wherever it is. */
  readonly deadlineMs: number
  readonly signal?: AbortSignal | undefined
  /** Largest body, as it comes, and the error for a larger one. */
  readonly maxBytes: number
  readonly tooLarge: () => Error
}

/**
 * Sends one request and gathers its answer. It speaks to undici’s dispatcher itself: the streams that `request`
 * and `fetch` put around a body cost more than all the rest of reading a page. Follows nothing, decodes nothing.
 * @throws `tooLarge`, a `TimeoutError`, the reason of `signal`, or what undici throws.
 */
export async function receive(options: Receive): Promise<Received> {
  const received = await receiveTorn(options)
  if (received.failure !== undefined) throw received.failure
  return received
}

/**
 * The same for an answer of which every part may matter: throws nothing, and says what came and why it ended, if it
 * did not end well. Of one that has not begun the status is 0.
 */
export function receiveTorn(options: Receive): Promise<Torn> {
  const { dispatcher, method, target, headers, body, signal } = options
  return new Promise((done) => {
    let controller: Dispatcher.DispatchController | undefined
    let failure: Error | undefined
    let status = 0
    let answered: Received['headers'] = {}
    let gathered = gather(undefined)

    const end = (reason?: Error) => {
      clearTimeout(deadline)
      signal?.removeEventListener('abort', onAbort)
      failure ??= reason
      const received = { status, headers: answered, body: gathered.whole() }
      done(failure === undefined ? received : { ...received, failure })
    }
    const giveUp = (reason: Error) => {
      end(reason)
      controller?.abort(reason)
    }
    const onAbort = () => giveUp(signal?.reason as Error)
    const deadline = setTimeout(
      () => giveUp(new DOMException('the deadline has passed', 'TimeoutError')),
      Math.max(1, Math.ceil(options.deadlineMs)),
    )
    if (signal?.aborted) return onAbort()
    signal?.addEventListener('abort', onAbort, { once: true })

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
        if (failure !== undefined) its.abort(failure)
      },
      onResponseStart(_, code, fields) {
        // Answers of the 1xx class come before the one that counts.
        if (code < 200) return
        status = code
        answered = fields
        const length = Number(fields['content-length'])
        // Whatever is announced, of a body that is too large the beginning is kept.
        gathered = gather(length > options.maxBytes ? undefined : length)
      },
      onResponseData(_, chunk) {
        if (gathered.add(chunk) > options.maxBytes) giveUp(options.tooLarge())
      },
      onResponseEnd: () => end(),
      onResponseError: (_, error) => end(error),
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
