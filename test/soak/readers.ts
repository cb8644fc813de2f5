import pg from 'pg'

export interface Address {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
  readonly password: string
}

export interface Readers {
  readonly queries: () => number
  readonly errors: readonly string[]
  stop(): Promise<void>
}

const statements = [
  'select count(*) from mart.transactions',
  'select provider, account_kind, count(*), sum(balance) from mart.accounts group by 1, 2 order by 1, 2',
  'select * from mart.net_worth_daily order by day desc limit 50',
  'select * from mart.freshness',
  'select * from mart.transactions order by posted_at desc nulls last limit 500',
  `select table_schema, table_name from information_schema.tables order by 1, 2`,
  'select status, count(*) from ops.run_connections group by 1',
]

const pause = (ms: number) => new Promise((soon) => setTimeout(soon, ms))

/**
 * Three clients that read all the time: one with a session that stays, one that connects for each statement, and one
 * whose transactions must see one and the same load from their first statement to their last.
 */
export function startReaders(address: Address): Readers {
  const errors: string[] = []
  let queries = 0
  let isOver = false
  const note = (who: string) => (error: unknown) => {
    const text = `${who}: ${error instanceof Error ? error.message : String(error)}`
    errors.push(text)
    process.stderr.write(`${new Date().toISOString()} ${text}\n`)
  }
  const ask = async (client: pg.Client, sql: string) => {
    queries += 1
    return client.query(sql)
  }
  const connected = async (who: string) => {
    const client = new pg.Client(address)
    client.on('error', note(who)) // a connection that the other side ends
    await client.connect()
    return client
  }
  const nextStatement = (turn: number) => statements[turn % statements.length] ?? ''

  async function staying(): Promise<void> {
    const client = await connected('staying')
    for (let turn = 0; !isOver; turn++) {
      await ask(client, nextStatement(turn)).catch(note('staying'))
      await pause(400)
    }
    await client.end()
  }

  async function coming(): Promise<void> {
    for (let turn = 0; !isOver; turn++) {
      try {
        const client = await connected('coming')
        await ask(client, nextStatement(turn))
        await client.end()
      } catch (error) {
        note('coming')(error)
      }
      await pause(700)
    }
  }

  async function consistent(): Promise<void> {
    const client = await connected('consistent')
    const counts = `select (select count(*) from mart.transactions) as t, (select count(*) from ops.pages) as p,
      (select max(last_seen_at) from fdx.transactions) as m`
    while (!isOver) {
      try {
        await ask(client, 'begin')
        const first = JSON.stringify((await ask(client, counts)).rows)
        await pause(5_000)
        const second = JSON.stringify((await ask(client, counts)).rows)
        await ask(client, 'commit')
        if (first !== second)
          errors.push(`consistent: ${first} became ${second} in one transaction`)
      } catch (error) {
        note('consistent')(error)
        await client.query('rollback').catch(note('consistent'))
      }
    }
    await client.end()
  }

  const all = [staying(), coming(), consistent()].map((one) => one.catch(note('reader')))
  return {
    queries: () => queries,
    errors,
    stop: async () => {
      isOver = true
      await Promise.all(all)
    },
  }
}
