// From the body of a webhook to the event it becomes: the mapping of a source, compiled once.
import { compileParams, type ParamsCheck } from '../domain/json-schema.ts'
import { pointerSegments, pointerTo, valueAt } from '../domain/json-pointer.ts'
import { isLevel } from '../domain/event-type.ts'
import type { SourceDefinition, SourceEvent, SourceTo, WebhookRequest } from '../domain/source.ts'
import { ApiError, type FieldError } from '../errors.ts'
import type { EventRequest } from './accept.ts'
import { compileText } from './liquid.ts'

export type SourceMapping = {
  checkBody: ParamsCheck
  /** False: the source is not interested in this one. */
  isWanted: (request: WebhookRequest) => boolean
  /** @throws ApiError `invalid_payload` */
  toEvent: (request: WebhookRequest) => EventRequest
  /**
   * What makes the request the same as another; null when the source does not say.
   *
   * @throws ApiError `invalid_payload` when the body gives none.
   */
  dedupeKey: (request: WebhookRequest) => string | null
  /** Null: the source leaves it to us. @throws ApiError `invalid_payload` */
  respond: (
    request: WebhookRequest,
    event: { id: string; type: string },
  ) => { status: number; body: unknown } | null
  /** Errors about the event, told about the body it was made of. */
  blameBody: (errors: FieldError[]) => FieldError[]
}

type Evaluate = (scope: object) => unknown

const longestDedupeKey = 255

/** @throws when the schema or a text does not compile; `sourceProblems` says which. */
export function compileSource({ schema, event, response }: SourceDefinition): SourceMapping {
  const when = compileOptional('/event/when', event.when)
  const dedupeKey = compileOptional('/event/dedupe_key', event.dedupe_key)
  const answer = response && compileJson('/response/body', response.body)
  const checkBody = compileParams(schema)
  const answerOf = (scope: object) => answer?.(scope) ?? null
  return {
    checkBody,
    isWanted(request) {
      const value = when?.(request)
      return when === null || !(value === undefined || isNo(value))
    },
    toEvent: compileEvent(event),
    dedupeKey(request) {
      if (dedupeKey === null) return null
      const key = textOf(dedupeKey(request))
      if (key !== '' && key.length <= longestDedupeKey) return key
      // The field it is made of is most likely missing: the schema can name it.
      const misfits = checkBody(request.body)
      if (misfits.length > 0) throw new ApiError('invalid_payload', { errors: misfits })
      const origin = originOf(event.dedupe_key)
      const whose = origin ? 'is' : 'has'
      throw invalid(
        pointerTo(origin ?? []),
        `${whose} no dedupe key of 1 to ${longestDedupeKey} characters.`,
      )
    },
    respond: (request, event) =>
      response && { status: response.status, body: answerOf({ ...request, event }) },
    blameBody: (errors) => errors.map((error) => blame(event, error)),
  }
}

function compileEvent(event: SourceEvent): (request: WebhookRequest) => EventRequest {
  const type = compileWhole('/event/type', event.type)
  const params = compileParameters(event.params)
  const to = event.to.map((entry, i) => compileTo(`/event/to/${i}`, entry))
  const level = compileOptional('/event/level', event.level)
  const others = (['thread_key', 'scheduled_time', 'timezone', 'expires_at'] as const).map(
    (name) => [name, compileOptional(`/event/${name}`, event[name] ?? null)] as const,
  )
  return (request) => {
    const people = to.flatMap((entry) => entry(request))
    const texts = others.map(([name, evaluate]) => [name, textOf(evaluate?.(request))] as const)
    return {
      type: textOf(type(request)),
      params: params(request),
      ...(people.length > 0 && { to: people }),
      ...levelOf(textOf(level?.(request)), event.level),
      ...Object.fromEntries(texts.filter(([, text]) => text !== '')),
    }
  }
}

function levelOf(level: string, source: string | null): Pick<EventRequest, 'level'> {
  if (level === '') return {}
  if (isLevel(level)) return { level }
  const detail = `gives the level "${level.slice(0, 80)}", not standard or critical.`
  throw invalid(pointerTo(originOf(source) ?? []), detail)
}

function compileParameters(
  params: SourceEvent['params'],
): (request: WebhookRequest) => Record<string, unknown> {
  if (params === null)
    return ({ body }) => {
      if (body !== null && typeof body === 'object' && !Array.isArray(body))
        return body as Record<string, unknown>
      throw invalid('', 'must be an object: it is what the event is given as its parameters.')
    }
  const members = Object.entries(params).map(
    ([name, source]) =>
      [name, compileParameter(`/event/params${pointerTo([name])}`, source)] as const,
  )
  return (request) =>
    Object.fromEntries(
      members
        .map(([name, evaluate]) => [name, evaluate(request)] as const)
        .filter(([, value]) => value !== undefined),
    )
}

