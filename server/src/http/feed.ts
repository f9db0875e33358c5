// A subscriber's in-app feed: what is in it, and what has been read.
import { Type } from 'typebox'
import type { Context } from '../context.ts'
import { ApiError } from '../errors.ts'
import { listFeed, updateReadAt } from '../sql/feed.ts'
import { findSubscriber } from '../sql/subscribers.ts'
import type { App } from './app.ts'
import { answerOnce } from './idempotency.ts'
import { Id } from './ids.ts'
import { FeedItemView, showFeedItem } from './notification-views.ts'
import { PageBody, pageQuery, readPage, showPage } from './paging.ts'

const tags = ['Follow']

export function feedRoutes(app: App, ctx: Context): void {
  getFeed(app, ctx)
  postRead(app, ctx, { word: 'read', isRead: true })
  postRead(app, ctx, { word: 'unread', isRead: false })
}

function getFeed(app: App, ctx: Context): void {
  const schema = {
    summary: "A subscriber's in-app feed, newest first",
    operationId: 'listFeed',
    tags,
    params: Type.Object({ id: Id('The id you gave the subscriber.') }),
    querystring: Type.Object({ limit: pageQuery.limit, cursor: pageQuery.cursor }),
    response: { 200: PageBody('notifications', FeedItemView) },
  }
  const config = { scope: 'notifications:read' } as const
  app.get('/subscribers/:id/notifications', { schema, config }, async (request) => {
    const { workspaceId } = request
    const subscriberId = request.params.id
    if (!(await findSubscriber(ctx.db, workspaceId, subscriberId)))
      throw new ApiError('not_found', { detail: `There is no subscriber ${subscriberId}.` })
    const { after, limit } = readPage(ctx, request)
    const rows = await listFeed(ctx.db, { workspaceId, subscriberId, before: after, limit })
    const name = 'notifications'
    return showPage(ctx, request, { name, rows, position: (row) => row.id, show: showFeedItem })
  })
}

type Reading = { word: 'read' | 'unread'; isRead: boolean }

function postRead(app: App, ctx: Context, { word, isRead }: Reading): void {
  const schema = {
    summary: `Mark a notification of the feed as ${word}`,
    description: isRead ? 'The first time it was read is kept.' : 'As if it had never been read.',
    operationId: isRead ? 'markRead' : 'markUnread',
    tags,
    params: Type.Object({
      id: Id('The id you gave the subscriber.'),
      notification_id: Type.String({ format: 'uuid' }),
    }),
    response: {
      200: Type.Object({
        id: Type.String({ format: 'uuid' }),
        read_at: Type.Union([Type.String({ format: 'date-time' }), Type.Null()]),
      }),
    },
  }
  const config = { scope: 'notifications:write' } as const
  const path = `/subscribers/:id/notifications/:notification_id/${word}` as const
  app.post(path, { schema, config }, (request, reply) =>
    answerOnce(ctx, request, reply, async (tx) => {
      const { id: subscriberId, notification_id: id } = request.params
      const { workspaceId } = request
      const readAt = isRead ? ctx.clock.now() : null
      const item = await updateReadAt(tx, { workspaceId, subscriberId, id, readAt })
      if (!item)
        throw new ApiError('not_found', { detail: `There is no such notification in this feed.` })
      return { status: 200, body: { id, read_at: item.readAt } }
    }),
  )
}
