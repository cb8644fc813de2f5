import { readFileSync } from 'node:fs'
import { openEnds } from './ends.ts'

/** What one walk over the bytes of a JSON text has found. */
export interface Scan {
  /** `deep`: nested deeper than `maxDepth`; the walk stopped there. */
  readonly verdict: 'json' | 'not_json' | 'deep'
  /** A number of 16 or more digits, or with an exponent: a double may not hold it. */
  readonly longNumber: boolean
  /** A `\u0000`, or half of a surrogate pair. */
  readonly strangeEscape: boolean
  /** Two members of one object may have the same name: one came twice, is spelt with an escape, or is one of hundreds. */
  readonly doubtfulName: boolean
  /** Line breaks between the tokens. */
  readonly lineBreaks: boolean
  /** End of each of the outermost containers, so that reading can leap over them. */
  readonly ends: Ends
}

/** Where the container that starts at an offset ends; undefined for one that was not noted. */
export type Ends = (start: number) => number | undefined

/** What `wasm/scan.ts` exports. */
interface Scanner {
  readonly memory: { readonly buffer: ArrayBuffer }
  room(length: number): number
  scan(length: number): number
  notedCount(): number
  notedAt(): number
}

/** As much of the JavaScript API of WebAssembly as is used here; `lib.dom`, which has its types, is not. */
declare const WebAssembly: {
  readonly Module: new (binary: Uint8Array) => object
  readonly Instance: new (module: object) => { readonly exports: unknown }
}

const binary = readFileSync(new URL('./wasm/scan.wasm', import.meta.url))
const scanner = new WebAssembly.Instance(new WebAssembly.Module(binary)).exports as Scanner

/**
 * Decides whether the bytes are one JSON text (RFC 8259), as `JSON.parse` would, and sees on the way what the
 * loader must know. Every page comes through here, and JavaScript looks at a byte in the time in which SIMD looks
 * at ten, so the walk itself is WebAssembly: `wasm/scan.ts`, which `npm run wasm` compiles. Whether the text of
 * strings is UTF-8 is not looked at.
 */
export function scan(bytes: Uint8Array): Scan {
  const at = scanner.room(bytes.length)
  new Uint8Array(scanner.memory.buffer, at, bytes.length).set(bytes)
  const found = scanner.scan(bytes.length)
  const pairs = new Uint32Array(
    scanner.memory.buffer,
    scanner.notedAt(),
    2 * scanner.notedCount(),
  ).slice()
  return {
    verdict: found & 1 ? 'not_json' : found & 2 ? 'deep' : 'json',
    longNumber: (found & 4) !== 0,
    strangeEscape: (found & 8) !== 0,
    doubtfulName: (found & 16) !== 0,
    lineBreaks: (found & 32) !== 0,
    ends: openEnds(pairs),
  }
}
