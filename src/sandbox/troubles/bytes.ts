import type { Answer } from '../http.ts'
import type { About, Switchboard } from '../switchboard.ts'

/** An answer that is right, with its bytes spoilt as the rules say. */
export function troubledBytes(switches: Switchboard, about: About, answer: Answer): Answer {
  if (switches.strikes('dirty_json', about) !== undefined)
    return { ...answer, body: dirty(String(answer.body)) }
  if (switches.strikes('cut_body', about) !== undefined) return cut(answer)
  if (switches.strikes('drip', about) !== undefined) return drip(answer)
  return answer
}

/** JSON that parsers read in different ways, or not at all (RFC 8259 4, 8.1, 8.2). */
function dirty(text: string): string {
  const inside = [
    '"__proto__":{"polluted":true}',
    '"constructor":{"prototype":{"polluted":true}}',
    '"twice":1',
    '"twice":2',
    '"lone":"\\ud800"',
    '"nul":"a\\u0000b"',
  ].join(',')
  return `\ufeff{${inside},${text.slice(1)}`
}

function cut(answer: Answer): Answer {
  return {
    ...answer,
    send(response) {
      const body = Buffer.from(answer.body ?? '')
      response.writeHead(answer.status, { ...answer.headers, 'content-length': body.length })
      response.write(body.subarray(0, body.length >> 1), () => response.socket?.destroySoon())
    },
  }
}

function drip(answer: Answer): Answer {
  return {
    ...answer,
    send(response) {
      const body = Buffer.from(answer.body ?? '')
      let at = 0
      response.writeHead(answer.status, { ...answer.headers, 'content-length': body.length })
      const timer = setInterval(() => {
        if (at < body.length) response.write(body.subarray(at, ++at))
        else response.end()
      }, 100)
      response.on('close', () => clearInterval(timer))
    },
  }
}
