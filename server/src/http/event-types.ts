// Event types: what can happen, who hears about it, and on which channels.
import { Type } from 'typebox'
import type { Context } from '../context.ts'
import { channels } from '../domain/channel.ts'
import { durationPattern } from '../domain/duration.ts'
import type { EventType, EventTypeDefinition } from '../domain/event-type.ts'
import { schemaProblem } from '../domain/json-schema.ts'
import { didYouMean } from '../domain/nearest.ts'
import { ApiError, type FieldError } from '../errors.ts'
import { compileText } from '../pipeline/liquid.ts'
import type { Db } from '../sql/db.ts'
import {
  findEventType,
  insertEventTypeVersion,
  listEventTypeKeys,
  listEventTypes,
  listEventTypeVersions,
} from '../sql/event-types.ts'
import type { App } from './app.ts'
import { Id, Moment } from './ids.ts'
import { PageBody, pageQuery, readPage, showPage } from './paging.ts'

export const EventTypeKey = Type.String({
  maxLength: 200,
  pattern: '^[A-Za-z0-9][A-Za-z0-9_.:-]*$',
  description: 'letters, digits and _ . : - as in order.shipped',
})

const Audience = Type.Union(
  [
    Id('A subscriber, or Liquid over the parameters.'),
    Type.Object({ topic: Id('A topic, or Liquid over the parameters.') }),
  ],
  { description: 'a subscriber id or {"topic": …}; either may be Liquid over the parameters' },
)

const Retry = Type.Object({
  attempts: Type.Integer({ minimum: 1, maximum: 20 }),
  delay: Type.String({
    pattern: durationPattern,
    description: 'a duration such as 15s, 10m or 24h',
  }),
  backoff: Type.Enum(['fixed', 'exponential']),
})

const EventTypeBody = Type.Object(
  {
    name: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 200,
        description: 'For people. The key without one.',
      }),
    ),
    category: Type.Optional(
      Type.Union([Id('Groups event types for preferences.'), Type.Null()], {
        description: 'a name that groups event types, or null',
      }),
    ),
    level: Type.Enum(['standard', 'critical'], { default: 'standard' }),
    params: Type.Optional(
      Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()], {
        description: 'a JSON Schema (2020-12) that the parameters must fit, or null',
      }),
    ),
    audience: Type.Array(Audience, {
      maxItems: 1_000,
      default: [],
      description: 'Who hears about it. Empty: each event says it in `to`.',
    }),
    channels: Type.Array(Type.Enum(channels), { minItems: 1, uniqueItems: true }),
    opt_in: Type.Boolean({
      default: false,
      description: 'Only those hear about it who have subscribed to it.',
    }),
    retry: Type.Optional(
      Type.Union([Retry, Type.Null()], {
        description:
          'how often and how fast failed deliveries are tried again, or null for the usual',
      }),
    ),
  },
  {
    examples: [
      {
        name: 'Order shipped',
        category: 'orders',
        params: {
          type: 'object',
          required: ['order_id', 'customer_id'],
          properties: { order_id: { type: 'string' }, customer_id: { type: 'string' } },
        },
        audience: ['{{ customer_id }}', { topic: 'order:{{ order_id }}#watcher' }],
        channels: ['in_app', 'email'],
      },
    ],
  },
)

const EventTypeView = Type.Object({
  key: Type.String(),
  version: Type.Integer({ description: 'Grows by one with each change.' }),
  name: Type.String(),
  category: Type.Union([Type.String(), Type.Null()]),
  level: Type.String(),
  params: Type.Unknown(),
  audience: Type.Array(Type.Unknown()),
  channels: Type.Array(Type.String()),
  opt_in: Type.Boolean(),
  retry: Type.Union([Retry, Type.Null()]),
  created_at: Moment('When this version was made.'),
})

const params = Type.Object({ key: EventTypeKey })
const tags = ['Configure']
const write = { scope: 'config:write' } as const
const read = { scope: 'config:read' } as const

export function eventTypeRoutes(app: App, ctx: Context): void {
  getEventTypes(app, ctx)
  putEventType(app, ctx)
  getVersions(app, ctx)
}

