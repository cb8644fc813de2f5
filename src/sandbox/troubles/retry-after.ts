/** What a `Retry-After` header says: in 2 seconds, then as a date (RFC 9110 10.2.3), in no known form, in an hour. */
export function retryAfter(variant: string, now: number): string {
  switch (variant) {
    case 'date':
      return new Date(now + 2000).toUTCString()
    case 'garbage':
      return 'soon, perhaps'
    case 'long':
      return '3600'
    default:
      return '2'
  }
}

export const gatewayPage =
  '<!doctype html><html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>'
