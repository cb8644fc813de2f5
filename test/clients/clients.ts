import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/** A client, its program, and which rows of the table of BI clients its checks are of. */
export interface Client {
  readonly name: string
  /** What has to be installed; where it is not, the client is skipped by name. */
  readonly needs: () => boolean
  readonly command: readonly string[]
  /** Its outcomes must equal PostgreSQL's, but for those of `expected`. */
  readonly compared: boolean
  /** In CI, and in `--quick`. */
  readonly quick: boolean
  /** What the prefix of a check stands for. */
  readonly rows: Readonly<Record<string, string>>
}

const program = (name: string) => {
  try {
    execFileSync('which', [name], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
const python = '/usr/bin/python3'
const pythonHas = (module: string) => {
  try {
    execFileSync(python, ['-c', `import ${module}`], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
const jar = '/usr/share/java/postgresql.jar'
const file = (name: string) => `test/clients/${name}`

export const clients: readonly Client[] = [
  {
    name: 'psql',
    needs: () => program('psql'),
    command: [process.execPath, file('psql/psql.ts')],
    compared: false,
    quick: true,
    rows: {
      connect: 'psql: sslmode disable, require, verify-full; wrong password; unknown database',
      meta: 'psql: every \\ command that describes',
      show: 'psql: keys, indexes, comments shown',
      copy: 'psql: \\copy, FETCH_COUNT, \\gdesc, Ctrl-C',
    },
  },
  {
    name: 'node-postgres',
    needs: () => true,
    command: [process.execPath, file('node-postgres/node-postgres.ts')],
    compared: true,
    quick: true,
    rows: { queries: 'node-postgres, Evidence: cursor, stream, named, pool, errors' },
  },
  {
    name: 'pgjdbc',
    needs: () => existsSync(jar) && program('java'),
    command: ['java', '-XX:TieredStopAtLevel=1', '-cp', jar, file('pgjdbc/PgJdbc.java')],
    compared: true,
    quick: true,
    rows: {
      metadata: 'pgjdbc: DatabaseMetaData',
      values: 'pgjdbc: prepared, binary, every type, parameters',
      streams: 'pgjdbc: fetch size, max rows, timeout, cancel',
      transactions: 'pgjdbc: transactions, savepoints, modes, escapes, schema',
      writes: 'pgjdbc: writes are refused with 25006',
    },
  },
  {
    name: 'psycopg2',
    needs: () => pythonHas('psycopg2'),
    command: [python, file('psycopg2/psycopg2_checks.py')],
    compared: true,
    quick: true,
    rows: { python: 'Jupyter: psycopg2: text, named cursors, COPY, arrays' },
  },
  {
    name: 'SQLAlchemy 1.4',
    needs: () => pythonHas('sqlalchemy'),
    command: [python, file('sqlalchemy/reflection.py')],
    compared: true,
    quick: false,
    rows: { reflection: 'Superset: SQLAlchemy reflection, time grains, streaming, EXPLAIN' },
  },
  {
    name: 'psqlODBC',
    needs: () => pythonHas('pyodbc') && existsSync('/usr/lib/x86_64-linux-gnu/odbc/psqlodbcw.so'),
    command: [python, file('psqlodbc/odbc.py')],
    compared: true,
    quick: false,
    rows: {
      excel: 'Excel: psqlODBC catalogue functions in five driver modes; long and Unicode texts',
      tableau: 'Tableau: cursors with and without UseDeclareFetch, over psqlODBC',
    },
  },
  {
    name: 'R DBI',
    needs: () => program('Rscript'),
    command: ['Rscript', file('r-dbi/dbi.R')],
    compared: true,
    quick: false,
    rows: { r: 'R DBI: listTables, listFields, readTable' },
  },
  {
    name: 'crowd',
    needs: () => true,
    command: [process.execPath, file('crowd/crowd.ts')],
    compared: false,
    quick: true,
    rows: {
      publishing: 'any: 60 publishes while 5 clients read, in transactions and open cursors',
      hundred: 'any: 100 clients at once',
      killed: 'any: the SQL process is killed in mid-query',
    },
  },
  {
    name: 'replays',
    needs: () => true,
    command: [process.execPath, file('replay/replay.ts')],
    compared: false,
    quick: true,
    rows: {
      metabase: 'Metabase (replayed)',
      superset: 'Superset (replayed)',
      tableau: 'Tableau (replayed)',
      powerbi: 'Power BI, Excel: Npgsql (replayed)',
      grafana: 'Grafana (replayed)',
      dbeaver: 'DBeaver (replayed)',
      pgadmin: 'pgAdmin, pgcli (replayed)',
      looker: 'Looker, Qlik, Devart (replayed)',
      python: 'Jupyter: psycopg 3, asyncpg, pg8000 (replayed)',
      go: 'Go pgx, lib/pq (replayed)',
      base: 'LibreOffice Base (replayed)',
    },
  },
]
