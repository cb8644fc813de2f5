import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Session, sameText } from './sessions.ts'

/** Nothing but our own files; no inline script or style, no eval, no frame, no foreign form target. */
export const securityHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  // Not `no-referrer`: with that, a browser sends `Origin: null` with our own forms.
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  'cache-control': 'no-store',
}

const loopbackNames = new Set(['127.0.0.1', 'localhost', '[::1]'])

/**
 * Whether the request was made for this server: by a name of this machine or the very address it came in at,
 * and our port; or by the public URL. Any other name may be a page elsewhere whose DNS answer was changed to
 * point here (DNS rebinding); an address cannot be.
 */
export function isOurHost(request: FastifyRequest, publicUrl: URL | undefined): boolean {
  const host = request.headers.host ?? ''
  if (publicUrl !== undefined && host === publicUrl.host) return true
  if (!URL.canParse(`${request.protocol}://${host}`)) return false
  const { hostname, port, protocol } = new URL(`${request.protocol}://${host}`)
  const { localAddress = '', localPort } = request.socket
  const isName = loopbackNames.has(hostname) || hostname.replace(/^\[|\]$/g, '') === localAddress
  return isName && Number(port || (protocol === 'https:' ? 443 : 80)) === localPort
}

/** The origin that the browser sees. */
export const originOf = (request: FastifyRequest, publicUrl: URL | undefined): string =>
  publicUrl !== undefined && request.headers.host === publicUrl.host
    ? publicUrl.origin
    : `${request.protocol}://${request.headers.host}`

/** Whether a page of our own sent it; browsers always say so on a POST (Fetch standard, Origin header). */
export function isOurPage(request: FastifyRequest, publicUrl: URL | undefined): boolean {
  const { origin } = request.headers
  if (origin !== undefined) return origin === originOf(request, publicUrl)
  return request.headers['sec-fetch-site'] === 'same-origin'
}

/** Whether a form, or a script's header, carries the session's token. */
export function carriesToken(request: FastifyRequest, session: Session): boolean {
  const header = request.headers['x-csrf-token']
  if (typeof header === 'string') return sameText(header, session.csrf)
  const { body } = request
  const field = typeof body === 'object' && body !== null && 'csrf' in body ? body.csrf : undefined
  return typeof field === 'string' && sameText(field, session.csrf)
}

export function addSecurityHeaders(request: FastifyRequest, reply: FastifyReply): void {
  reply.headers(securityHeaders)
  if (isSecure(request)) reply.header('strict-transport-security', 'max-age=31536000')
}

/** Whether the browser speaks TLS, with us or with the proxy in front of us. */
export const isSecure = ({ protocol }: FastifyRequest): boolean => protocol === 'https'
