// Notifications: messages sent directly, and following what became of any notification.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Context } from '../context.ts'
import { channels, type Channel } from '../domain/channel.ts'
import { ApiError } from '../errors.ts'
import { follow } from '../pipeline/follow.ts'
import { finish, notify, type Notified, type NotifyRequest } from '../pipeline/notify.ts'
import { withTextsAhead } from '../pipeline/texts-ahead.ts'
import { listNotifications } from '../sql/notification-lists.ts'
import { findNotification } from '../sql/notifications.ts'
import type { App } from './app.ts'
import { describeEvent, EventDetail } from './event-views.ts'
import { acceptingOf } from './events.ts'
import { workOnce, type Answer } from './idempotency.ts'
import { filterOf, notificationFilters } from './notification-filters.ts'
import { NotificationDetail, NotificationView } from './notification-views.ts'
import { showFollowed, showNotification } from './notification-views.ts'
import { ifItFails, mustAnswer } from './fallback-body.ts'
import { MessageSubject, MessageText, NotifyBody, notifyRequestOf } from './notify-body.ts'
import { PageBody, pageQuery, readPage, showPage } from './paging.ts'
import { answerWhenDone, mayWait, waitWords, type Work } from './prefer.ts'
import { whenAndHow } from './recipients.ts'

const OneBody = Type.Object(
  {
    recipient_id: Type.String({
      minLength: 1,
      maxLength: 2_048,
      description: 'A subscriber, or the address.',
    }),
    content: MessageText,
    subject: MessageSubject,
    priority: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 10,
        description:
          'How soon it is its turn among what waits to be sent: 8 to 10 with what is critical, 1 to 3 with broadcasts.',
      }),
    ),
    ...ifItFails,
    ...mustAnswer,
    ...whenAndHow,
  },
  { examples: [{ recipient_id: 'ana', content: 'Your order has shipped.' }] },
)

const id = Type.String({ format: 'uuid' })

const NotifiedBody = Type.Object({
  status: Type.Literal('success'),
  notification_ids: Type.Array(id),
  event_id: id,
  message: Type.String(),
  event: Type.Optional(EventDetail),
})

const NotifiedOneBody = Type.Object({
  status: Type.Literal('success'),
  notification_id: id,
  message: Type.String(),
  notification: Type.Optional(NotificationView),
})

export function notificationRoutes(app: App, ctx: Context): void {
  postNotification(app, ctx)
  postToChannel(app, ctx)
  getNotifications(app, ctx)
}

function postNotification(app: App, ctx: Context): void {
  const schema = {
    summary: 'Send a message',
    description:
      'The text comes as `message`, or `subject` and `body`, or from a `template`. Answers once it is on disk. ' +
      `${waitWords} The work is done when all its notifications have ended; \`event\` says how.`,
    operationId: 'createNotification',
    tags: ['Trigger'],
    body: NotifyBody,
    response: { 200: NotifiedBody, 202: NotifiedBody },
  }
  const config = { scope: 'notifications:write' } as const
  const options = { schema, config, preHandler: mayWait(ctx) }
  app.post('/notifications', options, async (request, reply) => {
    const notification = notifyRequestOf(request.body)
    const say = ({ eventId, notificationIds }: Notified) => ({
      status: 'success',
      notification_ids: notificationIds,
      event_id: eventId,
      message: notificationIds.length === 1 ? 'Notification accepted' : 'Notifications accepted',
    })
    const answer = await send(ctx, request, reply, notification, false, say)
    const { event_id: eventId } = answer.body as { event_id: string } // by its schema
    const { workspaceId } = request
    return answerWhenDone(ctx, request, reply, answer, () => ({
      awaited: [{ workspaceId, eventId, what: 'ended' }],
      tell: async () => ({ event: await describeEvent(ctx, workspaceId, eventId) }),
    }))
  })
}