function compileParameter(place: string, source: unknown): (request: WebhookRequest) => unknown {
  const segments = bodySegments(source)
  if (segments !== null) return ({ body }) => valueAt(body, segments)
  return compileJson(place, source)
}

/** Of a parameter that is a JSON Pointer into the body; null of any other. */
export function bodySegments(source: unknown): string[] | null {
  return typeof source === 'string' && source.startsWith('/') ? pointerSegments(source) : null
}

/** A list in `{{ … }}` names several; what comes out empty names nobody. */
function compileTo(
  place: string,
  entry: SourceTo,
): (scope: object) => NonNullable<EventRequest['to']> {
  if (typeof entry === 'string') {
    const evaluate = compileWhole(place, entry)
    return (scope) => [evaluate(scope)].flat(1).map(textOf).filter(Boolean)
  }
  const evaluate = compileJson(place, entry)
  return (scope) => {
    const made = evaluate(scope) as { topic?: unknown; id?: unknown } // as `entry` is
    if ('topic' in entry) return made.topic ? [{ topic: textOf(made.topic) }] : []
    return made.id ? [{ ...made, id: textOf(made.id) }] : []
  }
}

/** A text that is one bare `{{ expression }}` becomes the value itself; members without one are left out. */
function compileJson(place: string, value: unknown): Evaluate {
  if (typeof value === 'string') return compileWhole(place, value)
  if (Array.isArray(value)) {
    const items = value.map((item, i) => compileJson(`${place}/${i}`, item))
    return (scope) => items.map((item) => item(scope) ?? null)
  }
  if (value !== null && typeof value === 'object') {
    const members = Object.entries(value).map(
      ([name, item]) => [name, compileJson(`${place}${pointerTo([name])}`, item)] as const,
    )
    return (scope) =>
      Object.fromEntries(
        members
          .map(([name, item]) => [name, item(scope)] as const)
          .filter(([, made]) => made !== undefined),
      )
  }
  return () => value
}

function compileWhole(place: string, text: string): Evaluate {
  const { evaluate } = compileText(text)
  return (scope) => {
    try {
      return evaluate(scope)
    } catch (error) {
      const reason = (error as Error).message
      throw new ApiError(
        'invalid_payload',
        {
          detail: `${place} of the source cannot be worked out: ${reason}`,
          errors: [{ pointer: '', detail: `is nothing that ${place} can be made of: ${reason}` }],
        },
        { cause: error },
      )
    }
  }
}

function compileOptional(place: string, text: string | null): Evaluate | null {
  return text === null ? null : compileWhole(place, text)
}

/** `/params/shop` is told as `/location`, where it was taken from; what is from nowhere stays. */
function blame(event: SourceEvent, { pointer, detail }: FieldError): FieldError {
  const [root = '', name, ...rest] = pointerSegments(pointer) ?? []
  if (root !== 'params') {
    const origin = originOf(sourceOf(event, root, rest))
    if (origin !== null) return { pointer: pointerTo(origin), detail }
    return { pointer: '', detail: `gives an event whose ${pointer} ${detail}` }
  }
  const { params } = event
  if (params === null)
    return { pointer: pointerTo(name === undefined ? [] : [name, ...rest]), detail }
  const source = name === undefined ? null : params[name]
  const segments = bodySegments(source) ?? originOf(source)
  return { pointer: segments === null ? pointer : pointerTo([...segments, ...rest]), detail }
}

/** What a field of the event is made of. Of several people it cannot be told which one is meant. */
function sourceOf({ to, ...event }: SourceEvent, root: string, inOne: string[]): unknown {
  if (root === 'to') return to.length === 1 ? valueAt(to[0], inOne) : null
  return Object.entries(event).find(([field]) => field === root)?.[1]
}

/** The place in the body that a text is taken from as it is; null when it is made in another way. */
function originOf(source: unknown): string[] | null {
  if (typeof source !== 'string' || !/^\{\{[^{}|]+\}\}$/.test(source.trim())) return null
  const [root, ...path] = compileText(source).paths[0] ?? []
  return root === 'body' ? path : null
}

function isNo(value: unknown): boolean {
  return value === null || /^(false|no|0|)$/i.test(textOf(value))
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return ''
  return (typeof value === 'string' ? value : JSON.stringify(value)).trim()
}

function invalid(pointer: string, detail: string): ApiError {
  return new ApiError('invalid_payload', { errors: [{ pointer, detail }] })
}
