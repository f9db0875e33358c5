// A direct message: no event type, the text comes with the request. The people are found at once, so
// that the answer can name their notifications.
import type { Context } from '../context.ts'
import { addressProblem } from '../domain/address.ts'
import type { AskWords } from '../domain/asking.ts'
import type { AudienceMember } from '../domain/audience.ts'
import type { CarriedChannel, Channel } from '../domain/channel.ts'
import type { Level, ThreadRule } from '../domain/event-type.ts'
import { laneOf, type Event, type IfItFails } from '../domain/event.ts'
import type { RequestedTimes } from '../domain/requested-times.ts'
import { ApiError, type FieldError } from '../errors.ts'
import { newId } from '../new-id.ts'
import type { Db } from '../sql/db.ts'
import { insertEvents } from '../sql/events.ts'
import { findPeople } from '../sql/people.ts'
import type { BegunDelivery } from '../sql/queue.ts'
import { upsertSubscribers } from '../sql/subscribers.ts'
import { checkTimes, isInline, memberOf } from './accept.ts'
import type { Accepting, CheckedEvent, To } from './accept.ts'
import { fanOut } from './fan-out.ts'
import { firstDataOf } from './fan-out-data.ts'
import { giveBack } from './give-back.ts'
import { checkInline } from './inline-subscribers.ts'
import { fanOutLeaseMs } from './intake.ts'
import type { TextsAhead } from './texts-ahead.ts'

export type NotifyRequest = {
  to: To[]
  channels: Channel[]
  subject?: string
  body?: string
  template?: string
  priority?: number
  params?: Record<string, unknown>
  level?: Level
  thread_key?: string
  thread?: ThreadRule
  acknowledge?: AskWords & { escalate_to?: (string | { topic: string })[] }
} & IfItFails &
  RequestedTimes

export type Notified = {
  eventId: string
  notificationIds: string[]
  /** Deliveries that begin with the commit; give them to `finish` after it, or after a rollback. */
  begun: BegunDelivery[]
  /** Not everybody could be found at once. */
  isMore: boolean
  /** Not everything could begin at once. */
  isWaiting: boolean
  /** Of somebody nothing could begin at all: what is to follow then follows at once. */
  isPlanDue: boolean
}

/**
 * Stores the message and finds its people in the caller's transaction, which waits for no text: it is
 * opened within `withTextsAhead`. Members of a topic beyond the
 * first few thousand are found afterwards; their notifications are listed by `event_id`.
 * `takesAddresses`: a recipient nobody knows is taken as the address itself.
 *
 * @throws ApiError `unknown_recipient`, `no_recipients`, `invalid_request`.
 */
export async function notify(
  ctx: Context,
  tx: Db,
  accepting: Accepting,
  request: NotifyRequest,
  { takesAddresses, texts }: { takesAddresses: boolean; texts: TextsAhead },
): Promise<Notified> {
  const from = { acceptedAt: texts.startedAt, ...accepting }
  const checked = await checkMessage(ctx, tx, from, request, takesAddresses)
  const { subscribers } = checked
  const event = { ...checked.event, id: texts.eventId }
  if (subscribers.length > 0) await upsertSubscribers(tx, accepting.workspaceId, subscribers)
  const lane = laneOf(event)
  const dueAt = new Date(ctx.clock.now().getTime() + fanOutLeaseMs)
  await insertEvents(tx, [{ ...event, lane, dueAt, epoch: 1, idempotencyKey: null }], [])
  const starter = ctx.handoff.taker?.starter ?? null
  const whenWritten = starter && {
    ...starter,
    reserve: (channel: CarriedChannel) => !texts.isMissing() && starter.reserve(channel),
  }
  const claimed = { ...event, epoch: 1, cursor: null }
  const wanted = await firstDataOf(ctx, claimed)
  const taken = [wanted ? { ...claimed, data: texts.dataFor(wanted) } : claimed]
  const renderer = { ...ctx.renderer, ...texts.renderer }
  const fannedOut = await fanOut({ ...ctx, renderer }, tx, taken, whenWritten)
  texts.check()
  const { begun, notificationIds, waiting } = fannedOut
  if (notificationIds.length === 0) throw leadsToNobody()
  return {
    eventId: event.id,
    notificationIds,
    begun,
    isMore: fannedOut.isMore,
    isWaiting: waiting.size > 0,
    isPlanDue: fannedOut.isPlanDue,
  }
}

export function leadsToNobody(): ApiError {
  return new ApiError('no_recipients', {
    detail: 'The topics named in "to" have no members.',
    errors: [{ pointer: '/to', detail: 'leads to nobody' }],
  })
}

/**
 * Checks a message and makes the event of it. Nothing is stored.
 *
 * @throws ApiError `unknown_recipient`, `invalid_request`.
 */
