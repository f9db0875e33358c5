// Why somebody hears about it, or not: asked before it is sent, or afterwards. Changes nothing, tells nobody.
import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { Type, type Static } from 'typebox'
import type { Context } from '../context.ts'
import type { FanOutCursor } from '../domain/event.ts'
import { ApiError } from '../errors.ts'
import { checkEvent, type CheckedEvent } from '../pipeline/accept.ts'
import { explain } from '../pipeline/explain.ts'
import { explainEvent, explainNotification, explainToPerson } from '../pipeline/explain-past.ts'
import type { RememberedPage } from '../pipeline/explain-past.ts'
import { showExplained, showRememberedPage } from '../pipeline/explanation.ts'
import { checkMessage, leadsToNobody } from '../pipeline/notify.ts'
import type { App } from './app.ts'
import { acceptingOf, EventBody } from './events.ts'
import { ExplanationView } from './explain-views.ts'
import { NotifyBody, notifyRequestOf } from './notify-body.ts'
import { openCursor, sealCursor } from './paging.ts'

const id = Type.String({ format: 'uuid' })
const PastEvent = Type.Object({
  event_id: id,
  recipient_id: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 2_048,
      pattern: '^[^\\p{Cc}]+$',
      description: 'One person, or somebody it was not for. Without it: everybody, page by page.',
    }),
  ),
})
const PastNotification = Type.Object({ notification_id: id })

const ExplainBody = Type.Union([EventBody, NotifyBody, PastEvent, PastNotification], {
  examples: [{ type: 'order.shipped', params: { order_id: 'A-1001' }, to: ['ana'] }],
})
type Future = Static<typeof EventBody> | Static<typeof NotifyBody>
type Past = Static<typeof PastEvent> | Static<typeof PastNotification>
type Asked = Future | Past

const query = Type.Object({
  limit: Type.Integer({ minimum: 1, maximum: 100, default: 20, description: 'Most people.' }),
  cursor: Type.Optional(
    Type.String({
      maxLength: 4_000,
      description: '`next_cursor` of the page before, with the same body.',
    }),
  ),
  now: Type.Optional(
    Type.String({
      format: 'date-time',
      description:
        'As if it were sent at this moment. Everything else is as it is now. Not for what has happened.',
    }),
  ),
})

export function explainRoutes(app: App, ctx: Context): void {
  const schema = {
    summary: 'Who would hear about it, when, how and why',
    description:
      'Takes what POST /events or POST /notifications takes, refuses what they refuse, and says what would happen. ' +
      'Nothing is stored and nobody is told; data sources are asked. Ids and links in texts are made up. A person whom several entries of ' +
      'the audience lead to may come again on a later page. With `event_id` or `notification_id` it says what did ' +
      'happen: why each person got it or did not, also somebody it was not for.',
    operationId: 'explain',
    tags: ['Trigger'],
    querystring: query,
    body: ExplainBody,
    response: { 200: ExplanationView },
  }
  const config = { scope: 'notifications:read' } as const
  app.post('/explain', { schema, config, preValidation: refuseNothing }, (request) => {
    const { body } = request
    const isPast = 'event_id' in body || 'notification_id' in body
    return isPast ? explainPast(ctx, request, body) : explainDryRun(ctx, request, body)
  })
}

const subjects = ['type', 'channels', 'event_id', 'notification_id']

/** Says what may be explained, where a list of everything that is missing would not help. */
async function refuseNothing({ body }: FastifyRequest): Promise<void> {
  const isObject = typeof body === 'object' && body !== null
  if (!isObject || subjects.some((name) => name in body)) return
  const detail = `needs one of ${subjects.map((name) => `"${name}"`).join(', ')}: what to explain`
  throw new ApiError('invalid_request', { errors: [{ pointer: '', detail }] })
}

type ExplainRequest = FastifyRequest & { query: Static<typeof query> }

