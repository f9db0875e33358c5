// Events: something happened. Each is on disk before it is answered; who hears about it follows.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Context } from '../context.ts'
import { traceEvent } from '../domain/event-trace.ts'
import { ApiError } from '../errors.ts'
import { checkEvent } from '../pipeline/accept.ts'
import type { Accepting, CheckedEvent, EventRequest } from '../pipeline/accept.ts'
import { cancelWholeEvent } from '../pipeline/cancel.ts'
import { countByStatus, findEvent, listEvents, type EventRow } from '../sql/events.ts'
import type { App } from './app.ts'
import { answerAgain, answerOnce, idempotencyOf, storeOnce, type Answer } from './idempotency.ts'
import { TraceView } from './notification-views.ts'
import { PageBody, pageQuery, readPage, showPage } from './paging.ts'
import { ToBody, whenAndHow } from './recipients.ts'
import { createChecker, refuseMisfits } from './validation.ts'

export const EventBody = Type.Object(
  {
    type: Type.String({ minLength: 1, maxLength: 200, description: 'A registered event type.' }),
    params: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), {
        description: 'What templates and audience read.',
      }),
    ),
    to: Type.Optional(ToBody),
    ...whenAndHow,
  },
  { examples: [{ type: 'order.shipped', params: { order_id: 'A-1001' }, to: ['ana'] }] },
)

/** What is wrong with a value that is to be the body of an event. */
export const eventMisfits = createChecker(EventBody)

/** @throws ApiError `invalid_request`, as the route does. */
export function checkEventBody(value: unknown): EventRequest {
  refuseMisfits(eventMisfits(value))
  return value as EventRequest // checked just above
}

const AcceptedBody = Type.Object({
  status: Type.Literal('success'),
  event_id: Type.String({ format: 'uuid' }),
  message: Type.String(),
})

const nullableTime = Type.Union([Type.String({ format: 'date-time' }), Type.Null()])
const nullableText = Type.Union([Type.String(), Type.Null()])

const AudienceView = Type.Object({
  id: Type.Optional(Type.String({ description: 'A subscriber.' })),
  topic: Type.Optional(Type.String({ description: 'The members of a topic.' })),
  address: Type.Optional(Type.String({ description: 'Of nobody we know.' })),
  from: Type.Enum(['request', 'event_type', 'otherwise'], { description: 'Who named it.' }),
  found: Type.Union([Type.Integer(), Type.Null()], {
    description: 'How many people it led to; null while, or if, it was not looked at.',
  }),
})

const EventView = Type.Object({
  id: Type.String({ format: 'uuid' }),
  type: nullableText,
  type_version: Type.Union([Type.Integer(), Type.Null()]),
  level: Type.String(),
  audience: Type.Array(AudienceView),
  params: Type.Record(Type.String(), Type.Unknown()),
  message: Type.Unknown({
    description: 'A direct message: its channels and text. Null for an event.',
  }),
  status: Type.Enum(['accepted', 'processed', 'no_audience', 'cancelled', 'failed']),
  error: nullableText,
  recipient_count: Type.Integer(),
  scheduled_time: nullableTime,
  expires_at: nullableTime,
  thread_key: nullableText,
  created_at: Type.String({ format: 'date-time' }),
  processed_at: nullableTime,
  processing_ms: Type.Union([Type.Integer(), Type.Null()]),
  cancelled_at: nullableTime,
})

export function eventRoutes(app: App, ctx: Context): void {
  postEvent(app, ctx)
  getEvents(app, ctx)
  cancel(app, ctx)
}

function postEvent(app: App, ctx: Context): void {
  const schema = {
    summary: 'Say that something happened',
    description: 'Answers once the event is on disk. Its people are found and told right after.',
    operationId: 'createEvent',
    tags: ['Trigger'],
    body: EventBody,
    response: { 202: AcceptedBody },
  }
  app.post('/events', { schema, config: { scope: 'events:write' } }, async (request, reply) => {
    let checked: CheckedEvent
    try {
      checked = await checkEvent(ctx, acceptingOf(request), request.body)
    } catch (refusal) {
      return answerAgain(ctx, request, reply, refusal)
    }
    return storeAndAnswer(ctx, request, reply, [checked], {
      status: 202,
      body: { status: 'success', event_id: checked.event.id, message: 'Event accepted' },
    })
  })
}

/** Answers once everything is on disk; a repeated request gets the first answer again. */
export async function storeAndAnswer(
  ctx: Context,
  request: FastifyRequest,
  reply: FastifyReply,
  checked: CheckedEvent[],
  answer: Answer,
): Promise<FastifyReply> {
  const { workspaceId, rawBody } = request
  const idempotency = idempotencyOf(request)
  const bytes = rawBody?.length ?? 0
  const stored = await storeOnce(ctx, checked, { workspaceId, idempotency, answer, bytes })
  if (stored.isRepeated) reply.header('idempotency-replayed', 'true')
  return reply.code(stored.status).send(stored.body)
}

