// Checks requests against the schemas of their routes, and says what is wrong in plain words. What a
// schema does not name is refused: a misspelt field would otherwise be silently ignored.
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import ajvFormats from 'ajv-formats'
import type { FastifySchemaCompiler, FastifySchemaValidationError } from 'fastify'
import { misfit } from '../domain/misfit.ts'
import { didYouMean } from '../domain/nearest.ts'
import { idPattern } from '../domain/subscriber.ts'
import { isRequestedTime } from '../domain/requested-times.ts'
import { ApiError, type FieldError } from '../errors.ts'

const maxErrors = 50

const strict = {
  allErrors: true,
  strict: true,
  allowUnionTypes: true,
  useDefaults: true,
  verbose: true,
}

/** Schemas are compiled when they are first needed: starting up stays fast. */
export function createValidatorCompiler(): FastifySchemaCompiler<object> {
  const forBodies = withFormats(new Ajv2020(strict))
  const forTexts = withFormats(new Ajv2020({ ...strict, coerceTypes: 'array' }))

  return ({ schema, httpPart }) => {
    let compiled: ValidateFunction | undefined
    const validate: Validate = (data) => {
      const isBody = httpPart === 'body'
      compiled ??= (isBody ? forBodies : forTexts).compile(schema)
      const isFit = compiled(data)
      validate.errors = compiled.errors ?? []
      if (!isBody) validate.errors.push(...controlCharacters(data), ...endlessNumbers(data))
      return isFit && validate.errors.length === 0
    }
    return validate
  }
}

/** No path and no query has any use for them; PostgreSQL refuses NUL whatever a schema says. */
function controlCharacters(data: unknown): ErrorObject[] {
  return Object.entries(data as Record<string, unknown>)
    .filter(([, value]) => /\p{Cc}/u.test(String(value)))
    .map(([name, data]) => ({
      keyword: 'pattern',
      instancePath: `/${name}`,
      schemaPath: '',
      params: { pattern: idPattern },
      data,
    }))
}

/** Ajv makes a number of `Infinity` and of `1e400`, and asks of such a one neither the least nor the most. */
function endlessNumbers(data: unknown): ErrorObject[] {
  return Object.entries(data as Record<string, unknown>)
    .filter(([, value]) => typeof value === 'number' && !Number.isFinite(value))
    .map(([name, data]) => ({
      keyword: 'type',
      instancePath: `/${name}`,
      schemaPath: '',
      params: { type: 'number' },
      data,
    }))
}

type Validate = { (data: unknown): boolean; errors?: ErrorObject[] }

function withFormats(ajv: Ajv2020): Ajv2020 {
  // The package is CommonJS: its function is the `default` of what is imported.
  ajvFormats.default(ajv)
  const dateTime = ajv.formats['date-time'] as { validate: (text: string) => boolean }
  // RFC 3339 knows a 60th second, and Ajv an offset without minutes. Date reads neither, and a moment
  // that cannot be read would be taken for none at all.
  const isMoment = (text: string) => dateTime.validate(text) && !Number.isNaN(Date.parse(text))
  return ajv.addFormat('date-time', isMoment).addFormat('date-time-or-local', isRequestedTime)
}

/** A check outside of a route's own schema, for bodies whose form depends on something else. */
export function createChecker(schema: object): (value: unknown) => FieldError[] {
  let compiled: ValidateFunction | undefined
  return (value) => {
    compiled ??= withFormats(new Ajv2020(strict)).compile(closed(schema) as object)
    return compiled(value) ? [] : describeErrors(compiled.errors ?? [], 'body')
  }
}

/** @throws ApiError `invalid_request` that says in its message what is wrong, if anything is. */
export function refuseMisfits(errors: FieldError[]): void {
  if (errors.length === 0) return
  const detail = errors
    .map(({ pointer, detail }) => `${pointer} ${detail}`)
    .join(' ')
    .trim()
  throw new ApiError('invalid_request', { detail, errors })
}

/** What Fastify throws when a request does not fit its schema. */
export function schemaErrorFormatter(
  errors: FastifySchemaValidationError[],
  part: string,
): ApiError {
  return new ApiError('invalid_request', { errors: describeErrors(errors as ErrorObject[], part) })
}

function describeErrors(errors: ErrorObject[], part: string): FieldError[] {
  const found = new Map<string, FieldError>()
  for (const error of mostTelling(errors)) {
    const problem = { pointer: pointerTo(error, part), detail: describe(error) }
    found.set(`${problem.pointer} ${problem.detail}`, problem)
    if (found.size >= maxErrors) break
  }
  return [...found.values()]
}

/**
 * Of a value that has none of several forms, Ajv reports every way to fail every form. Only the form
 * that comes nearest is told about; if the value is not even of the right type, only the choice is.
 */
function mostTelling(errors: ErrorObject[]): ErrorObject[] {
  let left = errors
  for (const choice of errors.filter(({ keyword }) => keyword === 'anyOf')) {
    const ofChoice = left.filter((error) => isBelow(error, choice))
    const nearest = nearestForm(ofChoice, choice)
    const dropped = new Set(nearest.length > 0 ? [...ofChoice, choice] : ofChoice)
    for (const error of nearest) dropped.delete(error)
    left = left.filter((error) => !dropped.has(error))
  }
  return left
}

