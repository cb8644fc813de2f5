/** A JSON number by its own digits. `JSON.stringify` writes the text as it is, so no amount becomes a double. */
export interface ExactNumber {
  readonly rawJSON: string
}

export type Json =
  | string
  | boolean
  | number
  | null
  | ExactNumber
  | readonly Json[]
  | { readonly [name: string]: Json | undefined }

export type JsonObject = { [name: string]: Json | undefined }

// The types of TypeScript do not know this part of ECMAScript yet (proposal-json-parse-with-source).
const { rawJSON, isRawJSON } = JSON as unknown as {
  rawJSON(text: string): ExactNumber
  isRawJSON(value: unknown): value is ExactNumber
}

/** The digits in `text` as a JSON number. Throws SyntaxError when they are no JSON number. */
export function exact(text: string): ExactNumber {
  return rawJSON(text)
}

/** Whether a value is a JSON number by its own digits. */
export const isExact: (value: unknown) => value is ExactNumber = isRawJSON

/** Whether a value is a JSON object: not null, no list, no exact number. */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isExact(value)
}

/** A copy in which every number is a string of its digits. */
export function numbersAsText(value: Json): Json {
  if (isExact(value)) return value.rawJSON
  if (typeof value === 'number') return String(value)
  if (Array.isArray(value)) return value.map(numbersAsText)
  if (isObject(value)) return mapMembers(value, (member) => numbersAsText(member))
  return value
}

/** A copy with each present member replaced. */
export function mapMembers(
  object: JsonObject,
  change: (value: Json, name: string) => Json,
): JsonObject {
  const copy: JsonObject = {}
  for (const [name, value] of Object.entries(object))
    if (value !== undefined) copy[name] = change(value, name)
  return copy
}
