import type { Ends } from './scan.ts'

/**
 * Finds ends by starts in pairs of both, ordered by start. Whoever reads a list asks for one item after the
 * other, so the next pair is tried before all are searched.
 */
export function openEnds(pairs: Uint32Array): Ends {
  const count = pairs.length >> 1
  let next = 0
  return (start) => {
    if (next < count && pairs[2 * next] === start) return pairs[2 * next++ + 1]
    let low = 0
    let high = count - 1
    while (low <= high) {
      const middle = (low + high) >> 1
      const found = pairs[2 * middle] as number
      if (found === start) {
        next = middle + 1
        return pairs[2 * middle + 1]
      }
      if (found < start) low = middle + 1
      else high = middle - 1
    }
    return undefined
  }
}
