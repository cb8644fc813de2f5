/** A token endpoint in a process of its own that rotates any refresh token, and remembers nothing. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

let count = 0
const server = createServer((request, response) => {
  request.resume().on('end', () => {
    count += 1
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(
      JSON.stringify({
        access_token: `access-${count}-${'a'.repeat(800)}`,
        refresh_token: `refresh-${count}`,
        token_type: 'Bearer',
        expires_in: 3600,
      }),
    )
  })
})
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`)
})
process.stdin.resume().on('end', () => process.exit(0)) // ends with its parent