/** https://www.w3.org/TR/trace-context/#traceparent-header; anything else is not passed on. */
const traceparentPattern = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/

export function acceptingOf(request: FastifyRequest): Accepting {
  const { traceparent } = request.headers
  const isTrace = typeof traceparent === 'string' && traceparentPattern.test(traceparent)
  return { workspaceId: request.workspaceId, traceparent: isTrace ? traceparent : null }
}

function getEvents(app: App, ctx: Context): void {
  const list = {
    summary: 'List events, newest first',
    operationId: 'listEvents',
    tags: ['Follow'],
    querystring: Type.Object({
      ...pageQuery,
      type: Type.Optional(Type.String({ maxLength: 200 })),
      status: Type.Optional(EventView.properties.status),
      since: Type.Optional(Type.String({ format: 'date-time' })),
      until: Type.Optional(Type.String({ format: 'date-time' })),
    }),
    response: { 200: PageBody('events', EventView) },
  }
  app.get('/events', { schema: list, config: { scope: 'events:read' } }, async (request) => {
    const { type, status, since, until } = request.query
    const { after, limit, offset } = readPage(ctx, request)
    const rows = await listEvents(ctx.db, {
      workspaceId: request.workspaceId,
      type: type ?? null,
      status: status ?? null,
      since: since ? new Date(since) : null,
      until: until ? new Date(until) : null,
      before: after,
      offset,
      limit,
    })
    return showPage(ctx, request, {
      name: 'events',
      rows,
      position: (row) => row.id,
      show: showEvent,
    })
  })

  const one = {
    summary: 'One event and how its notifications stand',
    operationId: 'getEvent',
    tags: ['Follow'],
    params: Type.Object({ id: Type.String({ format: 'uuid' }) }),
    response: {
      200: Type.Object({
        ...EventView.properties,
        notifications: Type.Record(Type.String(), Type.Integer()),
        trace: Type.Array(TraceView, { description: 'Who was looked for and found, in words.' }),
      }),
    },
  }
  app.get('/events/:id', { schema: one, config: { scope: 'events:read' } }, async (request) => {
    const { workspaceId, params } = request
    const event = await findEvent(ctx.db, workspaceId, params.id)
    if (!event) throw new ApiError('not_found', { detail: `There is no event ${params.id}.` })
    const counts = await countByStatus(ctx.db, workspaceId, params.id)
    const notifications = Object.fromEntries(counts.map(({ status, count }) => [status, count]))
    return { ...showEvent(event), notifications, trace: traceEvent(event) }
  })
}

function cancel(app: App, ctx: Context): void {
  const schema = {
    summary: 'Stop what has not begun',
    description:
      'After the answer no attempt begins for this event, except the `in_flight` ones, which had ' +
      'begun already. `done` are the deliveries that had ended before.',
    operationId: 'cancelEvent',
    tags: ['Follow'],
    params: Type.Object({ id: Type.String({ format: 'uuid' }) }),
    response: {
      200: Type.Object({
        status: Type.Literal('success'),
        event_id: Type.String({ format: 'uuid' }),
        message: Type.String(),
        cancelled: Type.Integer(),
        in_flight: Type.Integer(),
        done: Type.Integer(),
      }),
    },
  }
  app.post('/events/:id/cancel', { schema, config: { scope: 'events:write' } }, (request, reply) =>
    answerOnce(ctx, request, reply, async (tx) => {
      const { id } = request.params
      const { cancelled, inFlight, done } = await cancelWholeEvent(ctx, tx, request.workspaceId, id)
      const counts = { cancelled, in_flight: inFlight, done }
      const body = { status: 'success', event_id: id, message: 'Event cancelled', ...counts }
      return { status: 200, body }
    }),
  )
}

function showEvent(row: EventRow) {
  const { createdAt, processedAt, scheduledAt, expiresAt, cancelledAt } = row
  return {
    id: row.id,
    type: row.type,
    type_version: row.typeVersion,
    level: row.level,
    audience: row.audience.map((member, i) => ({
      ...member,
      from: member.from ?? ('request' as const),
      found: row.found[i] ?? null,
    })),
    params: row.params,
    message: row.message,
    status: row.status,
    error: row.error,
    recipient_count: row.recipientCount,
    scheduled_time: scheduledAt,
    expires_at: expiresAt,
    thread_key: row.threadKey,
    created_at: createdAt,
    processed_at: processedAt,
    processing_ms: processedAt && processedAt.getTime() - createdAt.getTime(),
    cancelled_at: cancelledAt,
  }
}
