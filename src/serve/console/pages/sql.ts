import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { stringify } from 'csv-stringify/sync'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { FdxError } from '../../../errors.ts'
import { addAudit } from '../../../state/audit.ts'
import { csvSafe } from '../../csv.ts'
import { type Context, field, queryOf } from '../context.ts'
import { type Html, html } from '../html.ts'
import { csrfField, loaded } from '../layout.ts'
import { addPart } from '../part.ts'
import { query, type Reader, type ReadOptions, type Rows } from '../reader.ts'
import { objects, rowsTable } from '../rows-table.ts'
import { consoleSql, namedQueries } from '../sql-files.ts'
import { plural } from '../words.ts'

/** Rows that are shown; a CSV file has them all. */
const shownRows = 1_000
/** Longest time of a query of the box, and of a CSV file. Milliseconds. */
const queryMs = 120_000

export function addSql(context: Context): void {
  const { app, reader } = context

  app.get('/sql', (request, reply) => {
    const { analysis, check } = queryOf(request)
    const found =
      namedQueries('analyses').find(({ name }) => name === analysis) ??
      namedQueries('checks').find(({ name }) => name === check)
    return context.show(request, reply, {
      title: 'SQL',
      section: '/sql',
      scripts: ['chart.js', 'charts.js', 'sql.js'],
      body: box(request, found?.sql ?? firstQuery),
    })
  })

  app.post('/sql', async (request, reply) => {
    const sql = field(request, 'sql')
    const options = asked(context, request, reply, sql)
    try {
      const rows = await query(reader, sql, [], { ...options, maxRows: shownRows })
      if (rows.columns.length === 0) throw new FdxError('USAGE', 'there is no query in the box')
      return reply.send({ html: result(rows).text })
    } catch (error) {
      if (!(error instanceof FdxError)) throw error
      const { position } = error.facts
      return reply.code(error.code === 'STOPPED' ? 408 : 400).send({
        message: error.message + hint(error, sql, options.unmasked === true),
        ...(typeof position === 'number' && { position }),
      })
    }
  })

  app.post('/sql/csv', async (request, reply) => {
    const sql = field(request, 'sql')
    const batches = csv(reader, sql, asked(context, request, reply, sql))
    // The first batch shows whether the query is right, while there can still be an answer that says so.
    const first = await batches.next()
    const rest = async function* () {
      if (!first.done) yield first.value
      yield* batches
    }
    return attachment(reply).send(Readable.from(rest()))
  })

  addPart(context, '/parts/tables', 'Tables', async () =>
    tables(await query(reader, consoleSql('tables'), [], { unmasked: true, maxRows: 20_000 })),
  )
}

/** Which role asks, and that it ends when the browser goes away. Asking unmasked is put on record first. */
function asked(
  { state, world }: Context,
  request: FastifyRequest,
  reply: FastifyReply,
  sql: string,
): ReadOptions {
  if (sql.trim() === '') throw new FdxError('USAGE', 'there is no query in the box')
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  const unmasked = field(request, 'unmasked') === 'yes'
  if (unmasked)
    addAudit(state, 'unmasked_query', new Date(world.now()).toISOString(), '', {
      by: 'console',
      sha256: createHash('sha256').update(sql).digest('hex'),
    })
  return { unmasked, timeoutMs: queryMs, signal: gone.signal }
}

/** Of what is not masked, the masked view does not even say that it is there. */
const hint = ({ facts }: FdxError, sql: string, unmasked: boolean): string =>
  !unmasked && facts['sqlstate'] === '42P01' && /\b(fdx|flinks|history|ops)\s*\./i.test(sql)
    ? '. Tables outside of mart are there with “Everything, unmasked”.'
    : ''

const attachment = (reply: FastifyReply): FastifyReply =>
  reply
    .type('text/csv; charset=utf-8; header=present')
    .header('content-disposition', 'attachment; filename="fdx-query.csv"')

