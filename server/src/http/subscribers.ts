// Subscribers: who can be told, and where they can be reached.
import { Type } from 'typebox'
import type { Context } from '../context.ts'
import type { InlineSubscriber } from '../domain/audience.ts'
import { subscriberChange, subscriberProblems } from '../domain/subscriber.ts'
import { ApiError } from '../errors.ts'
import type { Db } from '../sql/db.ts'
import {
  deleteSubscriber,
  findSubscriber,
  listSubscribers,
  upsertSubscribers,
} from '../sql/subscribers.ts'
import { deleteSuppressions } from '../sql/suppressions.ts'
import type { App } from './app.ts'
import { batchBodyLimit } from './bodies.ts'
import { Id } from './ids.ts'
import { answerOnce } from './idempotency.ts'
import { PageBody, pageQuery, readPage, showPage } from './paging.ts'
import { showSubscriber, subscriberFields, SubscriberView } from './subscriber-body.ts'
import { createChecker } from './validation.ts'

const SubscriberBody = Type.Object(subscriberFields, {
  examples: [
    { email: 'ana@example.com', locale: 'pt-PT', timezone: 'Europe/Lisbon', data: { name: 'Ana' } },
  ],
})

const OneOfMany = Type.Object({ id: Id('Your id of the subscriber.'), ...subscriberFields })
const checkOneOfMany = createChecker(OneOfMany)

const BulkBody = Type.Object(
  {
    subscribers: Type.Array(Type.Unknown(), {
      minItems: 1,
      maxItems: 1_000,
      description: 'Subscribers as for PUT /subscribers/{id}, each with its `id`.',
    }),
  },
  { examples: [{ subscribers: [{ id: 'ana', email: 'ana@example.com' }] }] },
)

const BulkResult = Type.Object({
  results: Type.Array(
    Type.Object({
      id: Type.Union([Type.String(), Type.Null()]),
      status: Type.Enum(['created', 'updated', 'refused']),
      errors: Type.Optional(
        Type.Array(Type.Object({ pointer: Type.String(), detail: Type.String() })),
      ),
    }),
    { description: 'One for each subscriber, in the order they were given.' },
  ),
  created: Type.Integer(),
  updated: Type.Integer(),
  refused: Type.Integer(),
})

const params = Type.Object({ id: Id('The id you gave the subscriber.') })
const tags = ['Audience']
const write = { scope: 'subscribers:write' } as const
const read = { scope: 'subscribers:read' } as const

export function subscriberRoutes(app: App, ctx: Context): void {
  getSubscribers(app, ctx)
  putSubscriber(app, ctx)
  patchSubscriber(app, ctx)
  removeSubscriber(app, ctx)
  postBulk(app, ctx)
}

function getSubscribers(app: App, ctx: Context): void {
  const list = {
    summary: 'List subscribers',
    operationId: 'listSubscribers',
    tags,
    querystring: Type.Object(pageQuery),
    response: { 200: PageBody('subscribers', SubscriberView) },
  }
  app.get('/subscribers', { schema: list, config: read }, async (request) => {
    const page = readPage(ctx, request)
    const rows = await listSubscribers(ctx.db, { workspaceId: request.workspaceId, ...page })
    const position = ({ id }: { id: string }) => id
    return showPage(ctx, request, { name: 'subscribers', rows, position, show: showSubscriber })
  })

  const one = {
    summary: 'Show a subscriber',
    operationId: 'getSubscriber',
    tags,
    params,
    response: { 200: SubscriberView },
  }
  app.get('/subscribers/:id', { schema: one, config: read }, ({ workspaceId, params }) =>
    show(ctx.db, workspaceId, params.id),
  )
}

function putSubscriber(app: App, ctx: Context): void {
  const schema = {
    summary: 'Create or change a subscriber',
    description: 'Fields that are absent stay as they are; null removes.',
    operationId: 'putSubscriber',
    tags,
    params,
    body: SubscriberBody,
    response: { 200: SubscriberView, 201: SubscriberView },
  }
  app.put('/subscribers/:id', { schema, config: write }, async (request, reply) => {
    const { workspaceId } = request
    const subscriber = check({ ...request.body, id: request.params.id })
    const [saved] = await upsertSubscribers(ctx.db, workspaceId, [subscriber])
    await reviveDevices(ctx.db, workspaceId, subscriber)
    const shown = await show(ctx.db, workspaceId, subscriber.id)
    return reply.code(saved?.isNew ? 201 : 200).send(shown)
  })
}

