import { gzipSync } from 'node:zlib'
import type { Answer } from '../http.ts'

/** The bomb unpacks to so many MiB. */
const mebibytes = 256

/** A body that is small on the wire and huge when unpacked, or one that never ends. */
export function bomb(variant: string): Answer {
  if (variant === 'endless') return endless
  // A gzip body may have many members (RFC 1952 2.2); one is packed, so that the bomb costs its maker nothing.
  const member = gzipSync(Buffer.alloc(1_048_576, 0x20), { level: 9 })
  const packed = Buffer.concat(Array.from({ length: mebibytes }, () => member))
  const twice = variant === 'double_gzip'
  return {
    status: 200,
    headers: {
      'content-type': 'application/json',
      'content-encoding': twice ? 'gzip, gzip' : 'gzip',
    },
    body: twice ? gzipSync(packed, { level: 9 }) : packed,
  }
}

const endless: Answer = {
  status: 200,
  send(response) {
    response.writeHead(200, { 'content-type': 'application/json' })
    const chunk = Buffer.alloc(65_536, 0x20)
    const more = () => {
      while (!response.destroyed && response.write(chunk));
    }
    response.on('drain', more)
    more()
  },
}

/** A million opening brackets, and as many that close. */
export const deepJson: Answer = {
  status: 200,
  send(response) {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(`{"accounts":${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}}`)
  },
}