async function* csv(reader: Reader, sql: string, options: ReadOptions): AsyncGenerator<string> {
  let isFirst = true
  for await (const { columns, rows } of reader.read(sql, [], options)) {
    const head = isFirst ? [columns.map(({ name }) => name)] : []
    isFirst = false
    yield stringify([...head, ...csvSafe(columns, rows)])
  }
}

const firstQuery = `select provider, account_kind, currency, count(*) as accounts, sum(balance) as balance
from mart.accounts
group by all
order by all`

function box(request: FastifyRequest, sql: string): Html {
  const lines = Math.min(20, Math.max(8, sql.split('\n').length + 1))
  return html`<h1>SQL</h1>
<div class="workbench">
<aside class="shelf" aria-label="What can be asked">
<details open><summary>Analyses</summary><ul>${namedQueries('analyses').map(
    ({ name, about }) =>
      html`<li><a href="/sql?analysis=${name}" title="${about}">${name.replaceAll('_', ' ')}</a></li>`,
  )}</ul></details>
<details open><summary>Tables</summary>${loaded('/parts/tables', 'the tables')}</details>
</aside>
<div>
<form method="post" action="/sql/csv" id="query">
${csrfField(request.session?.csrf)}
<label for="sql">Query over what was published last; nothing can be changed</label>
<textarea id="sql" name="sql" rows="${lines}" spellcheck="false" autocapitalize="off" autocomplete="off" required>${sql}</textarea>
<p id="query-trouble" class="note bad" role="alert" hidden></p>
<div class="actions">
<button type="button" id="run" class="primary">Run <kbd>Ctrl ⏎</kbd></button>
<button type="button" id="cancel" disabled>Cancel</button>
<button>Download CSV</button>
<label class="check"><input type="checkbox" name="unmasked" value="yes"> Everything, unmasked <span class="quiet">(the audit log notes it)</span></label>
</div></form>
<section aria-label="Result" aria-live="polite" id="result"><p class="empty">The result is shown here, up to ${shownRows} rows.</p></section>
</div></div>`
}

function result(rows: Rows): Html {
  const { length } = rows.rows
  const said = rows.truncated
    ? `The first ${plural(length, 'row')}; the CSV file has them all.`
    : plural(length, 'row')
  return html`<p class="quiet" role="status">${said}</p>
<div class="tabs" role="group" aria-label="Shown as"><button type="button" data-show="table" aria-pressed="true">Table</button><button type="button" data-show="chart" aria-pressed="false">Chart</button></div>
<div data-as="table">${rowsTable('Result', rows)}</div>
<div data-as="chart" hidden><figure class="chart"><div class="options"></div><div class="canvas"><canvas role="img" aria-label="Result as a chart; the table has its numbers"></canvas></div></figure></div>`
}

/** Schemas, tables, columns: a click writes the name into the query. */
function tables(rows: Rows): Html {
  const schemas = new Map<string, Map<string, { name: string; type: string }[]>>()
  for (const one of objects(rows)) {
    const inSchema = schemas.get(one['table_schema'] ?? '') ?? new Map()
    schemas.set(one['table_schema'] ?? '', inSchema)
    const columns = inSchema.get(one['table_name']) ?? []
    inSchema.set(one['table_name'], columns)
    columns.push({ name: one['column_name'] ?? '', type: one['data_type'] ?? '' })
  }
  return html`${[...schemas].map(
    ([schema, names]) =>
      html`<details${schema === 'mart' && html` open`}><summary>${schema}${schema !== 'mart' && html` <span class="quiet">unmasked only</span>`}</summary>${[
        ...names,
      ].map(
        ([name, columns]) =>
          html`<details class="table"><summary>${name}</summary><ul>${columns.map(
            ({ name: column, type }) =>
              html`<li><button type="button" class="plain" data-insert="${column}">${column}</button> <span class="quiet">${type.toLowerCase()}</span></li>`,
          )}<li><button type="button" class="plain" data-query="from ${schema}.${name} limit 100">show 100 rows</button></li></ul></details>`,
      )}</details>`,
  )}`
}