function getEventTypes(app: App, ctx: Context): void {
  const list = {
    summary: 'List event types',
    operationId: 'listEventTypes',
    tags,
    querystring: Type.Object(pageQuery),
    response: { 200: PageBody('event_types', EventTypeView) },
  }
  app.get('/event-types', { schema: list, config: read }, async (request) => {
    const page = readPage(ctx, request)
    const rows = await listEventTypes(ctx.db, { workspaceId: request.workspaceId, ...page })
    const position = ({ key }: EventType) => key
    return showPage(ctx, request, { name: 'event_types', rows, position, show })
  })

  const one = {
    summary: 'Show an event type',
    operationId: 'getEventType',
    tags,
    params,
    response: { 200: EventTypeView },
  }
  app.get('/event-types/:key', { schema: one, config: read }, async ({ workspaceId, params }) => {
    const found = await findEventType(ctx.db, workspaceId, params.key)
    if (!found) throw await unknownEventType(ctx.db, workspaceId, params.key)
    return show(found)
  })
}

function putEventType(app: App, ctx: Context): void {
  const schema = {
    summary: 'Create or change an event type',
    description:
      'The whole definition: what is left out gets its default. A change makes a new version; events ' +
      'on their way keep theirs. The same definition again changes nothing.',
    operationId: 'putEventType',
    tags,
    params,
    body: EventTypeBody,
    response: { 200: EventTypeView, 201: EventTypeView },
  }
  app.put('/event-types/:key', { schema, config: write }, async (request, reply) => {
    const { workspaceId, params, body } = request
    const { name = params.key, category = null, retry = null } = body
    const definition: EventTypeDefinition = {
      ...body,
      name,
      category,
      retry,
      params: body.params ?? null,
    }
    check(definition)
    const { key } = params
    const saved = await ctx.db.transaction((tx) =>
      insertEventTypeVersion(tx, workspaceId, { key, definition }),
    )
    if (saved.isNew) ctx.signals.ring('belfry_config')
    const isFirst = saved.isNew && saved.eventType.version === 1
    return reply.code(isFirst ? 201 : 200).send(show(saved.eventType))
  })
}

function getVersions(app: App, ctx: Context): void {
  const schema = {
    summary: 'List the versions of an event type, newest first',
    operationId: 'listEventTypeVersions',
    tags,
    params,
    querystring: Type.Object(pageQuery),
    response: { 200: PageBody('versions', EventTypeView) },
  }
  app.get('/event-types/:key/versions', { schema, config: read }, async (request) => {
    const { workspaceId, params } = request
    const { after, ...page } = readPage(ctx, request)
    const before = after === null ? null : Number(after)
    const rows = await listEventTypeVersions(ctx.db, {
      workspaceId,
      key: params.key,
      before,
      ...page,
    })
    if (rows.length === 0 && !(await findEventType(ctx.db, workspaceId, params.key)))
      throw await unknownEventType(ctx.db, workspaceId, params.key)
    const position = ({ version }: EventType) => String(version)
    return showPage(ctx, request, { name: 'versions', rows, position, show })
  })
}

/** @throws ApiError `invalid_request`, `invalid_schema`, or `invalid_template` for Liquid that does not parse. */
function check({ params, audience, level, opt_in: isOptIn }: EventTypeDefinition): void {
  if (isOptIn && level === 'critical')
    throw new ApiError('invalid_request', {
      errors: [
        { pointer: '/opt_in', detail: 'cannot go with the level critical, which everybody hears.' },
      ],
    })
  const problem = params && schemaProblem(params)
  if (problem)
    throw new ApiError('invalid_schema', {
      detail: problem,
      errors: [{ pointer: '/params', detail: problem }],
    })

  const errors = audience.flatMap((entry, i): FieldError[] => {
    const pointer = typeof entry === 'string' ? `/audience/${i}` : `/audience/${i}/topic`
    try {
      compileText(typeof entry === 'string' ? entry : entry.topic)
      return []
    } catch (error) {
      return [{ pointer, detail: (error as Error).message }]
    }
  })
  if (errors.length > 0) throw new ApiError('invalid_template', { errors })
}

function show({ key, version, createdAt, ...definition }: EventType) {
  return { key, version, ...definition, created_at: createdAt.toISOString() }
}

async function unknownEventType(db: Db, workspaceId: number, key: string): Promise<ApiError> {
  const known = await listEventTypeKeys(db, workspaceId)
  return new ApiError('not_found', {
    detail: `There is no event type "${key}".${didYouMean(key, known)}`,
  })
}
