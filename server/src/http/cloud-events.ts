// CloudEvents 1.0 on POST /events, in the three forms HTTP has for them. The same source and id is the
// same event, however often and in whatever form it comes.
import { hash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Context } from '../context.ts'
import { canonicalJson } from '../domain/canonical-json.ts'
import {
  attributesIn,
  eventOf,
  extensionProblems,
  modeOf,
  placeIn,
  withoutNulls,
  type CloudEvent,
  type CloudEventMode,
} from '../domain/cloud-event.ts'
import { ApiError, errorCodes, type FieldError } from '../errors.ts'
import { checkEvent, type CheckedEvent, type EventRequest } from '../pipeline/accept.ts'
import { Effort } from '../pipeline/effort.ts'
import type { App } from './app.ts'
import { batchBodyLimit, readJson, takeRawBodies } from './bodies.ts'
import { CloudEventBody, maxCloudEvents } from './cloud-event-body.ts'
import { answerBatch, answerOfBatch, refusedAs, type Item } from './event-batch.ts'
import { acceptingOf, acceptedAnswer, answerEvent, eventMisfits } from './events.ts'
import { findFirstAnswer, storeOnce, type Answer, type Idempotency } from './idempotency.ts'
import { mayWait } from './prefer.ts'
import { createChecker, refuseMisfits } from './validation.ts'

/** Sends requests that are CloudEvents to the routes for them. */
export const cloudEventConstraint = {
  name: 'cloudEvent',
  storage<T>() {
    const handlers = new Map<string, T>()
    return {
      get: (mode: string) => handlers.get(mode) ?? null,
      set: (mode: string, handler: T) => void handlers.set(mode, handler),
    }
  },
  // The router takes none for "no constraint"; its types know texts only.
  deriveConstraint: ({ headers }: IncomingMessage) => modeOf(headers) as string,
}

const structuredType = {
  pattern: /^application\/cloudevents\+json$/i,
  words: 'Send a CloudEvent as application/cloudevents+json (UTF-8), or as ce- headers and JSON.',
}
const batchType = {
  pattern: /^application\/cloudevents-batch\+json$/i,
  words: 'Send CloudEvents as application/cloudevents-batch+json (UTF-8).',
}

export function cloudEventRoutes(app: App, ctx: Context): void {
  const routeFor = (cloudEvent: CloudEventMode) => ({
    schema: { hide: true }, // described with POST /events
    config: { scope: 'events:write' } as const,
    constraints: { cloudEvent },
    preHandler: mayWait(ctx),
  })
  app.register((routes: App, _options, done) => {
    takeRawBodies(routes)
    routes.post('/events', routeFor('structured'), async (request, reply) => {
      const event = readEvent(readJson(request, structuredType), 'structured')
      return answerOne(ctx, request, reply, event)
    })
    routes.post('/events', routeFor('binary'), async (request, reply) => {
      const { attributes, problems } = attributesIn(request.headers)
      const hasData = (request.rawBody?.length ?? 0) > 0
      const data = hasData ? { data: readJson(request) } : {}
      const event = readEvent({ ...attributes, ...data }, 'binary', problems)
      return answerOne(ctx, request, reply, event)
    })
    const forBatches = { ...routeFor('batch'), bodyLimit: batchBodyLimit }
    routes.post('/events', forBatches, async (request, reply) =>
      answerBatch(ctx, request, reply, await takeBatch(ctx, request)),
    )
    done()
  })
}

type Read = {
  mode: CloudEventMode
  event: EventRequest
  traceparent: string | undefined
  identity: Idempotency
}

const cloudEventMisfits = createChecker(CloudEventBody)

/** @throws ApiError `invalid_request`, in the words of the sender. */
function readEvent(value: unknown, mode: CloudEventMode, problems: FieldError[] = []): Read {
  const given = withoutNulls(value)
  const misfits = [...extensionProblems(given), ...cloudEventMisfits(given)]
  const told = inSendersWords(mode, misfits)
  // What could not be decoded is there: only that is told about it.
  const missing = new Set(problems.map(({ pointer }) => pointer))
  refuseMisfits([...problems, ...told.filter(({ pointer }) => !missing.has(pointer))])

  const cloudEvent = given as CloudEvent // checked just above
  const event = eventOf(cloudEvent)
  refuseMisfits(inSendersWords(mode, misfitsOf(event)))
  const identity = identityOf(cloudEvent, event, mode)
  return { mode, event, traceparent: cloudEvent.traceparent, identity }
}

function inSendersWords(mode: CloudEventMode, errors: FieldError[]): FieldError[] {
  return errors.map(({ pointer, detail }) => ({ pointer: placeIn(mode, pointer), detail }))
}

