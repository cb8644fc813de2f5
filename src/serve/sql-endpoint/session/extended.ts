import { PgError } from '../pg-error.ts'
import { type Statement, splitStatements } from '../sql-text.ts'
import type { Column } from '../values/column.ts'
import type { Format } from '../values/encoders.ts'
import { textOfValue } from '../values/parameters.ts'
import { fieldsOf } from '../wire/reader.ts'
import { analyse } from './analyse.ts'
import { workOf } from './classify.ts'
import { close } from './portals.ts'
import type { Portal, Prepared, Query, Session } from './state.ts'

/** Statements that one session may keep by name. */
const mostStatements = 10_000

/** One statement of a text, ready to be described and run. */
export function prepare(sql: string, declared: readonly number[]): Prepared {
  const statements = splitStatements(sql)
  if (statements.length > 1)
    throw new PgError('42601', 'cannot insert multiple commands into a prepared statement')
  const [statement] = statements
  const preparedAt = new Date()
  if (statement === undefined)
    return { sql, words: [], declared, preparedAt, work: { kind: 'empty' } }
  return { ...statement, declared, preparedAt, work: workOf(statement) }
}

/** The columns of a statement (null for none), and how a query is run. */
export async function describeColumns(
  session: Session,
  prepared: Prepared,
): Promise<{ readonly columns: readonly Column[] | null; readonly query?: Query }> {
  const { work } = prepared
  if (work.kind === 'local')
    return { columns: work.local.columns ? await work.local.columns(session) : null }
  if (work.kind !== 'query') return { columns: null }
  const query = await analyse(session, work.sql, prepared.declared, work.explain?.prefix)
  return { columns: query.columns, query }
}

/** Parse: name, text, OIDs. Calls `refused` with each statement of a text that does not pass. */
export async function parse(
  session: Session,
  body: Buffer,
  refused: (statement: Statement, error: unknown) => void,
): Promise<void> {
  const fields = fieldsOf(body)
  const name = fields.text()
  const sql = fields.text()
  const declared = Array.from({ length: fields.int16() }, () => fields.int32() >>> 0)
  fields.end()
  try {
    session.statements.set(name, await checked(session, name, sql, declared))
  } catch (error) {
    for (const statement of splitStatements(sql)) refused(statement, error)
    throw error
  }
  session.writer.empty('1')
}

async function checked(
  session: Session,
  name: string,
  sql: string,
  declared: readonly number[],
): Promise<Prepared> {
  const prepared = prepare(sql, declared)
  refuseWhenFailed(session, prepared)
  if (name !== '' && session.statements.has(name))
    throw new PgError('42P05', `prepared statement "${name}" already exists`)
  if (session.statements.size >= mostStatements)
    throw new PgError('53400', `more than ${mostStatements} prepared statements in this session`, {
      hint: 'Close or DEALLOCATE those that are not needed.',
    })
  if (prepared.work.kind === 'query') await describeColumns(session, prepared)
  return prepared
}

/** Bind: portal, statement, formats of parameters, values, formats of results. */
export async function bindPortal(session: Session, body: Buffer): Promise<void> {
  const fields = fieldsOf(body)
  const portalName = fields.text()
  const statementName = fields.text()
  const prepared = statementOf(session, statementName)
  const formats = Array.from({ length: fields.int16() & 0xffff }, () => fields.int16())
  const count = fields.int16() & 0xffff
  const raw = Array.from({ length: count }, () => {
    const length = fields.int32()
    return length < 0 ? null : fields.bytes(length)
  })
  const resultFormats = Array.from({ length: fields.int16() & 0xffff }, () => fields.int16())
  fields.end()
  refuseWhenFailed(session, prepared)
  if (formats.length > 1 && formats.length !== count)
    throw new PgError(
      '08P01',
      `bind message has ${formats.length} parameter formats but ${count} parameters`,
    )
  const { columns, query } = await describeColumns(session, prepared)
  const wanted = query?.parameters.length ?? 0
  if (wanted !== count)
    throw new PgError(
      '08P01',
      `bind message supplies ${count} parameters, but prepared statement "${statementName}" requires ${wanted}`,
    )
  const width = columns?.length ?? 0
  if (resultFormats.length > 1 && resultFormats.length !== width)
    throw new PgError(
      '08P01',
      `bind message has ${resultFormats.length} result formats but query has ${width} columns`,
    )
  for (const format of resultFormats)
    if (format !== 0 && format !== 1)
      throw new PgError('22023', `unsupported format code: ${format}`)
  const values = raw.map((bytes, index) =>
    bytes === null
      ? null
      : textOfValue(
          bytes,
          formats[formats.length === 1 ? 0 : index] ?? 0,
          query?.parameters[index]?.oid ?? 0,
        ),
  )
  if (portalName !== '' && session.portals.has(portalName))
    throw new PgError('42P03', `portal "${portalName}" already exists`)
  await close(session, portalName)
  makePortal(session, {
    name: portalName,
    statement: prepared,
    formats: Array.from(
      { length: width },
      (_, index) => (resultFormats[resultFormats.length === 1 ? 0 : index] ?? 0) as Format,
    ),
    values,
    query,
  })
  session.writer.empty('2')
}

