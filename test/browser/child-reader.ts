import { type ChildProcess, fork } from 'node:child_process'
import { FdxError } from '../../src/errors.ts'
import type { Batch, Reader } from '../../src/serve/console/reader.ts'

/** Until the SQL endpoint is there: the generation in a child process, with no roles. */
export function childReader(generations: string): Reader & Disposable {
  let child: ChildProcess | undefined
  let last = 0
  const open = () => {
    child ??= fork(new URL('child-reader-process.ts', import.meta.url), [generations])
    child.setMaxListeners(100)
    return child
  }
  return {
    read: async function* (sql, values = [], { signal } = {}) {
      last += 1
      const id = last
      const process = open()
      const { promise, resolve, reject } = Promise.withResolvers<Batch>()
      const hear = (message: { id: number; batch?: Batch; error?: string; position?: number }) => {
        if (message.id !== id) return
        if (message.batch) resolve(message.batch)
        else
          reject(
            new FdxError('QUERY_FAILED', message.error ?? '', {
              facts: message.position ? { position: message.position } : {},
            }),
          )
      }
      process.on('message', hear)
      const stop = () => {
        process.send({ id, cancel: true })
        reject(new FdxError('STOPPED', 'the query was cancelled'))
      }
      signal?.addEventListener('abort', stop)
      process.send({ id, sql, values })
      try {
        yield await promise
      } finally {
        process.off('message', hear)
        signal?.removeEventListener('abort', stop)
      }
    },
    [Symbol.dispose]: () => void child?.kill(),
  }
}
