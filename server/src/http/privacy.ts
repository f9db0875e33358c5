// What a person may ask for: everything that is known of them, and to be forgotten.
import { Readable } from 'node:stream'
import { Type } from 'typebox'
import type { Context } from '../context.ts'
import { ApiError } from '../errors.ts'
import { follow } from '../pipeline/follow.ts'
import { showPreferences } from '../pipeline/preferences.ts'
import { insertErasure } from '../sql/erase.ts'
import { listNotificationsOfPerson, listTopicsOfPerson, type InFeed } from '../sql/export.ts'
import { listPreferenceChanges } from '../sql/preferences.ts'
import { listSchedulesNaming } from '../sql/schedules.ts'
import { findSubscriber, type SubscriberRow } from '../sql/subscribers.ts'
import type { App } from './app.ts'
import { answerOnce } from './idempotency.ts'
import { Id } from './ids.ts'
import { showFollowed } from './notification-views.ts'
import { showPreferenceChange, showPreferencesOf } from './preference-body.ts'
import { showSubscriber } from './subscriber-body.ts'

const params = Type.Object({ id: Id('The id you gave the subscriber.') })
const tags = ['Audience']

export function privacyRoutes(app: App, ctx: Context): void {
  postErase(app, ctx)
  getExport(app, ctx)
}

function postErase(app: App, ctx: Context): void {
  const schema = {
    summary: 'Forget a person',
    description:
      'After the answer nothing more is sent to them, and they are gone with their addresses, topics and ' +
      'preferences. Their notifications, texts, digests and attempts, and the parameters and texts of events ' +
      'that named them or were for nobody else, go within minutes, and what sources were sent of such events; ' +
      'where a plan still has to tell others of such an event, when it has. Answers kept for Idempotency-Key go ' +
      'within two days. What others were told stays theirs, and so do the parameters of events that reached ' +
      'several people through topics only: Belfry cannot know whom they are about. Both go with their retention.',
    operationId: 'eraseSubscriber',
    tags,
    params,
    response: {
      200: Type.Object({ status: Type.Literal('success'), message: Type.String() }),
    },
  }
  const config = { scope: 'subscribers:write' } as const
  app.post('/subscribers/:id/erase', { schema, config }, (request, reply) =>
    answerOnce(ctx, request, reply, async (tx) => {
      const { workspaceId, params } = request
      const erasure = { workspaceId, subscriberId: params.id, now: ctx.clock.now() }
      if (!(await insertErasure(tx, erasure)))
        throw new ApiError('not_found', { detail: `Nothing is known of "${params.id}".` })
      return { status: 200, body: { status: 'success', message: 'Subscriber erased' } }
    }),
  )
}

function getExport(app: App, ctx: Context): void {
  const schema = {
    summary: 'Everything that is known of a person',
    description:
      'One JSON object a line (NDJSON), each with its `kind`: `subscriber`, `topic`, `preferences`, ' +
      '`preference_change`, `schedule` that names them, and `notification` with its texts, deliveries and attempts, and what was done ' +
      'with it in the feed, newest first.',
    operationId: 'exportSubscriber',
    tags,
    params,
    produces: ['application/x-ndjson'],
    response: { 200: Type.String({ description: 'One JSON object a line.' }) },
  }
  const config = { scope: 'subscribers:read' } as const
  app.get('/subscribers/:id/export', { schema, config }, async (request, reply) => {
    const { workspaceId, params } = request
    const row = await findSubscriber(ctx.db, workspaceId, params.id)
    if (!row) throw new ApiError('not_found', { detail: `There is no subscriber "${params.id}".` })
    const lines = Readable.from(linesOf(ctx, workspaceId, row))
    return reply.type('application/x-ndjson').send(lines)
  })
}

const pageSize = 200

async function* linesOf(
  ctx: Context,
  workspaceId: number,
  row: SubscriberRow,
): AsyncGenerator<string> {
  const subscriberId = row.id
  const line = (kind: string, value: object) => `${JSON.stringify({ kind, ...value })}\n`
  yield line('subscriber', showSubscriber(row))
  for (const { topic, createdAt } of await listTopicsOfPerson(ctx.db, workspaceId, subscriberId))
    yield line('topic', { key: topic, member_since: createdAt })
  yield line(
    'preferences',
    showPreferencesOf(await showPreferences(ctx, workspaceId, subscriberId)),
  )

  let before: number | null = null
  for (;;) {
    const page = { workspaceId, subscriberId, before, offset: 0, limit: pageSize }
    const changes = await listPreferenceChanges(ctx.db, page)
    for (const change of changes) yield line('preference_change', showPreferenceChange(change))
    if (changes.length < pageSize) break
    before = changes.at(-1)!.seq
  }

  for (const key of await listSchedulesNaming(ctx.db, workspaceId, subscriberId))
    yield line('schedule', { key })

  let older: string | null = null
  for (;;) {
    const page = { workspaceId, subscriberId, before: older, limit: pageSize }
    const ids = await listNotificationsOfPerson(ctx.db, page)
    for (const { id, ...inFeed } of ids) {
      const followed = await follow(ctx, workspaceId, id)
      if (!followed) continue // its time was over meanwhile
      const shown = showFollowed(followed)
      const addresses = new Map(followed.deliveries.map(({ id, address }) => [id, address]))
      const deliveries = shown.deliveries.map((one) => ({ ...one, address: addresses.get(one.id) }))
      yield line('notification', { ...shown, ...showInFeed(inFeed), deliveries })
    }
    if (ids.length < pageSize) break
    older = ids.at(-1)!.id
  }
}

/** `read_at` is part of every notification. */
function showInFeed({ seenAt, archivedAt, snoozedUntil, acknowledgedAt }: InFeed) {
  return {
    seen_at: seenAt,
    archived_at: archivedAt,
    snoozed_until: snoozedUntil,
    acknowledged_at: acknowledgedAt,
  }
}
