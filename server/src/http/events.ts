// Events: something happened. Each is on disk before it is answered; who hears about it follows.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Context } from '../context.ts'
import { checkEvent } from '../pipeline/accept.ts'
import type { Accepting, CheckedEvent, EventRequest } from '../pipeline/accept.ts'
import { listEvents } from '../sql/events.ts'
import type { App } from './app.ts'
import { CloudEventBatchBody, CloudEventBody } from './cloud-event-body.ts'
import { describeEvent, EventDetail, EventView, showEvent } from './event-views.ts'
import { firstAnswerTo, idempotencyOf, storeOnce, type Answer } from './idempotency.ts'
import { PageBody, pageQuery, readPage, showPage } from './paging.ts'
import { answerWhenDone, mayWait, waitWords } from './prefer.ts'
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
  event: Type.Optional(EventDetail),
})

export function eventRoutes(app: App, ctx: Context): void {
  postEvent(app, ctx)
  getEvents(app, ctx)
}

function postEvent(app: App, ctx: Context): void {
  const schema = {
    summary: 'Say that something happened',
    description:
      'Answers once the event is on disk. Its people are found and told right after. ' +
      `${waitWords} The work is done when its people are found; \`event\` says what became of it. ` +
      'CloudEvents 1.0 are taken in all their forms: structured, as a batch (answered as POST /events/batch answers), ' +
      'and binary (`ce-` headers and a JSON body). `source` and `id` make one happen once.',
    operationId: 'createEvent',
    tags: ['Trigger'],
    body: EventBody,
    response: { 200: AcceptedBody, 202: AcceptedBody },
  }
  const config = {
    scope: 'events:write',
    alsoDescribes: {
      'application/cloudevents+json': CloudEventBody,
      'application/cloudevents-batch+json': CloudEventBatchBody,
    },
  } as const
  app.post('/events', { schema, config, preHandler: mayWait(ctx) }, async (request, reply) => {
    const answer = await checkAndStore(ctx, request, reply)
    return answerEvent(ctx, request, reply, answer)
  })
}

/** Answers that an event is stored, or, if the caller prefers to wait, what became of it. */
export function answerEvent(
  ctx: Context,
  request: FastifyRequest,
  reply: FastifyReply,
  answer: Answer,
): Promise<FastifyReply> {
  const { event_id: eventId } = answer.body as { event_id: string } // by its schema
  const { workspaceId } = request
  return answerWhenDone(ctx, request, reply, answer, () => ({
    awaited: [{ workspaceId, eventId, what: 'found' }],
    tell: async (isDone) => ({
      ...(isDone && { message: 'Event processed' }),
      event: await describeEvent(ctx, workspaceId, eventId),
    }),
  }))
}

export function acceptedAnswer(eventId: string): Answer {
  return {
    status: 202,
    body: { status: 'success', event_id: eventId, message: 'Event accepted' },
  }
}

async function checkAndStore(
  ctx: Context,
  request: FastifyRequest & { body: EventRequest },
  reply: FastifyReply,
): Promise<Answer> {
  let checked: CheckedEvent
  try {
    checked = await checkEvent(ctx, acceptingOf(request), request.body)
  } catch (refusal) {
    return firstAnswerTo(ctx, request, reply, refusal)
  }
  return storeRequest(ctx, request, reply, [checked], acceptedAnswer(checked.event.id))
}

/** Answers once everything is on disk; a repeated request gets the first answer again. */
export async function storeRequest(
  ctx: Context,
  request: FastifyRequest,
  reply: FastifyReply,
  checked: CheckedEvent[],
  answer: Answer,
): Promise<Answer> {
  const { workspaceId, rawBody } = request
  const idempotency = idempotencyOf(request)
  const bytes = rawBody?.length ?? 0
  const stored = await storeOnce(ctx, checked, { workspaceId, idempotency, answer, bytes })
  if (stored.isRepeated) reply.header('idempotency-replayed', 'true')
  return stored
}

/** https://www.w3.org/TR/trace-context/#traceparent-header; anything else is not passed on. */
const traceparentPattern = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/

/** `own`: the trace that an event names itself goes before that of its request. */
export function acceptingOf(request: FastifyRequest, own?: string): Accepting {
  const traceparent = own ?? request.headers.traceparent
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
    response: { 200: EventDetail },
  }
  app.get('/events/:id', { schema: one, config: { scope: 'events:read' } }, (request) =>
    describeEvent(ctx, request.workspaceId, request.params.id),
  )
}
