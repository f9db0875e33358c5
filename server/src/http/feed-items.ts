// What can be done with single items of a feed.
import { Type } from 'typebox'
import type { Context } from '../context.ts'
import type { FeedAction } from '../domain/feed.ts'
import { ApiError } from '../errors.ts'
import { showFeedItem } from '../live/feed-item.ts'
import { acknowledge } from '../pipeline/acknowledge.ts'
import { changeItems, type ItemOfFeed } from '../pipeline/feed.ts'
import type { Db } from '../sql/db.ts'
import { findFeedItems } from '../sql/feed.ts'
import type { App } from './app.ts'
import type { FeedDoor } from './feed.ts'
import { FeedItemView } from './feed-views.ts'
import { answerAfter, answerOnce, type Answer } from './idempotency.ts'
import { Moment, Uuid } from './ids.ts'

type Doing = { action: FeedAction; operation: string; summary: string; description?: string }

const doings: Doing[] = [
  {
    action: 'seen',
    operation: 'markSeen',
    summary: 'Mark a notification of the feed as seen',
    description: 'It was on a screen. The first time is kept.',
  },
  {
    action: 'read',
    operation: 'markRead',
    summary: 'Mark a notification of the feed as read',
    description: 'The first time it was read is kept. What is read is also seen.',
  },
  {
    action: 'unread',
    operation: 'markUnread',
    summary: 'Mark a notification of the feed as unread',
    description: 'As if it had never been read. It stays seen.',
  },
  {
    action: 'archive',
    operation: 'archiveItem',
    summary: 'Archive a notification of the feed',
    description: 'Whether it was read stays as it is. It is not snoozed any more.',
  },
  {
    action: 'unarchive',
    operation: 'unarchiveItem',
    summary: 'Take a notification of the feed out of the archive',
  },
  {
    action: 'unsnooze',
    operation: 'unsnoozeItem',
    summary: 'Take a notification back from its snooze',
    description: 'It stands at the top of the feed.',
  },
]

export function feedItemRoutes(app: App, ctx: Context, door: FeedDoor): void {
  for (const doing of doings) postDoing(app, ctx, door, doing)
  postAcknowledge(app, ctx, door)
  postSnooze(app, ctx, door)
  postSeen(app, ctx, door)
}

const itemParam = { notification_id: Uuid('Of the notification.') }

function postDoing(app: App, ctx: Context, door: FeedDoor, doing: Doing): void {
  const { action, operation, ...words } = doing
  const schema = {
    ...words,
    operationId: door.name(operation),
    tags: door.tags,
    params: Type.Object({ ...door.params, ...itemParam }),
    response: { 200: FeedItemView },
  }
  const options = { schema, config: door.writing }
  app.post(`${door.path}/:notification_id/${action}`, options, (request, reply) => {
    const { notification_id: id } = request.params
    const item = { ...door.ownerOf(request), id }
    return answerAndTell(ctx, request, reply, (tx) => changed(ctx, tx, action, item))
  })
}

function postAcknowledge(app: App, ctx: Context, door: FeedDoor): void {
  const schema = {
    summary: 'Say that an action of a notification was taken',
    description:
      'It is answered: what somebody has acted upon is also seen and read, and a plan that waits for it ends. Where ' +
      'one answer is enough for all who were asked, nothing more is sent to anybody, and a later answer changes ' +
      'nothing. The first time is kept.',
    operationId: door.name('acknowledgeItem'),
    tags: door.tags,
    params: Type.Object({ ...door.params, ...itemParam }),
    response: { 200: FeedItemView },
  }
  const options = { schema, config: door.writing }
  app.post(`${door.path}/:notification_id/acknowledge`, options, (request, reply) => {
    const { notification_id: id } = request.params
    const item = { ...door.ownerOf(request), id }
    return answerAfter(ctx, request, reply, async () => {
      await shown(ctx.db, item)
      const { workspaceId } = item
      await acknowledge(ctx, { workspaceId, of: { id }, via: 'inbox', by: null })
      return shown(ctx.db, item)
    })
  })
}

const longestSnoozeMs = 366 * 24 * 3_600_000

function postSnooze(app: App, ctx: Context, door: FeedDoor): void {
  const schema = {
    summary: 'Snooze a notification of the feed',
    description:
      'Until then only the filter `snoozed` shows it. Then it comes back unread, at the top, as if it ' +
      'were new. What was archived is not any more.',
    operationId: door.name('snoozeItem'),
    tags: door.tags,
    params: Type.Object({ ...door.params, ...itemParam }),
    body: Type.Object(
      { until: Moment('In the future, at most a year ahead.') },
      { examples: [{ until: '2027-01-04T08:00:00Z' }] },
    ),
    response: { 200: FeedItemView },
  }
  const options = { schema, config: door.writing }
  app.post(`${door.path}/:notification_id/snooze`, options, (request, reply) => {
    const { notification_id: id } = request.params
    const until = new Date(request.body.until)
    const aheadMs = until.getTime() - ctx.in(request.workspaceId).clock.now().getTime()
    if (!(aheadMs > 0 && aheadMs <= longestSnoozeMs))
      throw new ApiError('invalid_request', {
        errors: [{ pointer: '/until', detail: 'must be in the future, at most a year ahead.' }],
      })
    const item = { ...door.ownerOf(request), id }
    return answerAndTell(ctx, request, reply, (tx) => changed(ctx, tx, 'snooze', item, until))
  })
}

/** Whoever follows the feed hears of it once it is committed. */
const answerAndTell: typeof answerOnce = async (ctx, request, reply, work) => {
  const answered = await answerOnce(ctx, request, reply, work)
  ctx.streams.tell()
  ctx.interest.tell()
  return answered
}

async function changed(
  ctx: Context,
  tx: Db,
  action: FeedAction,
  item: ItemOfFeed,
  until: Date | null = null,
): Promise<Answer> {
  await changeItems(ctx, tx, action, [item], until)
  return shown(tx, item)
}

async function shown(db: Db, item: ItemOfFeed): Promise<Answer> {
  const [found] = await findFeedItems(db, [item])
  if (!found)
    throw new ApiError('not_found', { detail: 'There is no such notification in this feed.' })
  return { status: 200, body: showFeedItem(found) }
}

function postSeen(app: App, ctx: Context, door: FeedDoor): void {
  const schema = {
    summary: 'Mark notifications of the feed as seen',
    description: 'Those that were on a screen together. What is not in the feed is passed over.',
    operationId: door.name('markItemsSeen'),
    tags: door.tags,
    params: Type.Object(door.params),
    body: Type.Object(
      {
        ids: Type.Array(Type.String({ format: 'uuid' }), {
          minItems: 1,
          maxItems: 100,
          uniqueItems: true,
        }),
      },
      { examples: [{ ids: ['01a1fbb4-bd9c-7130-a956-2f575e613672'] }] },
    ),
    response: {
      200: Type.Object({ count: Type.Integer({ description: 'How many were not seen before.' }) }),
    },
  }
  const options = { schema, config: door.writing }
  app.post(`${door.path}/seen`, options, (request, reply) =>
    answerAndTell(ctx, request, reply, async (tx) => {
      const owner = door.ownerOf(request)
      const items = request.body.ids.map((id) => ({ ...owner, id }))
      const changes = await changeItems(ctx, tx, 'seen', items)
      return { status: 200, body: { count: changes.length } }
    }),
  )
}
