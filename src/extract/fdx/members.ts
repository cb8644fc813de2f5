/** A member of a parsed JSON object; undefined where there is no object, or no such member of its own. */
export function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
  return (value as Record<string, unknown>)[name]
}

/** Booleans also arrive as text. */
export const isTrue = (value: unknown): boolean => value === true || value === 'true'

/** Ids are text, and integers at some providers (facts/fdx-standard.md 15); null for anything else. */
export function idText(value: unknown): string | null {
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && value !== '' ? value : null
}
