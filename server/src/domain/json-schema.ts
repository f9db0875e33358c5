// JSON Schemas that users bring, for the parameters of their events. They come from outside, so
// patterns run on a linear-time engine, nothing is fetched, what is misspelt is refused, and no check
// takes long, whatever the schema and whatever is checked.
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js'
import ajvFormats from 'ajv-formats'
import { RE2JS } from 're2js'
import { canonicalJson } from './canonical-json.ts'
import { misfit } from './misfit.ts'

export type ParamsProblem = { pointer: string; detail: string }

/** What is wrong with parameters, each with a JSON Pointer into them; empty when nothing is. */
export type ParamsCheck = (params: unknown) => ParamsProblem[]

const maxBytes = 64 * 1024
const maxDepth = 32
const maxProblems = 20
// What patterns may come to when they are compiled; `(a|b|c){1000}` is 5,000.
const maxPatternSize = 20_000
// How often a check may follow a reference. Recursion within anyOf doubles with each level of the data.
const maxSteps = 20_000

/**
 * Compiles a JSON Schema (2020-12). Takes milliseconds: keep the result.
 *
 * @throws Error saying what is wrong with the schema.
 */
export function compileParams(schema: Record<string, unknown> | null): ParamsCheck {
  if (schema === null) return () => []
  const problem = sizeProblem(schema)
  if (problem) throw new Error(problem)
  grammar ??= createAjv({ steps: 0 }, true)
  void grammar.validateSchema(schema, true) // throws; no promise without $async, which is refused above
  const budget = { steps: 0 }
  const validate = createAjv(budget).compile(withSteps(schema) as object)
  return (params) => {
    budget.steps = maxSteps
    try {
      return validate(params) ? [] : describe(validate.errors ?? [])
    } catch (error) {
      if (!(error instanceof TooManySteps)) throw error
      return [{ pointer: '', detail: 'would take too long to check against this schema.' }]
    }
  }
}

/** The parameters a schema names, if it takes no others; null when any may come. */
export function declaredParams(schema: Record<string, unknown> | null): string[] | null {
  if (schema === null) return null
  const isClosed = schema.additionalProperties === false || schema.unevaluatedProperties === false
  const isPlain = !composing.some((keyword) => keyword in schema)
  return isClosed && isPlain ? Object.keys(schema.properties ?? {}) : null
}

// What may name more parameters, elsewhere.
const composing = ['$ref', '$dynamicRef', 'allOf', 'anyOf', 'oneOf', 'if', 'patternProperties']

/** What is wrong with a schema, in one sentence; null when it can be used. */
export function schemaProblem(schema: Record<string, unknown>): string | null {
  try {
    compileParams(schema)
    return null
  } catch (error) {
    return (error as Error).message
  }
}

// What is a schema at all is the same for all of them, and takes twenty times as long to compile as most of them.
let grammar: Ajv2020 | undefined

function createAjv(budget: { steps: number }, isGrammar = false): Ajv2020 {
  const patterns = { size: 0 }
  // One for each schema: an `$id` in one must not be seen, nor clash, in another.
  const ajv = new Ajv2020({
    validateSchema: isGrammar,
    strict: true,
    strictRequired: false,
    strictTypes: false,
    strictTuples: false,
    allErrors: false, // a failing check ends at the first error, so its cost is bounded
    validateFormats: true,
    verbose: true,
    logger: false,
    code: { regExp: linearRegExp(patterns) },
  })
  ajv.addKeyword({
    keyword: stepKeyword,
    before: '$ref',
    validate: () => {
      if (--budget.steps < 0) throw new TooManySteps()
      return true
    },
  })
  // Ajv's own compares each item with each other one.
  ajv.removeKeyword('uniqueItems').addKeyword({
    keyword: 'uniqueItems',
    type: 'array',
    schemaType: 'boolean',
    validate: (isOn: boolean, items: unknown[]) =>
      !isOn || new Set(items.map(canonicalJson)).size === items.length,
    error: { message: 'must NOT have duplicate items' },
  })
  // The package is CommonJS: its function is the `default` of what is imported.
  ajvFormats.default(ajv, { mode: 'fast', keywords: false })
  return ajv
}

class TooManySteps extends Error {}

const stepKeyword = 'belfry:step'

/** The schema with a step to be counted beside each reference. */
function withSteps(schema: unknown, key = ''): unknown {
  if (schema === null || typeof schema !== 'object' || valueKeywords.has(key)) return schema
  if (Array.isArray(schema)) return schema.map((member) => withSteps(member))
  const members = Object.entries(schema).map(([name, member]) => [name, withSteps(member, name)])
  const isReference = ['$ref', '$dynamicRef'].some(
    (name) => typeof (schema as Record<string, unknown>)[name] === 'string',
  )
  return Object.fromEntries(isReference ? [...members, [stepKeyword, true]] : members)
}

// What is in them is no schema.
const valueKeywords = new Set(['const', 'enum', 'default', 'examples'])

/** Ajv's engine for `pattern`. It keys its cache by toString(): without one all patterns were one. */
function linearRegExp(patterns: { size: number }) {
  const engine = (pattern: string, _flags: string) => {
    const compiled = RE2JS.compile(pattern)
    patterns.size += compiled.programSize()
    if (patterns.size > maxPatternSize)
      throw new Error('The patterns of the schema are too large altogether: repeat less in them.')
    return {
      test: (text: string) => compiled.matcher(text).find(),
      toString: () => pattern,
    }
  }
  return Object.assign(engine, { code: 'linearRegExp' })
}

function sizeProblem(schema: unknown): string | null {
  if (Buffer.byteLength(JSON.stringify(schema)) > maxBytes)
    return 'The schema is larger than 64 kB.'
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
    const { missingProperty, additionalProperty, unevaluatedProperty } = error.params as Record<
      string,
      string | undefined
    >
    const member = missingProperty ?? additionalProperty ?? unevaluatedProperty
    const name = member?.replaceAll('~', '~0').replaceAll('/', '~1')
    const pointer = name === undefined ? error.instancePath : `${error.instancePath}/${name}`
    return { pointer, detail: misfit(error) }
  })
}
