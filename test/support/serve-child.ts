/** A child of test/unit/serve/child.test.ts: does what its parent's start message says. */
import type { FromChild, ToChild } from '../../src/serve/child.ts'

interface Orders {
  readonly fail?: string
  readonly eat?: boolean
  readonly hang?: boolean
}

const say = (message: FromChild<unknown>) => process.send?.(message)

process.on('disconnect', () => process.exit(0))
process.on('message', (message: ToChild) => {
  if ('start' in message) begin(message.start as Orders)
  else if (message.question === 'die') process.kill(process.pid, 'SIGKILL')
  else if (message.question === 'eat') eat()
  else say({ answer: message.id, value: message.question.toUpperCase() })
})

function begin({ fail }: Orders): void {
  if (fail !== undefined) say({ failed: { code: 'CONFIG_INVALID', message: fail } })
  else
    say({ ready: { pid: process.pid, env: Object.keys(process.env), argv: process.argv.slice(2) } })
}

function eat(): void {
  const eaten: Buffer[] = []
  for (;;) eaten.push(Buffer.alloc(16 * 1024 * 1024, 1))
}
