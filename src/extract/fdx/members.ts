/** A member of a parsed JSON object; undefined where there is no object, or no such member of its own. */
export function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
  return (value as Record<string, unknown>)[name]
}

/** Booleans also arrive as text. */
export const isTrue = (value: unknown): boolean => value === true || value === 'true'

/** FDX Identifiers have at most 256 characters (facts/fdx-standard.md 4); ids become parts of URLs and keys. */
const longestId = 1_024

/** Ids are text, and integers at some providers (facts/fdx-standard.md 15); null for anything else, and for very long ones. */
export function idText(value: unknown): string | null {
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && value !== '' && value.length <= longestId ? value : null
}
