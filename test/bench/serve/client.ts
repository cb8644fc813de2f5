/**
 * A client in a process of its own: `client.ts KIND PORT USER SQL TIMES`. Prints the milliseconds of each time as JSON.
 * `raw` reads and throws away; `node-postgres` makes rows of it; `prepared` asks a named statement again and again.
 */
import pg from 'pg'

const [kind = '', port = '', user = '', sql = '', times = '1'] = process.argv.slice(2)
const client = new pg.Client({
  host: '127.0.0.1',
  port: Number(port),
  user,
  password: user,
  database: user === 'owner' ? 'warehouse' : 'postgres',
})
await client.connect()
const spent: number[] = []
for (let time = 0; time < Number(times); time++) {
  const start = performance.now()
  if (kind === 'raw') await raw()
  else if (kind === 'prepared')
    for (let index = 0; index < 1_000; index++)
      await client.query({ name: 'one', text: sql, values: [index] })
  else if (kind === 'node-postgres') await client.query({ text: sql, rowMode: 'array' })
  else if (kind === 'objects') await client.query(sql)
  spent.push(performance.now() - start)
}
process.stdout.write(`${JSON.stringify(spent)}\n`)
await client.end()

/** Takes node-postgres's socket for one simple query. */
function raw(): Promise<void> {
  const { stream } = (client as unknown as { connection: { stream: import('node:net').Socket } })
    .connection
  const listeners = stream.listeners('data') as ((chunk: Buffer) => void)[]
  stream.removeAllListeners('data')
  const text = Buffer.from(`${sql}\0`)
  const head = Buffer.alloc(5)
  head.write('Q')
  head.writeInt32BE(text.length + 4, 1)
  return new Promise((resolve, reject) => {
    let tail: Buffer = Buffer.alloc(0)
    const onData = (chunk: Buffer) => {
      tail = chunk.length >= 6 ? chunk.subarray(-6) : Buffer.concat([tail, chunk]).subarray(-6)
      // ReadyForQuery of an idle session ends it.
      if (!tail.equals(Buffer.from('Z\0\0\0\x05I'))) return
      stream.off('data', onData)
      for (const listener of listeners) stream.on('data', listener)
      if (chunk[0] === 69) reject(new Error(chunk.toString('latin1')))
      resolve()
    }
    stream.on('data', onData)
    stream.write(Buffer.concat([head, text]))
  })
}
