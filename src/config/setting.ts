import { z } from 'zod'

/** Plain http is for this machine only; elsewhere a token would travel in the clear. */
const loopbackHosts = new Set(['127.0.0.1', 'localhost', '[::1]'])

function isSafeUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const url = new URL(text)
  if (url.username !== '' || url.password !== '' || url.hash !== '') return false
  return url.protocol === 'https:' || (url.protocol === 'http:' && loopbackHosts.has(url.hostname))
}

export const safeUrl = (about: string) =>
  z
    .string()
    .refine(
      isSafeUrl,
      'expected an https:// URL (http:// for this machine only), without user info',
    )
    .describe(about)

export const seconds = (about: string) => z.number().int().min(0).max(86_400).describe(about)
