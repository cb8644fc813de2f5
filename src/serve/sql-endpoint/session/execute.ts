import { PgError } from '../pg-error.ts'
import { type Statement, splitStatements } from '../sql-text.ts'
import { textBatch } from '../values/rows.ts'
import { fieldsOf } from '../wire/reader.ts'
import { workOf } from './classify.ts'
import { runCopy } from './copy.ts'
import { describeColumns, makePortal, portalOf, refuseWhenFailed } from './extended.ts'
import { asDataRows, close, send } from './portals.ts'
import type { Portal, Prepared, Session, Sink } from './state.ts'

/** What the audit keeps of a statement that ended. */
export interface Done {
  readonly rows: number
  readonly relations: readonly string[]
}

/** Runs one statement after another; an error ends the text (simple query). Calls `audited` around each. */
export async function simpleQuery(
  session: Session,
  sql: string,
  audited: (statement: Statement, run: () => Promise<Done>) => Promise<void>,
): Promise<void> {
  const statements = splitStatements(sql)
  if (statements.length === 0) session.writer.empty('I')
  for (const statement of statements)
    await audited(statement, () =>
      runStatement(session, {
        ...statement,
        declared: [],
        preparedAt: new Date(),
        work: workOf(statement),
      }),
    )
}

async function runStatement(session: Session, prepared: Prepared): Promise<Done> {
  refuseWhenFailed(session, prepared)
  const { writer } = session
  const { work } = prepared
  if (work.kind === 'copy') {
    writer.complete(await runCopy(session, work.copy, prepared))
    return { rows: 0, relations: [] }
  }
  const { columns, query } = await describeColumns(session, prepared)
  if (query === undefined) {
    if (work.kind !== 'local') return { rows: 0, relations: [] }
    if (columns !== null) writer.rowDescription(columns, [])
    writer.complete(await work.local.run(session, sinkOf(session, [])))
    return { rows: 0, relations: [] }
  }
  if (query.parameters.length > 0) throw new PgError('42P02', 'there is no parameter $1')
  writer.rowDescription(query.columns, [])
  const portal = makePortal(session, {
    name: '',
    statement: prepared,
    formats: query.columns.map(() => 0),
    values: [],
    query,
  })
  try {
    const { rows } = await send(session, portal, 0, asDataRows, putting(session))
    writer.complete(query.explain ? 'EXPLAIN' : `SELECT ${rows}`)
    return { rows, relations: query.relations }
  } finally {
    await close(session, '')
  }
}

/** Execute: portal, most rows. */
export async function executePortal(
  session: Session,
  body: Buffer,
  audited: (statement: Statement, run: () => Promise<Done>) => Promise<void>,
): Promise<void> {
  const fields = fieldsOf(body)
  const name = fields.text()
  const most = fields.int32()
  fields.end()
  const portal = portalOf(session, name)
  refuseWhenFailed(session, portal.statement)
  await audited(portal.statement, () => runPortal(session, portal, Math.max(0, most)))
}

async function runPortal(session: Session, portal: Portal, most: number): Promise<Done> {
  const { writer } = session
  const { work } = portal.statement
  if (work.kind === 'empty') writer.empty('I')
  if (work.kind === 'copy') writer.complete(await runCopy(session, work.copy, portal.statement))
  if (work.kind === 'local') {
    if (portal.state === 'done') throw new PgError('55000', `portal "${portal.name}" cannot be run`)
    portal.state = 'done'
    writer.complete(await work.local.run(session, sinkOf(session, portal.formats)))
  }
  if (portal.query === undefined) return { rows: 0, relations: [] }
  const { rows, more } = await send(session, portal, most, asDataRows, putting(session))
  if (more) writer.empty('s')
  else writer.complete(portal.query.explain ? 'EXPLAIN' : `SELECT ${rows}`)
  return { rows, relations: portal.query.relations }
}

const putting = (session: Session) => async (messages: Buffer) => {
  session.writer.raw(messages)
  await session.writer.drained(session.abandon())
}

function sinkOf(session: Session, formats: Sink['formats']): Sink {
  return {
    formats,
    rows: (rows) => {
      if (rows.length === 0) return
      const batch = textBatch(rows)
      session.writer.raw(batch.messages('D', 0, batch.rows))
    },
    raw: putting(session),
  }
}
