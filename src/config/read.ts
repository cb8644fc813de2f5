import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { parseDocument } from 'yaml'
import type { z } from 'zod'
import { FdxError } from '../errors.ts'
import { type Pipeline, pipelineSchema } from './pipeline.ts'
import { type Provider, providerSchema } from './provider.ts'
import { type ServeSettings, serveSchema } from './serve.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/**
 * Reads `FOLDER/providers/NAME.yaml`, puts `${VARIABLE}` and `${VARIABLE:-default}` in place and checks it.
 * @throws FdxError `CONFIG_INVALID` with every problem (file, path, what was expected), or
 *   `SECRET_MISSING` when all that is wrong is variables that are not set. Values are never repeated.
 */
export function readProvider(folder: string, name: string, env: Environment): Provider {
  const file = join(folder, 'providers', `${name}.yaml`)
  return { ...readChecked(file, name, providerSchema, env), name }
}

/** Reads `FOLDER/NAME.yaml`. Throws as `readProvider`. */
export function readPipeline(folder: string, name: string, env: Environment): Pipeline {
  return { ...readChecked(join(folder, `${name}.yaml`), name, pipelineSchema, env), name }
}

/** Reads `FOLDER/serve/serve.yaml`; without the file everything has its default. Throws as `readProvider`. */
export function readServe(folder: string, env: Environment): ServeSettings {
  const file = join(folder, 'serve', 'serve.yaml')
  return existsSync(file) ? readChecked(file, 'serve', serveSchema, env) : serveSchema.parse({})
}

/**
 * Names of the pipelines in `folder`, sorted.
 * @throws FdxError `CONFIG_INVALID` when there are none: whoever means to run them looks in the wrong place.
 */
export function listPipelines(folder: string): string[] {
  const names = listYaml(folder)
  if (names.length === 0)
    throw new FdxError(
      'CONFIG_INVALID',
      `there are no pipelines in ${shortPath(folder)}: set FDX_PIPELINES_DIR to the folder that has them`,
    )
  return names
}
/** Names of the provider files in `folder`, sorted. */
export const listProviders = (folder: string): string[] => listYaml(join(folder, 'providers'))

function listYaml(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.slice(0, -'.yaml'.length))
    .sort()
}

function readChecked<S extends z.ZodType>(
  file: string,
  name: string,
  schema: S,
  env: Environment,
): z.output<S> {
  const shown = shortPath(file)
  const folder = join(file, '..')
  if (!/^[a-z0-9][a-z0-9-]*$/.test(name) || !existsSync(file)) {
    const known = listYaml(folder).join(', ') || 'none'
    throw new FdxError(
      'CONFIG_INVALID',
      `${shown} does not exist. Files in ${shortPath(folder)}: ${known}`,
    )
  }
  const document = parseDocument(readFileSync(file, 'utf8'), { prettyErrors: false })
  if (document.errors.length > 0) {
    const lines = document.errors.map((error) => {
      const line = error.linePos?.[0].line ?? lineOf(readFileSync(file, 'utf8'), error.pos[0])
      return `${shown}: line ${line}: not valid YAML (${error.code.toLowerCase().replaceAll('_', ' ')})`
    })
    throw new FdxError('CONFIG_INVALID', lines.join('\n'))
  }
  const missing: string[] = []
  const resolved = interpolate(document.toJS(), env, [], missing)
  const checked = schema.safeParse(resolved, { reportInput: true })
  const problems = checked.success ? [] : checked.error.issues.flatMap(describeIssue)
  if (problems.length > 0) {
    const wrong = [...problems, ...missing].map((line) => `${shown}: ${line}`)
    throw new FdxError('CONFIG_INVALID', wrong.join('\n'))
  }
  if (missing.length > 0)
    throw new FdxError('SECRET_MISSING', missing.map((line) => `${shown}: ${line}`).join('\n'))
  return checked.data as z.output<S>
}

/** As a person in the current folder would name it. */
function shortPath(path: string): string {
  const short = relative(process.cwd(), path)
  return short.startsWith('..') ? path : short || '.'
}

const lineOf = (text: string, position: number) => text.slice(0, position).split('\n').length

/** After parsing, so that a secret with a `#` or a quote in it cannot change the document. */
function interpolate(
  value: unknown,
  env: Environment,
  path: readonly (string | number)[],
  missing: string[],
): unknown {
  if (typeof value === 'string')
    return value.replace(/\$\{([A-Z][A-Z0-9_]*)(?::-([^}]*))?\}/g, (all, name, fallback) => {
      const found = env[name]
      if (found !== undefined && found !== '') return found
      if (fallback !== undefined) return fallback
      missing.push(`${path.join('.')}: set the environment variable ${name}`)
      // Keeps URLs and required strings well formed, so that only the missing variable is reported.
      return all === value ? 'https://missing.invalid' : 'missing'
    })
  if (Array.isArray(value)) return value.map((v, i) => interpolate(v, env, [...path, i], missing))
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([k, v]) => [k, interpolate(v, env, [...path, k], missing)]),
    )
  return value
}

/** zod's messages name what was expected, and, unlike their `input`, never the value. */
function describeIssue(issue: z.core.$ZodIssue): string[] {
  const path = issue.path.join('.') || '(top level)'
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => `${[...issue.path, key].join('.')}: unknown setting; remove it`)
  if (issue.code === 'invalid_union' && issue.path.at(-1) === 'protocol')
    return [`${path}: expected "fdx" or "flinks"`]
  if (issue.code === 'invalid_type' && issue.input === undefined)
    return [`${path}: missing; expected ${issue.expected}`]
  return [`${path}: ${issue.message.replace(/^Invalid (input|option): /, '')}`]
}
