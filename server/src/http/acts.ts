// What somebody does about what was asked for: cancel it, have it go out now, have tried again what failed. For
// one notification, an event, a thread, or whatever filters find.
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Context } from '../context.ts'
import { actOnEvent, actOnFilter, actOnNotification, actOnThread } from '../pipeline/acts.ts'
import { acts, previewFilter, type Act, type ActCounts, type Acting } from '../pipeline/acts.ts'
import type { App } from './app.ts'
import { answerAfter } from './idempotency.ts'
import { filterOf, notificationFilters } from './notification-filters.ts'
import { refuseMisfits } from './validation.ts'

const id = Type.String({ format: 'uuid' })
const count = (description: string) => Type.Integer({ description })
const tags = ['Follow']
const notificationsWrite = { scope: 'notifications:write' } as const
const eventsWrite = { scope: 'events:write' } as const

type Words = {
  name: string // of an operation: cancelNotification
  summary: (what: string) => string
  what: string
  counted: 'cancelled' | 'forced' | 'retried'
  told: (what: string) => string
}

const words: Record<Act, Words> = {
  cancel: {
    name: 'cancel',
    summary: (what) => `Stop ${what}`,
    what:
      'After the answer nothing of it begins, except the deliveries that are `in_flight`: they had begun, ' +
      'and each of them makes its last attempt.',
    counted: 'cancelled',
    told: (what) => `${what} cancelled`,
  },
  force: {
    name: 'force',
    summary: (what) => `Send ${what} now`,
    what:
      'Whatever it waits for: its scheduled time, quiet hours, the delay before another attempt, a wait or a ' +
      'digest of its plan. Not against preferences, and not after `expires_at`.',
    counted: 'forced',
    told: (what) => `${what} delivery forced`,
  },
  retry: {
    name: 'retry',
    summary: (what) => `Try again what failed of ${what}`,
    what:
      'Deliveries that ended as `failed` or `unknown` get a new round of attempts, counted on from those there ' +
      'were. One that is `unknown` may reach its person twice.',
    counted: 'retried',
    told: (what) => `${what} will be tried again`,
  },
}

export function actRoutes(app: App, ctx: Context): void {
  for (const act of acts) {
    onNotification(app, ctx, act)
    onFilter(app, ctx, act)
    onEvent(app, ctx, act)
    onThread(app, ctx, act)
  }
}

function countsOf(act: Act) {
  return {
    [words[act].counted]: count('Deliveries, and plans that waited.'),
    in_flight: count(
      act === 'retry' ? 'Deliveries that have not ended.' : 'Deliveries that had begun.',
    ),
    done: count('The others: they had ended.'),
  }
}

function showCounts(act: Act, { changed, inFlight, done }: ActCounts) {
  return { [words[act].counted]: changed, in_flight: inFlight, done }
}

function actingOf(act: Act, { workspaceId, keyName }: FastifyRequest): Acting {
  return { act, workspaceId, by: `the holder of the key "${keyName}"` }
}

function onNotification(app: App, ctx: Context, act: Act): void {
  const { name, summary, what, told } = words[act]
  const schema = {
    summary: summary('a notification'),
    description: `${what} 409 with \`current_status\` when there is nothing of it to do this with.`,
    operationId: `${name}Notification`,
    tags,
    params: Type.Object({ id }),
    response: {
      200: Type.Object({
        status: Type.Literal('success'),
        message: Type.String(),
        notification_id: id,
        ...(act === 'cancel' && { in_flight: Type.Integer() }),
      }),
    },
  }
  const path = `/notifications/:id/${act}`
  app.post(path, { schema, config: notificationsWrite }, (request, reply) =>
    // The answer is kept after the work: a refusal does not undo that what is in flight is the last.
    answerAfter(ctx, request, reply, async () => {
      const { id } = request.params
      const { inFlight } = await actOnNotification(ctx, actingOf(act, request), id)
      const body = { status: 'success', message: told('Notification'), notification_id: id }
      return { status: 200, body: act === 'cancel' ? { ...body, in_flight: inFlight } : body }
    }),
  )
}

function onEvent(app: App, ctx: Context, act: Act): void {
  const { name, summary, what, told } = words[act]
  const schema = {
    summary: summary('what came of an event'),
    description: what,
    operationId: `${name}Event`,
    tags,
    params: Type.Object({ id }),
    response: {
      200: Type.Object({
        status: Type.Literal('success'),
        event_id: id,
        message: Type.String(),
        ...countsOf(act),
      }),
    },
  }
  app.post(`/events/:id/${act}`, { schema, config: eventsWrite }, (request, reply) =>
    // Not one transaction: what is large goes in batches.
    answerAfter(ctx, request, reply, async () => {
      const { id } = request.params
      const counts = await actOnEvent(ctx, actingOf(act, request), id)
      const body = { status: 'success', event_id: id, message: told('Event') }
      return { status: 200, body: { ...body, ...showCounts(act, counts) } }
    }),
  )
}

function onThread(app: App, ctx: Context, act: Act): void {
  const { name, summary, what, told } = words[act]
  const threadKey = Type.String({ minLength: 1, maxLength: 255 })
  const schema = {
    summary: summary('a thread'),
    description: `Of all events with this \`thread_key\`. ${what}`,
    operationId: `${name}Thread`,
    tags,
    params: Type.Object({ thread_key: threadKey }),
    response: {
      200: Type.Object({
        status: Type.Literal('success'),
        thread_key: threadKey,
        message: Type.String(),
        ...countsOf(act),
      }),
    },
  }
  const path = `/threads/:thread_key/${act}`
  app.post(path, { schema, config: notificationsWrite }, (request, reply) =>
    answerAfter(ctx, request, reply, async () => {
      const { thread_key } = request.params
      const counts = await actOnThread(ctx, actingOf(act, request), thread_key)
      const body = { status: 'success', thread_key, message: told('Thread') }
      return { status: 200, body: { ...body, ...showCounts(act, counts) } }
    }),
  )
}

function onFilter(app: App, ctx: Context, act: Act): void {
  const { name, summary, what, told } = words[act]
  const schema = {
    summary: summary('all notifications that filters find'),
    description: `The filters of GET /notifications, at least one. What an event leads to later is not among them. ${what}`,
    operationId: `${name}Notifications`,
    tags,
    body: Type.Object(
      {
        ...notificationFilters,
        dry_run: Type.Boolean({ default: false, description: 'Only count what it would come to.' }),
      },
      { examples: [{ type: 'order.shipped', status: 'pending', dry_run: true }] },
    ),
    response: {
      200: Type.Object({
        status: Type.Literal('success'),
        message: Type.String(),
        dry_run: Type.Boolean(),
        ...countsOf(act),
      }),
    },
  }
  app.post(`/notifications/${act}`, { schema, config: notificationsWrite }, (request, reply) => {
    const { dry_run, ...filters } = request.body
    if (Object.keys(filters).length === 0)
      refuseMisfits([{ pointer: '', detail: `needs a filter: ${filterNames}` }])
    return answerAfter(ctx, request, reply, async () => {
      const acting = actingOf(act, request)
      const doing = dry_run ? previewFilter : actOnFilter
      const counts = await doing(ctx, acting, filterOf(filters, '/'))
      const message = dry_run ? 'Nothing was done' : told('Notifications')
      const body = { status: 'success', message, dry_run, ...showCounts(act, counts) }
      return { status: 200, body }
    })
  })
}

const filterNames = Object.keys(notificationFilters).join(', ')