function postToChannel(app: App, ctx: Context): void {
  const schema = {
    summary: 'Send a message to one person on one channel',
    description:
      'A `recipient_id` that is no known subscriber is taken as the address itself. ' +
      `${waitWords} The work is done when the notification has ended; \`notification\` says how.`,
    operationId: 'createChannelNotification',
    tags: ['Trigger'],
    params: Type.Object({ channel: Type.Enum(channels) }),
    body: OneBody,
    response: { 200: NotifiedOneBody, 202: NotifiedOneBody },
  }
  const config = { scope: 'notifications:write' } as const
  const options = { schema, config, preHandler: mayWait(ctx) }
  app.post('/notifications/:channel', options, async (request, reply) => {
    const { recipient_id: recipient, content, ...rest } = request.body
    const words = { ...rest, to: [recipient], channels: [request.params.channel], body: content }
    const notification = notifyRequestOf(words)
    const say = ({ notificationIds }: Notified) => ({
      status: 'success',
      notification_id: notificationIds[0],
      message: `${channelNames[request.params.channel]} notification scheduled`,
    })
    const answer = await send(ctx, request, reply, notification, true, say)
    const { notification_id: id } = answer.body as { notification_id: string } // by its schema
    return answerWhenDone(ctx, request, reply, answer, () => endOfOne(ctx, request, id))
  })
}

async function endOfOne(ctx: Context, { workspaceId }: FastifyRequest, id: string): Promise<Work> {
  const find = () =>
    findNotification(ctx.db, { workspaceId, id, now: ctx.in(workspaceId).clock.now() })
  const stored = await find()
  return {
    awaited: stored ? [{ workspaceId, eventId: stored.eventId, what: 'ended' }] : [],
    async tell() {
      const notification = await find()
      return notification ? { notification: showNotification(notification) } : {}
    },
  }
}

const channelNames: Record<Channel, string> = {
  in_app: 'In-app',
  email: 'Email',
  sms: 'SMS',
  push: 'Push',
  telegram: 'Telegram',
  slack: 'Slack',
  discord: 'Discord',
  teams: 'Teams',
  webhook: 'Webhook',
}

async function send(
  ctx: Context,
  request: FastifyRequest,
  reply: FastifyReply,
  notification: NotifyRequest,
  takesAddresses: boolean,
  answer: (notified: Notified) => unknown,
): Promise<Answer> {
  const own = ctx.in(request.workspaceId)
  const accepting = acceptingOf(request)
  let notified: Notified | null = null
  let isStored = false
  try {
    const stored = await withTextsAhead(own, (texts) =>
      workOnce(ctx, request, reply, async (tx) => {
        notified = await notify(own, tx, accepting, notification, { takesAddresses, texts })
        return { status: 202, body: answer(notified) }
      }),
    )
    isStored = true
    return stored
  } finally {
    if (notified) await finish(own, notified, isStored)
  }
}

function getNotifications(app: App, ctx: Context): void {
  const list = {
    summary: 'List notifications, newest first',
    description: 'All conditions hold together. `status=pending` means not finished yet.',
    operationId: 'listNotifications',
    tags: ['Follow'],
    querystring: Type.Object({ ...pageQuery, ...notificationFilters }),
    response: { 200: PageBody('notifications', NotificationView) },
  }
  const config = { scope: 'notifications:read' } as const
  app.get('/notifications', { schema: list, config }, async (request) => {
    const { after, limit, offset } = readPage(ctx, request)
    const rows = await listNotifications(ctx.db, {
      workspaceId: request.workspaceId,
      ...filterOf(request.query),
      before: after,
      offset,
      limit,
      now: ctx.in(request.workspaceId).clock.now(),
    })
    const name = 'notifications'
    return showPage(ctx, request, { name, rows, position: (row) => row.id, show: showNotification })
  })

  const one = {
    summary: 'The whole story of one notification',
    description:
      'Its deliveries with every attempt, the text as it was sent, and why it went as it did.',
    operationId: 'getNotification',
    tags: ['Follow'],
    params: Type.Object({ id }),
    response: { 200: NotificationDetail },
  }
  app.get('/notifications/:id', { schema: one, config }, async (request) => {
    const followed = await follow(ctx, request.workspaceId, request.params.id)
    if (!followed)
      throw new ApiError('not_found', { detail: `There is no notification ${request.params.id}.` })
    return showFollowed(followed)
  })
}
