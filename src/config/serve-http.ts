import { isIP } from 'node:net'
import { z } from 'zod'
import { safeUrl } from './setting.ts'

const isRange = (text: string): boolean => {
  const [address = '', bits] = text.split('/')
  const version = isIP(address)
  if (version === 0) return false
  return (
    bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128))
  )
}

/** What `fdx serve` is made of. Health is always there. */
export const partNames = ['schedule', 'load', 'sql', 'console', 'webhooks', 'metrics'] as const
export type PartName = (typeof partNames)[number]

export const partsSchema = z
  .array(z.enum(partNames))
  .default([...partNames])
  .describe('What this process does; leave out what another one does, or nobody should.')

export const httpSchema = z
  .strictObject({
    host: z
      .string()
      .min(1)
      .default('127.0.0.1')
      .describe(
        'Address to listen on. Any other than this machine’s own needs `tls` or `trustedProxies`.',
      ),
    port: z
      .number()
      .int()
      .min(0)
      .max(65_535)
      .default(8914)
      .describe('TCP port of console, callback, webhooks, metrics and health; 0 takes a free one.'),
    tls: z
      .strictObject({
        certFile: z.string().min(1).describe('PEM file with the certificate and its chain.'),
        keyFile: z.string().min(1).describe('PEM file with its private key, mode 0600.'),
      })
      .nullable()
      .default(null)
      .describe('Certificate of the server; null where a proxy in front ends TLS.'),
    trustedProxies: z
      .array(z.string().refine(isRange, 'expected an IP address or range, such as 10.0.0.0/8'))
      .default([])
      .describe('Addresses of the proxy in front that ends TLS; nobody else is answered.'),
    publicUrl: safeUrl('How people reach it: https://fdx.example.com. Needed behind a proxy.')
      .nullable()
      .default(null),
  })
  .prefault({})

export const scheduleSchema = z
  .strictObject({
    atOnce: z
      .number()
      .int()
      .min(1)
      .max(64)
      .default(4)
      .describe('Pipelines that run at the same time.'),
  })
  .prefault({})

export const webhooksSchema = z
  .strictObject({
    atOnce: z
      .number()
      .int()
      .min(1)
      .max(256)
      .default(8)
      .describe(
        'Deliveries of 16 MiB that memory is kept for at the same time; what comes on top gets 503 and comes again.',
      ),
  })
  .prefault({})

export const metricsSchema = z
  .strictObject({
    token: z
      .string()
      .min(16)
      .nullable()
      .default(null)
      .describe(
        'Bearer token of /metrics; always from the environment. Needed where others than this machine can connect.',
      ),
  })
  .prefault({})

export type HttpSettings = z.output<typeof httpSchema>
