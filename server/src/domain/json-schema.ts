// JSON Schemas that users bring, for the parameters of their events. They come from outside, so
// patterns run on a linear-time engine, nothing is fetched, and what is misspelt is refused.
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js'
import ajvFormats from 'ajv-formats'
import { RE2JS } from 're2js'
import { didYouMean } from './nearest.ts'

export type ParamsProblem = { pointer: string; detail: string }

/** What is wrong with parameters, each with a JSON Pointer into them; empty when nothing is. */
export type ParamsCheck = (params: unknown) => ParamsProblem[]

const maxBytes = 64 * 1024
const maxDepth = 32
const maxProblems = 20

/**
 * Compiles a JSON Schema (2020-12). Takes milliseconds: keep the result.
 *
 * @throws Error saying what is wrong with the schema.
 */
export function compileParams(schema: Record<string, unknown> | null): ParamsCheck {
  if (schema === null) return () => []
  const problem = sizeProblem(schema)
  if (problem) throw new Error(problem)
  const validate = createAjv().compile(schema)
  return (params) => (validate(params) ? [] : describe(validate.errors ?? []))
}

/** What is wrong with a schema, in one sentence; null when it can be used. */
export function schemaProblem(schema: Record<string, unknown>): string | null {
  try {
    compileParams(schema)
    return null
  } catch (error) {
    return (error as Error).message
  }
}

function createAjv(): Ajv2020 {
  // One for each schema: an `$id` in one must not be seen, nor clash, in another.
  const ajv = new Ajv2020({
    strict: true,
    strictRequired: false,
    strictTypes: false,
    strictTuples: false,
    allErrors: false, // a failing check ends at the first error, so its cost is bounded
    validateFormats: true,
    verbose: true,
    logger: false,
    code: { regExp: linearRegExp },
  })
  // The package is CommonJS: its function is the `default` of what is imported.
  ajvFormats.default(ajv, { mode: 'fast', keywords: false })
  return ajv
}

/** Ajv's engine for `pattern`. It keys its cache by toString(): without one all patterns were one. */
const linearRegExp = Object.assign(
  (pattern: string, _flags: string) => {
    const compiled = RE2JS.compile(pattern)
    return {
      test: (text: string) => compiled.matcher(text).find(),
      toString: () => pattern,
    }
  },
  { code: 'linearRegExp' },
)

function sizeProblem(schema: unknown): string | null {
  if (JSON.stringify(schema).length > maxBytes) return 'The schema is larger than 64 kB.'
  return remoteOrDeep(schema, 0)
}

function remoteOrDeep(value: unknown, depth: number): string | null {
  if (depth > maxDepth) return `The schema is nested deeper than ${maxDepth} levels.`
  if (value === null || typeof value !== 'object') return null
  for (const [key, member] of Object.entries(value)) {
    const isReference = key === '$ref' || key === '$dynamicRef'
    if (isReference && typeof member === 'string' && !member.startsWith('#'))
      return `${key} may only point into the schema itself ("#/$defs/…"), not to ${member}.`
    // Ajv's own extension: the check would answer a promise, which is true whatever it comes to.
    if (key === '$async') return '$async is not a keyword of JSON Schema.'
    const problem = remoteOrDeep(member, depth + 1)
    if (problem) return problem
  }
  return null
}

function describe(errors: ErrorObject[]): ParamsProblem[] {
  return errors.slice(0, maxProblems).map((error) => {
    const { missingProperty, additionalProperty } = error.params as Record<
      string,
      string | undefined
    >
    const member = missingProperty ?? additionalProperty
    const name = member?.replaceAll('~', '~0').replaceAll('/', '~1')
    const pointer = name === undefined ? error.instancePath : `${error.instancePath}/${name}`
    return { pointer, detail: sentence(error) }
  })
}

function sentence(error: ErrorObject): string {
  const { keyword, params, parentSchema, data } = error
  if (keyword === 'required') return 'is required.'
  if (keyword === 'additionalProperties') {
    const known = Object.keys((parentSchema as { properties?: object }).properties ?? {})
    return `is not known here.${didYouMean(String(params.additionalProperty), known)}`
  }
  if (keyword === 'enum') {
    const allowed = (params.allowedValues as unknown[]).map((value) => JSON.stringify(value))
    return `must be one of ${allowed.join(', ')}; it is ${JSON.stringify(data)?.slice(0, 80)}.`
  }
  return `${error.message ?? 'does not fit the schema'}.`
}
