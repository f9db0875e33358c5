// A direct message: no event type, the text comes with the request. The people are found at once, so
// that the answer can name their notifications.
import { randomUUIDv7 } from 'node:crypto'
import type { Context } from '../context.ts'
import { addressProblem } from '../domain/address.ts'
import type { AudienceMember } from '../domain/audience.ts'
import type { CarriedChannel, Channel } from '../domain/channel.ts'
import type { Level } from '../domain/event-type.ts'
import { laneOf, type Event } from '../domain/event.ts'
import { ApiError, type FieldError } from '../errors.ts'
import type { Db } from '../sql/db.ts'
import { insertEvents } from '../sql/events.ts'
import { findPeople } from '../sql/people.ts'
import { releaseDeliveries, type BegunDelivery } from '../sql/queue.ts'
import { upsertSubscribers } from '../sql/subscribers.ts'
import { checkTimes, isInline, memberOf, type Accepting, type To } from './accept.ts'
import { fanOut } from './fan-out.ts'
import { checkInline } from './inline-subscribers.ts'
import { fanOutLeaseMs } from './intake.ts'

export type NotifyRequest = {
  to: To[]
  channels: Channel[]
  subject?: string
  body?: string
  template?: string
  params?: Record<string, unknown>
  level?: Level
  scheduled_time?: string
  expires_at?: string
  thread_key?: string
}

export type Notified = {
  eventId: string
  notificationIds: string[]
  /** Deliveries that begin with the commit; give them to `finish` after it, or after a rollback. */
  begun: BegunDelivery[]
  /** Not everybody could be found at once. */
  isMore: boolean
  /** Not everything could begin at once. */
  isWaiting: boolean
}

/**
 * Stores the message and finds its people in the caller's transaction. Members of a topic beyond the
 * first few thousand are found afterwards; their notifications are listed by `event_id`.
 * `takesAddresses`: a recipient nobody knows is taken as the address itself.
 *
 * @throws ApiError `unknown_recipient`, `no_recipients`, `invalid_request`.
 */
export async function notify(
  ctx: Context,
  tx: Db,
  { workspaceId, traceparent }: Accepting,
  request: NotifyRequest,
  takesAddresses: boolean,
): Promise<Notified> {
  const now = ctx.clock.now()
  const times = checkTimes(request, now)
  await checkTemplate(ctx, workspaceId, request)
  checkInline(request.to)
  const inline = request.to.filter(isInline)
  if (inline.length > 0) await upsertSubscribers(tx, workspaceId, inline)
  const audience = await checkAudience(tx, workspaceId, request, takesAddresses)

  const { channels, subject, body, template } = request
  const event: Event = {
    workspaceId,
    id: randomUUIDv7(),
    type: null,
    typeVersion: null,
    level: request.level ?? 'standard',
    audience,
    params: request.params ?? {},
    message: {
      channels,
      ...(subject !== undefined && { subject }),
      ...(body !== undefined && { body }),
      ...(template !== undefined && { template }),
    },
    ...times,
    threadKey: request.thread_key ?? null,
    traceparent,
    replayOf: null,
    createdAt: now,
  }
  const lane = laneOf(event)
  const dueAt = new Date(now.getTime() + fanOutLeaseMs)
  await insertEvents(tx, [{ ...event, lane, dueAt, epoch: 1, idempotencyKey: null }], [])
  const starter = ctx.handoff.taker?.starter ?? null
  const fannedOut = await fanOut(ctx, tx, [{ ...event, epoch: 1, cursor: null }], starter)
  const { begun, notificationIds, waiting } = fannedOut
  if (notificationIds.length === 0)
    throw new ApiError('no_recipients', {
      detail: 'The topics named in "to" have no members.',
      errors: [{ pointer: '/to', detail: 'leads to nobody' }],
    })
  return {
    eventId: event.id,
    notificationIds,
    begun,
    isMore: fannedOut.isMore,
    isWaiting: waiting.size > 0,
  }
}

/**
 * Makes the attempts that began with a message, or releases their places when it was not stored. A worker
 * that stops meanwhile makes none: they are given back, for others to make. Never throws.
 */
export async function finish(
  ctx: Context,
  { begun, isMore, isWaiting }: Notified,
  isStored: boolean,
): Promise<void> {
  const { taker } = ctx.handoff
  if (!isStored) {
    for (const { channel } of begun) taker?.starter.release(channel)
    return
  }
  ctx.metrics.eventsAccepted.inc()
  if (taker) taker.begin(begun)
  else if (begun.length > 0) await giveBack(ctx, begun)
  if (isMore) ctx.signals.ring('belfry_events')
  if (isWaiting || !taker) ctx.signals.ring('belfry_deliveries')
}

async function giveBack(ctx: Context, begun: BegunDelivery[]): Promise<void> {
  try {
    await releaseDeliveries(ctx.db, begun, ctx.clock.now())
  } catch (err) {
    const fields = { err, count: begun.length }
    ctx.log.warn(fields, 'deliveries could not be given back; they will be late')
  }
}

async function checkTemplate(ctx: Context, workspaceId: number, request: NotifyRequest) {
  if (request.template === undefined) return
  const templates = await ctx.configuration.templates(workspaceId, request.template)
  const missing = request.channels.filter(
    (channel) =>
      channel !== 'webhook' && !templates.some((template) => template.channel === channel),
  )
  if (missing.length > 0)
    throw new ApiError('invalid_request', {
      errors: [
        {
          pointer: '/template',
          detail: `"${request.template}" has no template for ${missing.join(', ')}`,
        },
      ],
    })
}

async function checkAudience(
  tx: Db,
  workspaceId: number,
  { to, channels }: NotifyRequest,
  takesAddresses: boolean,
): Promise<AudienceMember[]> {
  const members = to.map(memberOf)
  const ids = members.flatMap((member) => ('id' in member ? member.id : []))
  const known = new Set((await findPeople(tx, workspaceId, ids, [])).map(({ id }) => id))

  const errors: FieldError[] = []
  const audience = members.map((member, i): AudienceMember => {
    if (!('id' in member) || known.has(member.id)) return member
    const problem = takesAddresses
      ? addressOnAll(channels, member.id)
      : 'is no known subscriber; create it, or give it in full: {"id", "email", …}'
    if (problem) errors.push({ pointer: `/to/${i}`, detail: `"${member.id}" ${problem}` })
    return { address: member.id }
  })
  if (errors.length > 0)
    throw new ApiError('unknown_recipient', { detail: errors[0]!.detail, errors })
  return audience
}

function addressOnAll(channels: Channel[], address: string): string | null {
  for (const channel of channels) {
    if (channel === 'in_app') return 'is no known subscriber, and in-app reaches only subscribers'
    const problem = addressProblem(channel satisfies CarriedChannel, address)
    if (problem) return `is no known subscriber and no address for ${channel}: it ${problem}`
  }
  return null
}