async function explainDryRun(ctx: Context, request: ExplainRequest, body: Future) {
  const start = startOf(ctx, request, body)
  const checked = await check(ctx, request, body, start.now)
  const { limit: most } = request.query
  const explained = await explain(ctx, checked, { ...start, most })
  const { cursor } = explained
  if (explained.isNobody && checked.event.message) throw leadsToNobody()
  return {
    ...showExplained(checked.event, explained, start.now),
    next_cursor: cursor && sealCursor(ctx, request, positionOf(body, start.now, cursor)),
  }
}

async function explainPast(ctx: Context, request: ExplainRequest, body: Past) {
  if (request.query.now !== undefined)
    throw new ApiError('invalid_request', {
      errors: [{ pointer: '?now', detail: 'is only for what has not happened yet' }],
    })
  const page = await pageOf(ctx, request, body)
  const { next: after } = page
  const position = JSON.stringify({ asked: fingerprint(body), after })
  return {
    ...showRememberedPage(page, ctx.in(request.workspaceId).clock.now()),
    next_cursor: after === null ? null : sealCursor(ctx, request, position),
  }
}

function pageOf(ctx: Context, request: ExplainRequest, body: Past): Promise<RememberedPage> {
  const { workspaceId } = request
  if ('notification_id' in body) return explainNotification(ctx, workspaceId, body.notification_id)
  const { event_id: eventId, recipient_id: recipient } = body
  if (recipient !== undefined) return explainToPerson(ctx, workspaceId, { eventId, recipient })
  const { cursor, limit: most } = request.query
  const after = cursor === undefined ? '' : positionIn<{ after: string }>(ctx, request, body).after
  return explainEvent(ctx, workspaceId, { eventId, after, most })
}

/** As the routes do that would accept it. */
function check(
  ctx: Context,
  request: FastifyRequest,
  body: Future,
  acceptedAt: Date,
): Promise<CheckedEvent> {
  const accepting = { ...acceptingOf(request), acceptedAt }
  return 'type' in body
    ? checkEvent(ctx, accepting, body)
    : checkMessage(ctx, ctx.db, accepting, notifyRequestOf(body), false)
}

type Start = { now: Date; cursor: FanOutCursor | null }
type Position = {
  asked: string
  now: string
  member: number
  after: string | null
  isFound: boolean
}

/** Every page of one explanation is of the same moment. */
function startOf(ctx: Context, request: ExplainRequest, body: Asked): Start {
  const { cursor, now } = request.query
  if (cursor === undefined)
    return {
      now: now === undefined ? ctx.in(request.workspaceId).clock.now() : new Date(now),
      cursor: null,
    }
  const position = positionIn<Position>(ctx, request, body)
  const { member, after, isFound } = position
  // Whether anybody was found decides about `otherwise`; how many does not matter here.
  const found = isFound ? Array<number>(member).fill(1) : []
  return { now: new Date(position.now), cursor: { member, after, found, templates: [] } }
}

/** @throws ApiError `invalid_cursor` */
function positionIn<P>(ctx: Context, request: ExplainRequest, body: Asked): P {
  // We have signed it, so it is what we put in.
  const { asked, ...position } = JSON.parse(
    openCursor(ctx, request, request.query.cursor ?? ''),
  ) as { asked: string } & P
  if (asked !== fingerprint(body))
    throw new ApiError('invalid_cursor', { detail: 'Send next_cursor with the body it came for.' })
  return position as P
}

function positionOf(body: Asked, now: Date, { member, after, found }: FanOutCursor): string {
  const position: Position = {
    asked: fingerprint(body),
    now: now.toISOString(),
    member,
    after,
    isFound: found.some((count) => count !== null && count > 0),
  }
  return JSON.stringify(position)
}

function fingerprint(body: Asked): string {
  return createHash('sha256').update(JSON.stringify(body)).digest('base64url').slice(0, 22)
}
