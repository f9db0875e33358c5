// What changes, as server-sent events: a person's feed, for the person behind /me and for the server of the customer
// by id; and for that server what becomes of all notifications.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Context } from '../context.ts'
import { SseOutlet } from '../live/sse.ts'
import { unknownSubscriber } from '../pipeline/preferences.ts'
import type { FeedOwner } from '../sql/feed.ts'
import { findSubscriber } from '../sql/subscribers.ts'
import type { App } from './app.ts'
import type { ReadKey } from './auth.ts'
import { crossOrigin } from './cors.ts'
import { Id } from './ids.ts'
import { resultFilterOf, resultQuery } from './result-filters.ts'
import { takeSockets } from './stream-sockets.ts'
import { versionHeaders, versionOf } from './versions/speak.ts'

const headers = {
  ...crossOrigin,
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  'x-accel-buffering': 'no', // a proxy that collects the answer would hold it back
}

export function streamRoutes(app: App, ctx: Context, readKey: ReadKey): void {
  getMyStream(app, ctx)
  getStream(app, ctx)
  getResults(app, ctx)
  takeSockets(app, ctx, readKey)
  app.addHook('preClose', (done) => {
    ctx.streams.close()
    ctx.resultStreams.close()
    done()
  })
}

const querystring = Type.Object({
  last_event_id: Type.Optional(
    Type.String({ maxLength: 8_000, description: 'For those who cannot set a header.' }),
  ),
})
const response = {
  200: {
    description: 'Without an end.',
    content: { 'text/event-stream': { schema: Type.String() } },
  },
}

function getMyStream(app: App, ctx: Context): void {
  const schema = {
    summary: 'Follow my feed as it changes',
    description:
      'Server-sent events: `notification.created` and `notification.updated` with the item, `counts`, and ' +
      '`reset` when what was missed cannot be told and the feed is to be loaded again. `id` is the ' +
      'position up to which everything was sent: sent back as `Last-Event-ID` (or `last_event_id`) the ' +
      'stream goes on there without a gap; what was on its way may come again. A comment every 20 ' +
      'seconds. When the token is over the stream says `token_expired` and ends. The same over a ' +
      'WebSocket at `/me/ws`.',
    operationId: 'streamMyFeed',
    tags: ['Me'],
    querystring,
    response,
  }
  const config = { scope: 'me', isStream: true } as const
  app.get('/me/stream', { schema, config, exposeHeadRoute: false }, (request, reply) => {
    const { workspaceId, subscriberId } = request
    follow(ctx, request, reply, { workspaceId, subscriberId })
  })
}

function getStream(app: App, ctx: Context): void {
  const schema = {
    summary: 'Follow the feed of a subscriber as it changes',
    description:
      'As `GET /me/stream`, for your server. After 15 minutes, or when the key expires, the stream says ' +
      '`token_expired` and ends: come back with the last position. The same over a WebSocket at ' +
      '`/subscribers/{id}/ws`.',
    operationId: 'streamFeed',
    tags: ['Follow'],
    params: Type.Object({ id: Id('The id you gave the subscriber.') }),
    querystring,
    response,
  }
  const config = { scope: 'notifications:read', isStream: true } as const
  const options = { schema, config, exposeHeadRoute: false }
  app.get('/subscribers/:id/stream', options, async (request, reply) => {
    const { workspaceId, params } = request
    if (!(await findSubscriber(ctx.db, workspaceId, params.id))) throw unknownSubscriber(params.id)
    follow(ctx, request, reply, { workspaceId, subscriberId: params.id })
  })
}

function getResults(app: App, ctx: Context): void {
  const schema = {
    summary: 'Follow what becomes of notifications',
    description:
      'Server-sent events: each a result as hooks are told it, `{"type", "timestamp", "data"}`, of those that the ' +
      'filters let through. `id` is the position up to which everything was sent: sent back as `Last-Event-ID` ' +
      '(or `last_event_id`) within 50 minutes the stream goes on there without a gap, on any server; what was on its ' +
      'way may come again. `reset`: what was missed cannot be told; GET /notifications shows how things stand. ' +
      'A comment every 20 seconds. What a slow client has not taken waits for it. After 15 minutes, or when the ' +
      'key expires, the stream says `token_expired` and ends: come back with the last position. The same over a ' +
      'WebSocket at `/ws`.',
    operationId: 'streamResults',
    tags: ['Follow'],
    querystring: Type.Object(resultQuery),
    response,
  }
  const config = { scope: 'notifications:read', isStream: true } as const
  app.get('/stream', { schema, config, exposeHeadRoute: false }, (request, reply) => {
    const { workspaceId, takenUntilMs } = request
    ctx.resultStreams.checkRoom(workspaceId)
    const filter = resultFilterOf(request.query)
    const position = positionOf(request)
    const outlet = openOutlet(request, reply)
    const stream = ctx.resultStreams.join({ workspaceId, filter, outlet, takenUntilMs, position })
    reply.raw.on('close', () => ctx.resultStreams.leave(stream))
  })
}

function follow(
  ctx: Context,
  request: FastifyRequest,
  reply: FastifyReply,
  owner: FeedOwner,
): void {
  ctx.streams.checkRoom(owner)
  const position = positionOf(request)
  const outlet = openOutlet(request, reply)
  const { takenUntilMs } = request
  const connection = ctx.streams.join(owner, { outlet, takenUntilMs, position })
  reply.raw.on('close', () => ctx.streams.leave(connection))
}

/** Null: from now on. */
function positionOf(request: FastifyRequest): string | null {
  // The schema saw to it.
  const query = request.query as { last_event_id?: string }
  const last = request.headers['last-event-id'] ?? query.last_event_id ?? null
  return Array.isArray(last) ? last.join() : last
}

function openOutlet(request: FastifyRequest, reply: FastifyReply): SseOutlet {
  reply.hijack()
  const response = reply.raw
  response.writeHead(200, {
    ...headers,
    ...versionHeaders(versionOf(request)),
    'x-request-id': request.id,
  })
  response.flushHeaders() // written alone they are kept as one text, not as forty pieces: 0.8 KB a stream
  return new SseOutlet(response)
}
