import { closeSync, openSync, writeSync } from 'node:fs'

/** A file of lines that grows page by page; what was written of a page can be taken back until it is kept. */
export interface Lines extends Disposable {
  text(text: string): void
  byte(byte: number): void
  copy(bytes: Buffer, start: number, end: number): void
  endLine(): void
  /** Everything so far stays. */
  keep(): void
  /** What came after the last `keep` goes. */
  takeBack(): void
  /** Bytes of the longest line. */
  readonly longest: () => number
  /** Bytes of all lines. */
  readonly size: () => number
}

const flushBytes = 1024 * 1024

/** Opens the file empty; disposing writes the rest and closes it. */
export function openLines(file: string): Lines {
  const handle = openSync(file, 'w', 0o600)
  let buffer = Buffer.allocUnsafe(2 * flushBytes)
  let used = 0
  let kept = 0
  let lineStart = 0
  let keptLineStart = 0
  let longest = 0
  let written = 0
  const reserve = (bytes: number) => {
    if (used + bytes <= buffer.length) return
    const larger = Buffer.allocUnsafe(Math.max(2 * buffer.length, used + bytes))
    buffer.copy(larger, 0, 0, used)
    buffer = larger
  }
  const flush = () => {
    for (let at = 0; at < kept; ) at += writeSync(handle, buffer, at, kept - at)
    written += kept
    buffer.copy(buffer, 0, kept, used)
    used -= kept
    lineStart -= kept
    keptLineStart -= kept
    kept = 0
  }
  return {
    text(text) {
      reserve(text.length * 3)
      used += buffer.write(text, used)
    },
    byte(byte) {
      reserve(1)
      buffer[used++] = byte
    },
    copy(bytes, start, end) {
      reserve(end - start)
      used += bytes.copy(buffer, used, start, end)
    },
    endLine() {
      this.byte(0x0a)
      longest = Math.max(longest, used - lineStart)
      lineStart = used
    },
    keep() {
      kept = used
      keptLineStart = lineStart
      if (kept >= flushBytes) flush()
    },
    takeBack() {
      used = kept
      lineStart = keptLineStart
    },
    longest: () => longest,
    size: () => written + kept,
    [Symbol.dispose]() {
      flush()
      closeSync(handle)
    },
  }
}