function patchSubscriber(app: App, ctx: Context): void {
  const schema = {
    summary: 'Change a subscriber that exists',
    description: 'As PUT, but it does not create one.',
    operationId: 'patchSubscriber',
    tags,
    params,
    body: SubscriberBody,
    response: { 200: SubscriberView },
  }
  app.patch('/subscribers/:id', { schema, config: write }, ({ workspaceId, params, body }) => {
    const subscriber = check({ ...body, id: params.id })
    return ctx.db.transaction(async (tx) => {
      // First the change: it holds the row, so nobody can delete it in between.
      const [saved] = await upsertSubscribers(tx, workspaceId, [subscriber])
      if (saved?.isNew) throw unknownSubscriber(subscriber.id)
      await reviveDevices(tx, workspaceId, subscriber)
      return show(tx, workspaceId, subscriber.id)
    })
  })
}

function removeSubscriber(app: App, ctx: Context): void {
  const schema = {
    summary: 'Delete a subscriber',
    description: 'With its addresses, and out of its topics. What was sent to it stays on record.',
    operationId: 'deleteSubscriber',
    tags,
    params,
    response: { 204: Type.Null({ description: 'It is gone.' }) },
  }
  app.delete('/subscribers/:id', { schema, config: write }, async (request, reply) => {
    const { id } = request.params
    if (!(await deleteSubscriber(ctx.db, request.workspaceId, id))) throw unknownSubscriber(id)
    return reply.code(204).send()
  })
}

function postBulk(app: App, ctx: Context): void {
  const schema = {
    summary: 'Create or change many subscribers',
    description:
      'Up to 1,000. Each is taken or refused by itself, and says so in `results`; those that are ' +
      'taken are stored together.',
    operationId: 'bulkSubscribers',
    tags,
    body: BulkBody,
    response: { 200: BulkResult },
  }
  const options = { schema, config: write, bodyLimit: batchBodyLimit }
  app.post('/subscribers/bulk', options, (request, reply) => {
    const { workspaceId, body } = request
    return answerOnce(ctx, request, reply, async (tx) => {
      const checked = checkMany(body.subscribers)
      const accepted = checked.flatMap((item) => ('subscriber' in item ? item.subscriber : []))
      const saved = accepted.length > 0 ? await upsertSubscribers(tx, workspaceId, accepted) : []
      const newIds = new Set(saved.filter(({ isNew }) => isNew).map(({ id }) => id))
      const results = checked.map((item) => {
        if (!('subscriber' in item)) return { ...item, status: 'refused' as const }
        const { id } = item.subscriber
        return { id, status: newIds.has(id) ? ('created' as const) : ('updated' as const) }
      })
      const count = (status: string) => results.filter((result) => result.status === status).length
      const counts = {
        created: count('created'),
        updated: count('updated'),
        refused: count('refused'),
      }
      return { status: 200, body: { results, ...counts } }
    })
  })
}

/** A device that registers again is there, whatever was said of it before. */
async function reviveDevices(
  db: Db,
  workspaceId: number,
  subscriber: InlineSubscriber,
): Promise<void> {
  const given = subscriberChange(subscriber).addresses
  const addresses = given.filter(({ channel }) => channel === 'push')
  await deleteSuppressions(db, workspaceId, { addresses, reasons: ['gone'] })
}

type Checked =
  | { subscriber: InlineSubscriber }
  | { id: string | null; errors: { pointer: string; detail: string }[] }

function checkMany(items: unknown[]): Checked[] {
  const seen = new Set<string>()
  return items.map((item) => {
    const id = (item as { id?: unknown } | null)?.id
    const shownId = typeof id === 'string' ? id : null
    const misfits = checkOneOfMany(item)
    if (misfits.length > 0) return { id: shownId, errors: misfits }

    const subscriber = item as InlineSubscriber // it fits the schema
    const errors = subscriberProblems(subscriber)
    if (seen.has(subscriber.id))
      errors.push({ pointer: '/id', detail: 'comes twice; the first one was taken.' })
    seen.add(subscriber.id)
    return errors.length > 0 ? { id: subscriber.id, errors } : { subscriber }
  })
}

function check(given: object & { id: string }): InlineSubscriber {
  const subscriber = given as InlineSubscriber // its body fits the schema
  const errors = subscriberProblems(subscriber)
  if (errors.length > 0)
    throw new ApiError('invalid_request', {
      detail: errors.map(({ pointer, detail }) => `${pointer} ${detail}`).join(' '),
      errors,
    })
  return subscriber
}

async function show(db: Db, workspaceId: number, id: string) {
  const row = await findSubscriber(db, workspaceId, id)
  if (!row) throw unknownSubscriber(id)
  return showSubscriber(row)
}

function unknownSubscriber(id: string): ApiError {
  return new ApiError('not_found', { detail: `There is no subscriber "${id}".` })
}
