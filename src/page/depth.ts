/** Deepest nesting that is read. Real pages have fewer than 12 levels. */
export const maxDepth = 64

const quote = 0x22
const backslash = 0x5c

/**
 * Whether JSON text nests lists and objects deeper than `maxDepth`. Looks at bytes only, so it is safe before
 * any parser (facts/reliability-security.md 6.4).
 */
export function tooDeep(bytes: Uint8Array): boolean {
  let depth = 0
  let inString = false
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]
    if (inString) {
      if (byte === backslash) i++
      else if (byte === quote) inString = false
    } else if (byte === quote) inString = true
    else if (byte === 0x5b || byte === 0x7b) {
      if (++depth > maxDepth) return true
    } else if (byte === 0x5d || byte === 0x7d) depth--
  }
  return false
}
