import { maxDepth } from './depth.ts'

/** Watches the names of members for two that are the same inside one object. */
export interface Names {
  /** An object begins at this depth. */
  begin(depth: number): void
  /**
   * Where the name that starts at `start` ends, when it is the one that stood at this place in the object
   * before: then it needs no further look. Records of a list have the same names in the same order. Else 0.
   */
  expected(depth: number, start: number): number
  /** A name that was not expected. Both ends are those of its quotes, `end` behind the last. */
  add(depth: number, start: number, end: number): void
  anyTwice(): boolean
}

/** Objects with more names than this are compared by a set: every name with every other would take too long. */
const fewNames = 32

const quote = 0x22
const backslash = 0x5c

/** Watches the names in one text. */
export function openNames(bytes: Uint8Array): Names {
  /** Of the object that is open at each depth: where its names start, how many there are by now, … */
  const starts: number[][] = []
  const counts = new Int32Array(maxDepth + 1)
  /** … how many the object before it had, while all were the same; 0 when one was not. */
  const expectations = new Int32Array(maxDepth + 1)
  const sets: (Set<string> | undefined)[] = []
  let twice = false

  /** The name as JSON reads it: `\u0062` is `b`. */
  function textOf(start: number): string {
    let end = start + 1
    let isEscaped = false
    for (; bytes[end] !== quote; end++)
      if (bytes[end] === backslash) {
        isEscaped = true
        end++
      }
    const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end + 1 - start).toString()
    return isEscaped ? (JSON.parse(text) as string) : text.slice(1, -1)
  }

  function isSame(one: number, other: number): boolean {
    let i = 1
    for (; bytes[one + i] === bytes[other + i]; i++) {
      if (bytes[one + i] === backslash) return textOf(one) === textOf(other)
      if (bytes[one + i] === quote) return true
    }
    // Different bytes can spell one name.
    const differs = bytes[one + i] === backslash || bytes[other + i] === backslash
    return differs && textOf(one) === textOf(other)
  }

  return {
    begin(depth) {
      expectations[depth] = counts[depth] as number
      counts[depth] = 0
      sets[depth] = undefined
      starts[depth] ??= []
    },
    expected(depth, start) {
      const count = counts[depth] as number
      if (count >= (expectations[depth] as number)) return 0
      let before = (starts[depth] as number[])[count] as number
      let at = start
      for (;;) {
        const byte = bytes[++at]
        if (byte !== bytes[++before] || byte === backslash) return 0
        if (byte === quote) break
      }
      counts[depth] = count + 1
      return at + 1
    },
    add(depth, start) {
      expectations[depth] = 0
      const own = starts[depth] as number[]
      const count = counts[depth] as number
      own[count] = start
      counts[depth] = count + 1
      if (count < fewNames) {
        for (let i = 0; i < count; i++) if (isSame(own[i] as number, start)) twice = true
        return
      }
      const set = sets[depth] ?? new Set(own.slice(0, count).map(textOf))
      sets[depth] = set
      const size = set.size
      if (set.add(textOf(start)).size === size) twice = true
    },
    anyTwice: () => twice,
  }
}