const toWords =
  'takes subscriber ids and topic:<key> of up to 255 characters each, with commas; 1,000 at most.'

/** Its places in a list are not told: for the sender it is one text. */
function misfitsOf(event: EventRequest): FieldError[] {
  const errors = eventMisfits(event)
  const others = errors.filter(({ pointer }) => !/^\/to(\/|$)/.test(pointer))
  return others.length === errors.length ? errors : [...others, { pointer: '/to', detail: toWords }]
}

function identityOf(
  { source, id }: CloudEvent,
  event: EventRequest,
  mode: CloudEventMode,
): Idempotency {
  // Hashed: as long as they may be, they do not fit into an index.
  const name = hash('sha256', JSON.stringify([source, id]), 'base64url')
  return {
    // No Idempotency-Key has a space in it, so none can be the same as one of these.
    key: `cloudevent ${name}`,
    // Only what makes a difference here: brokers add attributes of their own on the way.
    fingerprint: hash('sha256', canonicalJson(event), 'buffer'),
    reused: () =>
      new ApiError('dedupe_key_reused', {
        detail: `"${id.slice(0, 200)}" came before from "${source.slice(0, 200)}" with other content. Nothing was stored.`,
        errors: [
          { pointer: placeIn(mode, '/id'), detail: 'came before from this source, unlike now.' },
        ],
      }),
  }
}

type Taken = Answer & { isRepeated: boolean }

async function take(
  ctx: Context,
  request: FastifyRequest,
  { mode, event, traceparent, identity }: Read,
  bytes: number,
  effort = new Effort(),
): Promise<Taken> {
  const { workspaceId } = request
  let checked: CheckedEvent
  try {
    checked = await checkEvent(ctx, { ...acceptingOf(request, traceparent), effort }, event)
  } catch (refusal) {
    // What was accepted once stays so, also when it would be refused by now.
    const first = await findFirstAnswer(ctx.db, workspaceId, identity)
    if (first) return { ...first, isRepeated: true }
    if (!(refusal instanceof ApiError) || !refusal.details.errors) throw refusal
    const errors = inSendersWords(mode, refusal.details.errors)
    throw new ApiError(refusal.code, { ...refusal.details, errors }, { cause: refusal })
  }
  const answer = acceptedAnswer(checked.event.id)
  return storeOnce(ctx, [checked], { workspaceId, idempotency: identity, answer, bytes })
}

async function answerOne(
  ctx: Context,
  request: FastifyRequest,
  reply: FastifyReply,
  event: Read,
): Promise<FastifyReply> {
  const { isRepeated, ...answer } = await take(ctx, request, event, request.rawBody?.length ?? 0)
  if (isRepeated) reply.header('idempotency-replayed', 'true')
  return answerEvent(ctx, request, reply, answer)
}

const batchMisfits = createChecker(Type.Array(Type.Unknown(), { maxItems: maxCloudEvents }))

async function takeBatch(ctx: Context, request: FastifyRequest): Promise<Answer> {
  const body = readJson(request, batchType)
  refuseMisfits(batchMisfits(body))
  const values = body as unknown[] // checked just above
  // Whole: what waits to be stored is summed up, and fractions would leave a rest.
  const bytes = Math.ceil((request.rawBody?.length ?? 0) / Math.max(values.length, 1))

  // The same event twice in a batch: the second waits for the answer to the first.
  const effort = new Effort()
  const earlier = new Map<string, Promise<Item>>()
  const items = values.map((value): Promise<Item> => {
    const read = readItem(value)
    if ('code' in read) return Promise.resolve(read)
    const { key } = read.identity
    const run = () => takeItem(ctx, request, read, bytes, effort)
    const item = earlier.get(key)?.then(run) ?? run()
    earlier.set(key, item)
    return item
  })
  return answerOfBatch(await Promise.all(items))
}

function readItem(value: unknown) {
  try {
    return readEvent(value, 'batch')
  } catch (error) {
    return refusedAs(error)
  }
}

async function takeItem(
  ctx: Context,
  request: FastifyRequest,
  read: Read,
  bytes: number,
  effort: Effort,
): Promise<Item> {
  try {
    const { body, isRepeated } = await take(ctx, request, read, bytes, effort)
    const { event_id: eventId } = body as { event_id: string } // by `acceptedAnswer`
    return { eventId, isRepeated }
  } catch (error) {
    // What may go better in a moment fails the whole: sent again, what was stored is not stored again.
    const isForNow =
      error instanceof ApiError &&
      (error.code === 'idempotency_in_progress' || errorCodes[error.code].status >= 500)
    if (isForNow) throw error
    return refusedAs(error)
  }
}
