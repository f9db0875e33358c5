// What is wrong with a source, found when it is saved rather than when a webhook comes: each problem
// with the place it is at, and the nearest name that is right.
import { undeclaredField, requiredFields } from '../domain/declared-fields.ts'
import { isLevel, type EventType } from '../domain/event-type.ts'
import { pointerSegments, pointerTo } from '../domain/json-pointer.ts'
import { schemaProblem } from '../domain/json-schema.ts'
import { didYouMean } from '../domain/nearest.ts'
import type { SourceDefinition, SourceEvent } from '../domain/source.ts'
import { ApiError, type FieldError } from '../errors.ts'
import { compileText, type CompiledText } from './liquid.ts'
import { bodySegments } from './source-mapping.ts'

type Schema = SourceDefinition['schema']

/** Liquid in the type: which one it is, is known when a webhook comes. */
export function hasFixedType({ type }: SourceEvent): boolean {
  return !/\{\{|\{%/.test(type)
}

/**
 * `eventType`: the one it names; null when that is worked out from each body.
 *
 * @throws ApiError `invalid_schema`, `invalid_template`, `invalid_request`.
 */
export function checkSource(definition: SourceDefinition, eventType: EventType | null): void {
  const { schema, event, response } = definition
  const problem = schema && schemaProblem(schema)
  if (problem)
    throw new ApiError('invalid_schema', {
      detail: problem,
      errors: [{ pointer: '/schema', detail: problem }],
    })

  const names = ['body', 'headers', 'query']
  const { require_audience: requireAudience, ...mapped } = event
  const texts = [
    ...liquidProblems('/event', mapped, { schema, names }),
    ...liquidProblems('/response/body', response?.body, { schema, names: [...names, 'event'] }),
  ]
  if (texts.length > 0) throw new ApiError('invalid_template', { errors: texts })

  const errors = [
    ...pointerProblems(event, schema),
    ...levelProblems(event),
    ...audiencePointerProblems(requireAudience, schema),
    ...parameterProblems(event, schema, eventType),
    ...dedupeProblems(definition),
    ...signedProblems(definition),
  ]
  if (errors.length > 0) throw new ApiError('invalid_request', { errors })
}

/** Every text in `value` is Liquid that may read `names`. */
function liquidProblems(
  pointer: string,
  value: unknown,
  readable: { schema: Schema; names: string[] },
): FieldError[] {
  if (typeof value === 'string') return textProblems(pointer, value, readable)
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([name, member]) =>
    liquidProblems(`${pointer}${pointerTo([name])}`, member, readable),
  )
}

function textProblems(
  pointer: string,
  text: string,
  { schema, names }: { schema: Schema; names: string[] },
): FieldError[] {
  let compiled: CompiledText
  try {
    compiled = compileText(text)
  } catch (error) {
    return [{ pointer, detail: (error as Error).message }]
  }
  // Worked out while the request waits, so it must not be able to hold up others.
  if (!compiled.isLoopFree)
    return [{ pointer, detail: 'may have conditions, variables and simple filters, but no loops.' }]
  return compiled.paths.flatMap(([root, ...path]): FieldError[] => {
    const name = root ?? ''
    if (!names.includes(name)) {
      const hint = didYouMean(name, names) || ` Did you mean "body.${name}"?`
      return [{ pointer, detail: `reads "${name}"; there is ${names.join(', ')}.${hint}` }]
    }
    const problem = name === 'body' ? undeclared(schema, path) : null
    return problem === null ? [] : [{ pointer, detail: problem }]
  })
}

function pointerProblems({ params }: SourceEvent, schema: Schema): FieldError[] {
  return Object.entries(params ?? {}).flatMap(([name, source]): FieldError[] => {
    if (typeof source !== 'string' || !source.startsWith('/')) return []
    const segments = bodySegments(source)
    const problem =
      segments === null ? 'is no JSON Pointer: ~ is written ~0.' : undeclared(schema, segments)
    return problem === null
      ? []
      : [{ pointer: `/event/params${pointerTo([name])}`, detail: problem }]
  })
}

function undeclared(schema: Schema, path: string[]): string | null {
  const field = undeclaredField(schema, path)
  if (field === null) return null
  return `reads "${field.name}", which the schema does not allow.${didYouMean(field.name, field.known)}`
}

function levelProblems({ level }: SourceEvent): FieldError[] {
  if (level === null || /\{\{|\{%/.test(level) || isLevel(level)) return []
  return [{ pointer: '/event/level', detail: 'must be standard or critical, or Liquid.' }]
}

function audiencePointerProblems(
  pointer: SourceEvent['require_audience'],
  schema: Schema,
): FieldError[] {
  if (typeof pointer === 'boolean') return []
  const segments = pointerSegments(pointer)
  const problem =
    segments === null ? 'must be a JSON Pointer such as /location.' : undeclared(schema, segments)
  return problem === null ? [] : [{ pointer: '/event/require_audience', detail: problem }]
}

/** What is mapped, against the parameters of the event type. */
function parameterProblems(
  { params }: SourceEvent,
  schema: Schema,
  eventType: EventType | null,
): FieldError[] {
  if (!eventType) return []
  const given = Object.keys(params ?? (schema?.['properties'] as object | undefined) ?? {})
  const unknown = given.flatMap((name): FieldError[] => {
    const field = undeclaredField(eventType.params, [name])
    if (field === null || params === null) return []
    const hint = didYouMean(name, field.known)
    const pointer = `/event/params${pointerTo([name])}`
    return [{ pointer, detail: `is no parameter of ${eventType.key}.${hint}` }]
  })
  // Without a mapping the body is the parameters: what an open schema lets through, nobody knows.
  const isKnown = params !== null || schema?.['additionalProperties'] === false
  const missing = isKnown
    ? requiredFields(eventType.params).filter((name) => !given.includes(name))
    : []
  return [
    ...unknown,
    ...missing.map((name) => ({
      pointer: '/event/params',
      detail: `lacks ${name}, which ${eventType.key} requires.`,
    })),
  ]
}

/** A replayed request must have the same dedupe key: only the body is signed. */
function dedupeProblems({ auth, event }: SourceDefinition): FieldError[] {
  const refusesReplays =
    auth.kind === 'standard_webhooks' || (auth.kind === 'hmac' && auth.timestamp !== null)
  if (event.dedupe_key === null || !refusesReplays) return []
  if (compileText(event.dedupe_key).paths.every(([root]) => root === 'body')) return []
  const detail = 'may only read the body: headers and query are not signed.'
  return [{ pointer: '/event/dedupe_key', detail }]
}

function signedProblems({ auth }: SourceDefinition): FieldError[] {
  if (auth.kind !== 'hmac') return []
  const { signed, timestamp } = auth
  const pointer = '/auth/signed'
  const count = (name: string) => signed.split(name).length - 1
  if (count('{body}') !== 1) return [{ pointer, detail: 'must have {body} in it, once.' }]
  if (timestamp === null && count('{timestamp}') > 0)
    return [{ pointer, detail: 'has {timestamp}: say in "timestamp" which header has it.' }]
  if (timestamp !== null && count('{timestamp}') !== 1)
    return [{ pointer, detail: 'must have {timestamp} in it, once: it is not signed otherwise.' }]
  return []
}