export function makePortal(
  session: Session,
  given: Pick<Portal, 'name' | 'statement' | 'formats' | 'values'> & {
    readonly query: Query | undefined
  },
): Portal {
  const portal: Portal = {
    ...given,
    hold: false,
    release: given.query?.engine.retain() ?? (() => {}),
    fresh: true,
    connection: undefined,
    ahead: undefined,
    batch: undefined,
    offset: 0,
    sent: 0,
    state: 'ready',
  }
  session.portals.set(portal.name, portal)
  return portal
}

/** Describe of a statement (`S`) or a portal (`P`). */
export async function describe(session: Session, body: Buffer): Promise<void> {
  const fields = fieldsOf(body)
  const [kind, name] = [String.fromCharCode(fields.bytes(1)[0] ?? 0), fields.text()]
  fields.end()
  const { writer } = session
  if (kind === 'S') {
    const prepared = statementOf(session, name)
    refuseWhenFailed(session, prepared)
    const { columns, query } = await describeColumns(session, prepared)
    writer.parameterDescription(query?.parameters.map(({ oid }) => oid) ?? [])
    if (columns === null) writer.empty('n')
    else writer.rowDescription(columns, [])
    return
  }
  if (kind !== 'P')
    throw new PgError('08P01', `invalid DESCRIBE message subtype ${kind.charCodeAt(0)}`)
  const portal = portalOf(session, name)
  refuseWhenFailed(session, portal.statement)
  const { work } = portal.statement
  const columns =
    portal.query?.columns ??
    (work.kind === 'local' && work.local.columns ? await work.local.columns(session) : null)
  if (columns === null) writer.empty('n')
  else writer.rowDescription(columns, portal.formats)
}

/** Close of a statement or a portal; one that is not there is no error. */
export async function closeNamed(session: Session, body: Buffer): Promise<void> {
  const fields = fieldsOf(body)
  const [kind, name] = [String.fromCharCode(fields.bytes(1)[0] ?? 0), fields.text()]
  fields.end()
  if (kind === 'S') session.statements.delete(name)
  else if (kind === 'P') await close(session, name)
  else throw new PgError('08P01', `invalid CLOSE message subtype ${kind.charCodeAt(0)}`)
  session.writer.empty('3')
}

export function statementOf(session: Session, name: string): Prepared {
  const prepared = session.statements.get(name)
  if (prepared === undefined)
    throw new PgError(
      '26000',
      name === ''
        ? 'unnamed prepared statement does not exist'
        : `prepared statement "${name}" does not exist`,
    )
  return prepared
}

export function portalOf(session: Session, name: string): Portal {
  const portal = session.portals.get(name)
  if (portal === undefined) throw new PgError('34000', `portal "${name}" does not exist`)
  return portal
}

/** After an error in a transaction only its end is heard. */
export function refuseWhenFailed(session: Session, { work }: Prepared): void {
  const allowed = work.kind === 'empty' || (work.kind === 'local' && work.local.always)
  if (session.status === 'E' && !allowed)
    throw new PgError(
      '25P02',
      'current transaction is aborted, commands ignored until end of transaction block',
    )
}