function isBelow(error: ErrorObject, choice: ErrorObject): boolean {
  return (
    error.schemaPath.startsWith(`${choice.schemaPath}/`) &&
    (error.instancePath === choice.instancePath ||
      error.instancePath.startsWith(`${choice.instancePath}/`))
  )
}

function nearestForm(errors: ErrorObject[], choice: ErrorObject): ErrorObject[] {
  const formOf = ({ schemaPath }: ErrorObject) =>
    schemaPath.slice(choice.schemaPath.length + 1).split('/')[0] ?? ''
  const isOfWrongType = (error: ErrorObject) =>
    error.keyword === 'type' && error.instancePath === choice.instancePath
  const forms = Object.values(Object.groupBy(errors, formOf)).filter(
    (form) => form !== undefined && !form.some(isOfWrongType),
  )
  return forms.toSorted((a, b) => (a?.length ?? 0) - (b?.length ?? 0))[0] ?? []
}

function pointerTo(error: ErrorObject, part: string): string {
  const { missingProperty, additionalProperty, propertyName } = error.params as Named
  const member = missingProperty ?? additionalProperty ?? propertyName
  const name = member?.replaceAll('~', '~0').replaceAll('/', '~1')
  const pointer = name === undefined ? error.instancePath : `${error.instancePath}/${name}`
  if (part === 'querystring') return `?${pointer.slice(1)}`
  if (part === 'params') return `{${pointer.slice(1)}}`
  return pointer
}

type Named = { missingProperty?: string; additionalProperty?: string; propertyName?: string }

function describe(error: ErrorObject): string {
  const { keyword, params, parentSchema } = error
  const description = (parentSchema as { description?: string } | undefined)?.description
  if (params.pattern === idPattern) return 'must not have control characters, nor be "." or "..".'
  if (description && (keyword === 'anyOf' || keyword === 'pattern'))
    return `does not fit: ${description}`
  switch (keyword) {
    case 'type':
      return `must be ${[params.type].flat().map(withArticle).join(' or ')}.`
    case 'required':
      return 'is required.'
    case 'additionalProperties': {
      const properties = (parentSchema as { properties?: object } | undefined)?.properties ?? {}
      return `is not known here.${didYouMean(params.additionalProperty as string, Object.keys(properties))}`
    }
    case 'enum': {
      const allowed = (params.allowedValues as unknown[]).map(String)
      return `must be one of ${allowed.join(', ')}.${didYouMean(String(error.data), allowed)}`
    }
    case 'const':
      return `must be ${JSON.stringify(params.allowedValue)}.`
    case 'format':
      return formats[String(params.format)] ?? `must have the format ${params.format}.`
    case 'pattern':
      if (params.pattern === '\\S') return 'must have something in it that can be seen.'
      return `must match the pattern ${params.pattern}.` // not what was given: it may be a secret
    case 'minLength':
      return params.limit === 1 ? 'must not be empty.' : misfit(error)
    case 'anyOf':
      return forms(parentSchema as { anyOf?: Form[] } | undefined)
    default:
      return misfit(error)
  }
}

const formats: Record<string, string> = {
  'date-time': 'must be a moment with its offset, such as 2026-11-21T09:30:00Z.',
  'date-time-or-local':
    'must be a time such as 2026-11-21T09:30:00Z, or 2026-11-21T09:30:00 by the clock on the wall.',
  uuid: 'must be a UUID.',
  email: 'must be an e-mail address.',
  uri: 'must be an absolute URL.',
}

type Form = { type?: string; const?: unknown }

function forms({ anyOf = [] }: { anyOf?: Form[] } = {}): string {
  const names = anyOf.map(({ type, const: only }) =>
    only !== undefined ? JSON.stringify(only) : type && withArticle(type),
  )
  if (names.length === 0 || names.includes(undefined)) return 'has none of the forms it may have.'
  return `must be ${[...new Set(names)].join(' or ')}.`
}

function withArticle(type: string): string {
  if (type === 'null') return type
  return `${/^[aio]/.test(type) ? 'an' : 'a'} ${type}`
}

/** The schema with every object in it closed, unless it says otherwise. */
export function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed)
  if (schema === null || typeof schema !== 'object') return schema
  const { properties, required, items, anyOf, additionalProperties, ...rest } = schema as Schema
  // What has a default need not be there.
  const needed = required?.filter((name) => !hasDefault(properties?.[name]))
  return {
    ...rest,
    ...(needed && needed.length > 0 && { required: needed }),
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, member]) => [name, closed(member)]),
      ),
      additionalProperties: additionalProperties ?? false,
    }),
    ...(!properties && additionalProperties !== undefined && { additionalProperties }),
    ...(items !== undefined && { items: closed(items) }),
    ...(anyOf && { anyOf: anyOf.map(closed) }),
  }
}

function hasDefault(schema: unknown): boolean {
  return typeof schema === 'object' && schema !== null && 'default' in schema
}

type Schema = {
  properties?: Record<string, unknown>
  required?: string[]
  items?: unknown
  anyOf?: unknown[]
  additionalProperties?: unknown
}