export async function checkMessage(
  ctx: Context,
  db: Db,
  { workspaceId, traceparent, acceptedAt }: Accepting,
  request: NotifyRequest,
  takesAddresses: boolean,
): Promise<CheckedEvent> {
  const now = acceptedAt ?? ctx.clock.now()
  checkTimes(request, now)
  await checkTemplate(ctx, workspaceId, request)
  checkInline(request.to)
  const { audience, zones } = await checkAudience(db, workspaceId, request, takesAddresses)
  const times = checkTimes(request, now, zones)

  const { channels, subject, body, template, priority } = request
  const { fallback_channels: fallback, fallback_after: after } = request
  const { max_retries: retries, retry_delay: delay, acknowledge } = request
  const event: Event = {
    workspaceId,
    id: newId(),
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
      ...(priority !== undefined && { priority }),
      ...(request.thread !== undefined && { thread: request.thread }),
      ...(fallback !== undefined && { fallback_channels: fallback }),
      ...(after !== undefined && { fallback_after: after }),
      ...(retries !== undefined && { max_retries: retries }),
      ...(delay !== undefined && { retry_delay: delay }),
      ...(acknowledge && { acknowledge: askOf(acknowledge) }),
    },
    ...times,
    threadKey: request.thread_key ?? null,
    traceparent,
    replayOf: null,
    createdAt: now,
  }
  return { event, subscribers: request.to.filter(isInline) }
}

/** Whom it is taken to stands in the audience. */
function askOf({ within, by }: AskWords): AskWords {
  return { within, ...(by && { by }) }
}

/**
 * Makes the attempts that began with a message, or releases their places when it was not stored. A worker
 * that stops meanwhile makes none: they are given back, for others to make. Never throws.
 */
export async function finish(
  ctx: Context,
  { begun, isMore, isWaiting, isPlanDue }: Notified,
  isStored: boolean,
): Promise<void> {
  const { taker } = ctx.handoff
  if (!isStored) {
    for (const { channel } of begun) taker?.starter.release(channel)
    return
  }
  ctx.metrics.eventsAccepted.inc()
  ctx.streams.tell()
  ctx.interest.tell()
  if (taker) taker.begin(begun)
  else if (begun.length > 0) await giveBackOrWarn(ctx, begun)
  if (isMore) ctx.signals.ring('belfry_events')
  if (isPlanDue) ctx.signals.ring('belfry_plans')
  if (isWaiting || !taker) ctx.signals.ring('belfry_deliveries')
}

async function giveBackOrWarn(ctx: Context, begun: BegunDelivery[]): Promise<void> {
  try {
    await giveBack(ctx, begun, ctx.clock.now())
  } catch (err) {
    const fields = { err, count: begun.length }
    ctx.log.warn(fields, 'deliveries could not be given back; they will be late')
  }
}

function allChannels({ channels, fallback_channels: others = [] }: NotifyRequest): Channel[] {
  return [...channels, ...others]
}

async function checkTemplate(ctx: Context, workspaceId: number, request: NotifyRequest) {
  if (request.template === undefined) return
  const templates = await ctx.configuration.templates(workspaceId, request.template)
  const missing = allChannels(request).filter(
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
  db: Db,
  workspaceId: number,
  request: NotifyRequest,
  takesAddresses: boolean,
): Promise<{ audience: AudienceMember[]; zones: (string | null)[] | null }> {
  const { to } = request
  const members = to.map(memberOf)
  const idsOf = (all: AudienceMember[]) =>
    all.flatMap((member) => ('id' in member ? member.id : []))
  const ids = idsOf(members)
  const next = (request.acknowledge?.escalate_to ?? []).map(memberOf)
  const people = await findPeople(db, workspaceId, [...ids, ...idsOf(next)], [])
  const known = new Map(people.map(({ id, timezone }) => [id, timezone]))
  // Stored with the message.
  for (const { id, timezone = known.get(id) ?? null } of to.filter(isInline))
    known.set(id, timezone)

  const errors: FieldError[] = []
  const levels = next.map((member, i): AudienceMember => ({
    ...member,
    from: 'escalation',
    level: i + 1,
  }))
  for (const [i, member] of next.entries())
    if ('id' in member && !known.has(member.id))
      errors.push({
        pointer: `/acknowledge/escalate_to/${i}`,
        detail: `"${member.id}" is no known subscriber; create it first`,
      })
  const audience = members.map((member, i): AudienceMember => {
    if (!('id' in member) || known.has(member.id)) return member
    const problem = takesAddresses
      ? addressOnAll(allChannels(request), member.id)
      : 'is no known subscriber; create it, or give it in full: {"id", "email", …}'
    // As an address is taken only who is the one recipient of a request.
    const pointer = takesAddresses ? '/recipient_id' : `/to/${i}`
    if (problem) errors.push({ pointer, detail: `"${member.id}" ${problem}` })
    return { address: member.id }
  })
  if (errors.length > 0)
    throw new ApiError('unknown_recipient', { detail: errors[0]!.detail, errors })
  // Who the members of a topic are is known when their turn comes.
  const isOpen = members.some((member) => 'topic' in member)
  const zones = isOpen ? null : ids.map((id) => known.get(id) ?? null)
  return { audience: [...audience, ...levels], zones }
}

function addressOnAll(channels: Channel[], address: string): string | null {
  for (const channel of channels) {
    if (channel === 'in_app') return 'is no known subscriber, and in-app reaches only subscribers'
    const problem = addressProblem(channel satisfies CarriedChannel, address)
    if (problem) return `is no known subscriber and no address for ${channel}: it ${problem}`
  }
  return null
}
