/** Decimal digits of whole numbers, without making strings. */

const billion = 1_000_000_000

/** How many digits a whole number from 0 to 2^53 has. */
export function countDigits(n: number): number {
  if (n >= billion) return 9 + countDigits(Math.floor(n / billion))
  if (n < 10_000) return n < 100 ? (n < 10 ? 1 : 2) : n < 1_000 ? 3 : 4
  if (n < 1_000_000) return n < 100_000 ? 5 : 6
  return n < 10_000_000 ? 7 : n < 100_000_000 ? 8 : 9
}

/** Writes a whole number from 0 to 2^31 so that it ends before `end`. */
function writeSmall(out: Uint8Array, end: number, n: number): number {
  let at = end
  let left = n | 0
  while (left >= 10) {
    const tenth = (left / 10) | 0
    out[--at] = 48 + left - tenth * 10
    left = tenth
  }
  out[--at] = 48 + left
  return at
}

/** Writes a whole number from 0 to 2^53, padded with zeros to `digits`, so that it ends before `end`. */
export function writeDigits(out: Uint8Array, end: number, n: number, digits: number): void {
  let at: number
  if (n < billion) at = writeSmall(out, end, n)
  else {
    const high = Math.floor(n / billion)
    const low = writeSmall(out, end, n - high * billion)
    for (at = low; at > end - 9; ) out[--at] = 48
    at = writeSmall(out, at, high)
  }
  for (const start = end - digits; at > start; ) out[--at] = 48
}

/**
 * Writes a decimal: `n` of `digits` digits (at least scale + 1), the last `scale` of them behind the point. It ends
 * before `end` and takes `digits` + 1 bytes.
 */
export function writeScaled(
  out: Uint8Array,
  end: number,
  n: number,
  digits: number,
  scale: number,
): void {
  let at = end
  let left = n
  let high = 0
  if (n >= billion) {
    high = Math.floor(n / billion)
    left = n - high * billion
  }
  left |= 0
  for (let digit = 0; digit < digits; digit++) {
    if (digit === scale) out[--at] = 46
    if (digit === 9) left = high | 0
    const tenth = (left / 10) | 0
    out[--at] = 48 + left - tenth * 10
    left = tenth
  }
}

/** Writes text that is all ASCII. */
export function writeAscii(out: Uint8Array, at: number, text: string): void {
  for (let index = 0; index < text.length; index++) out[at + index] = text.charCodeAt(index)
}

/** A decimal as text, from its unscaled value, whatever its size. */
export function decimalText(unscaled: bigint, scale: number): string {
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0')
  const whole = digits.slice(0, digits.length - scale)
  const sign = unscaled < 0n ? '-' : ''
  return scale === 0 ? sign + whole : `${sign}${whole}.${digits.slice(digits.length - scale)}`
}
