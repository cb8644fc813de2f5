import { z } from 'zod'
import { cronProblem } from './cron.ts'
import { fdxResources, flinksResources } from './provider.ts'

/** Whom to ask, for what, and when. */
export const pipelineSchema = z.strictObject({
  provider: z.string().min(1).describe('Name of a file in pipelines/providers/, without .yaml.'),
  resources: z
    .array(z.enum(fdxResources))
    .min(1)
    .default(['customers', 'accounts', 'transactions'])
    .describe(
      'FDX: what to extract. contact and payment-networks name people and full account numbers.',
    ),
  statementFiles: z
    .boolean()
    .default(false)
    .describe('FDX, with resource statements: also fetch the files (PDF).'),
  flinks: z
    .array(z.enum(flinksResources))
    .min(1)
    .default(['detail'])
    .describe('Flinks native: what to extract. detail has the accounts with their transactions.'),
  schedule: z
    .string()
    .check(({ value, issues }) => {
      const message = cronProblem(value)
      if (message !== undefined) issues.push({ code: 'custom', input: value, message })
    })
    .optional()
    .describe(
      'When `fdx serve` runs it: five cron fields, read in `timeZone`. Left out: only when asked to.',
    ),
  timeZone: z
    .string()
    .refine((zone) => Intl.supportedValuesOf('timeZone').includes(zone) || zone === 'UTC', {
      message: 'expected an IANA time zone, such as America/Toronto',
    })
    .default('UTC')
    .describe('IANA time zone of `schedule`.'),
  jitterMinutes: z
    .number()
    .int()
    .min(0)
    .max(720)
    .default(5)
    .describe(
      'Start up to so many minutes late, always the same many, so that providers do not meet everybody at once; at most a quarter of the time to the next run.',
    ),
  historyDays: z
    .number()
    .int()
    .min(1)
    .max(3_650)
    .optional()
    .describe('First pull of transactions; default: the provider file’s.'),
  lookbackDays: z
    .number()
    .int()
    .min(0)
    .max(730)
    .default(30)
    .describe('Later pulls start so many days before the last good one: entries still change.'),
  keepOutcomesDays: z
    .number()
    .int()
    .min(1)
    .max(3_650)
    .default(30)
    .describe(
      'How long it is kept how each connection fared in each run; its last outcome is always kept.',
    ),
  keepRunsDays: z
    .number()
    .int()
    .min(1)
    .max(3_650)
    .default(400)
    .describe('How long runs are kept with their totals.'),
})

export type Pipeline = z.output<typeof pipelineSchema> & { readonly name: string }
