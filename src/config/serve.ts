import { z } from 'zod'
import {
  httpSchema,
  metricsSchema,
  partsSchema,
  scheduleSchema,
  webhooksSchema,
} from './serve-http.ts'

/** Who may see what: `analyst` the marts and masked records, `owner` everything. */
export const sqlRoles = ['analyst', 'owner'] as const
export type SqlRole = (typeof sqlRoles)[number]

const size = (about: string) =>
  z
    .string()
    .regex(/^[1-9]\d{0,5}(MB|GB)$/, 'expected a size such as 512MB or 4GB')
    .describe(about)

const limitsOf = (defaults: {
  readonly rows: number
  readonly memory: string
  readonly connections: number
}) =>
  z
    .strictObject({
      statementSeconds: z
        .number()
        .min(0.1)
        .max(86_400)
        .default(300)
        .describe('A statement that takes longer is cancelled (SQLSTATE 57014).'),
      rows: z
        .number()
        .int()
        .min(0)
        .default(defaults.rows)
        .describe(
          'A result with more rows ends in an error (53400), never silently; 0 for no limit.',
        ),
      valueMegabytes: z
        .number()
        .int()
        .min(1)
        .max(1_000)
        .default(64)
        .describe('A single value that is larger ends its query with an error (53400).'),
      connections: z
        .number()
        .int()
        .min(1)
        .max(10_000)
        .default(defaults.connections)
        .describe('Sessions of this role at once; one more is refused (53300).'),
      memory: size(
        'What all queries of this role may use together; beyond it they spill, then fail (53200).',
      ).default(defaults.memory),
    })
    .prefault({})

export const sqlSchema = z
  .strictObject({
    host: z
      .string()
      .min(1)
      .default('127.0.0.1')
      .describe('Address to listen on. Any other than this machine’s own needs `tls`.'),
    port: z
      .number()
      .int()
      .min(0)
      .max(65_535)
      .default(5433)
      .describe('TCP port; 0 takes a free one.'),
    tls: z
      .strictObject({
        certFile: z.string().min(1).describe('PEM file with the certificate and its chain.'),
        keyFile: z.string().min(1).describe('PEM file with its private key, mode 0600.'),
        required: z.boolean().default(true).describe('Refuse connections without TLS (28000).'),
      })
      .nullable()
      .default(null)
      .describe('Certificate of the server; null for none.'),
    connections: z
      .number()
      .int()
      .min(1)
      .max(10_000)
      .default(200)
      .describe('Connections at once, of all roles and those that have not logged in yet.'),
    handshakeSeconds: z
      .number()
      .min(1)
      .max(600)
      .default(30)
      .describe('A connection that has not logged in by then is closed.'),
    queueSeconds: z
      .number()
      .min(0)
      .max(3_600)
      .default(60)
      .describe(
        'How long a statement waits for its turn while others run; then it is refused (53300).',
      ),
    auditDays: z
      .number()
      .int()
      .min(1)
      .max(3_650)
      .default(90)
      .describe('How long the record of who asked what is kept.'),
    roles: z
      .strictObject({
        analyst: limitsOf({ rows: 1_000_000, memory: '2GB', connections: 100 }).describe(
          'Limits of users with role analyst.',
        ),
        owner: limitsOf({ rows: 0, memory: '4GB', connections: 100 }).describe(
          'Limits of users with role owner.',
        ),
      })
      .prefault({})
      .describe('Limits of each role.'),
  })
  .prefault({})

export const generationsSchema = z
  .strictObject({
    kept: z
      .number()
      .int()
      .min(1)
      .max(1_000)
      .default(3)
      .describe(
        'Published generations that stay, the current one included; more stay while somebody reads them.',
      ),
  })
  .prefault({})

/** Everything that serves: `pipelines/serve/serve.yaml`. */
export const serveSchema = z.strictObject({
  parts: partsSchema,
  http: httpSchema.describe('Console, callback, webhooks, metrics and health.'),
  schedule: scheduleSchema.describe('Pipelines that run by their own schedules.'),
  webhooks: webhooksSchema.describe('Deliveries of Flinks.'),
  metrics: metricsSchema.describe('/metrics, for Prometheus.'),
  generations: generationsSchema.describe(
    'What readers see: a copy of the warehouse for each load.',
  ),
  sql: sqlSchema.describe('The SQL endpoint: PostgreSQL’s wire protocol, read-only.'),
})

export type ServeSettings = z.output<typeof serveSchema>
export type SqlSettings = ServeSettings['sql']
export type RoleLimits = SqlSettings['roles']['analyst']
