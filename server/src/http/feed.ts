// A subscriber's in-app feed: for the server of the customer by id, and for the person behind /me.
import type { FastifyRequest } from 'fastify'
import { type TSchema, Type } from 'typebox'
import type { Context } from '../context.ts'
import { feedFilters, feedParts, noCategory, partsOf, type FeedFilter } from '../domain/feed.ts'
import { showCounts, showFeedItem } from '../live/feed-item.ts'
import { changeAllItems } from '../pipeline/feed.ts'
import { unknownSubscriber } from '../pipeline/preferences.ts'
import { countFeeds, listFeed, type FeedOwner } from '../sql/feed.ts'
import { findSubscriber } from '../sql/subscribers.ts'
import type { App } from './app.ts'
import { feedItemRoutes } from './feed-items.ts'
import { countFields, CountsView, FeedItemView } from './feed-views.ts'
import { answerAfter } from './idempotency.ts'
import { Id } from './ids.ts'
import { PageBody, pageQuery, readPage, showPage } from './paging.ts'

/** A way to a feed. Both have the same routes. */
export type FeedDoor = {
  path: string
  params: Record<string, TSchema>
  tags: string[]
  reading: { scope: 'me' | 'notifications:read' }
  writing: { scope: 'me' | 'notifications:write' }
  /** Names of operations are unique: `listFeed` by id is `listMyFeed` behind /me. */
  name: (operation: string) => string
  ownerOf: (request: FastifyRequest) => FeedOwner
}

const byId: FeedDoor = {
  path: '/subscribers/:id/notifications',
  params: { id: Id('The id you gave the subscriber.') },
  tags: ['Follow'],
  reading: { scope: 'notifications:read' },
  writing: { scope: 'notifications:write' },
  name: (operation) => operation,
  ownerOf: ({ workspaceId, params }) => ({
    workspaceId,
    subscriberId: (params as { id: string }).id,
  }),
}

const mine: FeedDoor = {
  path: '/me/notifications',
  params: {},
  tags: ['Me'],
  reading: { scope: 'me' },
  writing: { scope: 'me' },
  name: (operation) => operation.replace(/^[a-z]+/, '$&My'),
  ownerOf: ({ workspaceId, subscriberId }) => ({ workspaceId, subscriberId }),
}

export function feedRoutes(app: App, ctx: Context): void {
  for (const door of [byId, mine]) {
    getFeed(app, ctx, door)
    getCounts(app, ctx, door)
    feedItemRoutes(app, ctx, door)
    postReadAll(app, ctx, door)
    postArchiveAll(app, ctx, door)
  }
}

const Category = Type.Optional(
  Type.String({
    minLength: 1,
    maxLength: 255,
    description: `Only those of this category; \`${noCategory}\`: of none.`,
  }),
)

/** As sql/feed.ts has it. */
function categoryOf({ category }: { category?: string }): string | null {
  return category === noCategory ? '' : (category ?? null)
}

function getFeed(app: App, ctx: Context, door: FeedDoor): void {
  const schema = {
    summary: 'The in-app feed, newest first',
    description: 'What comes back from a snooze stands where it would if it had just come.',
    operationId: door.name('listFeed'),
    tags: door.tags,
    params: Type.Object(door.params),
    querystring: Type.Object({
      filter: Type.Enum(feedFilters, {
        default: 'all',
        description: '`all`: what is neither archived nor snoozed.',
      }),
      category: Category,
      limit: pageQuery.limit,
      cursor: pageQuery.cursor,
    }),
    response: {
      200: Type.Object({
        ...PageBody('notifications', FeedItemView).properties,
        ...countFields,
      }),
    },
  }
  app.get(door.path, { schema, config: door.reading }, async (request) => {
    const owner = door.ownerOf(request)
    const { after, limit } = readPage(ctx, request)
    // The schema above saw to it.
    const query = request.query as { filter: FeedFilter; category?: string }
    const page = {
      ...owner,
      parts: partsOf(query.filter),
      category: categoryOf(query),
      before: after,
      limit,
    }
    const [, rows, counts] = await Promise.all([
      mustExist(ctx, owner),
      listFeed(ctx.db, page),
      countFeeds(ctx.db, [owner]),
    ])
    const name = 'notifications'
    const position = (row: { position: string }) => row.position
    return {
      ...showPage(ctx, request, { name, rows, position, show: showFeedItem }),
      ...showCounts(counts),
    }
  })
}

function getCounts(app: App, ctx: Context, door: FeedDoor): void {
  const schema = {
    summary: 'How many items of the feed are unread, and unseen',
    operationId: door.name('countFeed'),
    tags: door.tags,
    params: Type.Object(door.params),
    response: { 200: CountsView },
  }
  app.get(`${door.path}/counts`, { schema, config: door.reading }, async (request) => {
    const owner = door.ownerOf(request)
    const [, counts] = await Promise.all([mustExist(ctx, owner), countFeeds(ctx.db, [owner])])
    const categories = counts.map((count) => ({
      category: count.category,
      unread_count: count.unreadCount,
      unseen_count: count.unseenCount,
    }))
    return { ...showCounts(counts), categories }
  })
}

async function mustExist({ db }: Context, { workspaceId, subscriberId }: FeedOwner): Promise<void> {
  if (!(await findSubscriber(db, workspaceId, subscriberId))) throw unknownSubscriber(subscriberId)
}

const CountBody = Type.Object({ count: Type.Integer({ description: 'How many were changed.' }) })

function postReadAll(app: App, ctx: Context, door: FeedDoor): void {
  const schema = {
    summary: 'Mark everything in the feed as read',
    description: 'What is archived or snoozed stays as it is, and so does what comes meanwhile.',
    operationId: door.name('readAll'),
    tags: door.tags,
    params: Type.Object(door.params),
    body: Type.Object({ category: Category }, { examples: [{ category: 'orders' }] }),
    response: { 200: CountBody },
  }
  const options = { schema, config: door.writing }
  app.post(`${door.path}/read-all`, options, (request, reply) =>
    answerAfter(ctx, request, reply, async () => {
      const owner = door.ownerOf(request)
      await mustExist(ctx, owner)
      const category = categoryOf(request.body)
      const many = { owner, parts: [feedParts.unread], category }
      return { status: 200, body: { count: await changeAllItems(ctx, 'read', many) } }
    }),
  )
}

function postArchiveAll(app: App, ctx: Context, door: FeedDoor): void {
  const schema = {
    summary: 'Archive everything in the feed',
    operationId: door.name('archiveAll'),
    tags: door.tags,
    params: Type.Object(door.params),
    body: Type.Object(
      {
        category: Category,
        only_read: Type.Boolean({ default: false, description: 'Leaves what is unread.' }),
      },
      { examples: [{ only_read: true }] },
    ),
    response: { 200: CountBody },
  }
  const options = { schema, config: door.writing }
  app.post(`${door.path}/archive-all`, options, (request, reply) =>
    answerAfter(ctx, request, reply, async () => {
      const owner = door.ownerOf(request)
      await mustExist(ctx, owner)
      const parts = request.body.only_read ? [feedParts.read] : partsOf('all')
      const many = { owner, parts, category: categoryOf(request.body) }
      return { status: 200, body: { count: await changeAllItems(ctx, 'archive', many) } }
    }),
  )
}
