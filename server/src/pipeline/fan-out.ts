// From an event to the people it is for: one notification each, with its deliveries and texts. Small
// events go through many at a time; large ones chunk by chunk, so that a crash resumes where it was
// and a cancel takes hold between two chunks.
import { randomUUIDv7 } from 'node:crypto'
import type { Context } from '../context.ts'
import type { CarriedChannel } from '../domain/channel.ts'
import type { Content } from '../domain/content.ts'
import { laneOf, type FanOutCursor } from '../domain/event.ts'
import { planNotification, type Person, type Plan, type PlannedDelivery } from '../domain/plan.ts'
import { wishesOf } from '../domain/preferences.ts'
import { namedInRequest } from '../domain/reason.ts'
import type { Db } from '../sql/db.ts'
import type { ClaimedEvent } from '../sql/events.ts'
import { insertFanOut, type FanOutRows, type NewDelivery } from '../sql/fan-out.ts'
import { holdPreferences } from '../sql/preferences.ts'
import type { BegunDelivery } from '../sql/queue.ts'
import { writeTexts, type EventTexts, type WantedText } from './event-texts.ts'
import { findNextPeople, type NextPeople } from './next-people.ts'
import type { CompiledTemplate } from './render.ts'

/** Deliveries that may begin with the statement that stores them, because someone is free to make them. */
export type Starter = {
  worker: string
  /** Takes a free place for a delivery on this channel; false: it waits in the queue. */
  reserve: (channel: CarriedChannel) => boolean
  release: (channel: CarriedChannel) => void
  leaseMs: (channel: CarriedChannel) => number
}

export type FannedOut = {
  /** Of the people of this chunk, in the order they were named. */
  notificationIds: string[]
  /** Began with `starter`; the caller makes their attempts, or releases their places. */
  begun: BegunDelivery[]
  /** Channels on which deliveries wait that might begin now. */
  waiting: Set<CarriedChannel>
  /** Some events have more people than a chunk holds. */
  isMore: boolean
}

/**
 * One chunk of each event. What does not fit goes back to the queue, for anybody to go on.
 * `isRepeated`: people of the chunk may have been told already; it is dearer to look.
 */
export async function fanOut(
  ctx: Context,
  db: Db,
  events: ClaimedEvent[],
  starter: Starter | null,
  isRepeated = false,
): Promise<FannedOut> {
  const { found, outdated } = await fanOutOnce(ctx, db, events, starter, isRepeated)
  if (outdated.length === 0) return found
  // Someone changed their preferences just now. Once more, with changes held off until it is stored.
  try {
    const again = await inTransaction(ctx, db, async (tx) => {
      for (const id of new Set(outdated.map((event) => event.workspaceId)))
        await holdPreferences(tx, id)
      return fanOutOnce(ctx, tx, outdated, starter, isRepeated)
    })
    return joined(found, again.found)
  } catch (error) {
    if (db !== ctx.db) throw error // the caller's transaction is lost as a whole
    // The others are stored, and have begun. These come back when their leases end.
    ctx.log.warn({ err: error, count: outdated.length }, 'events could not be planned again')
    return found
  }
}

/** The caller's own transaction, if there is one. */
function inTransaction<T>(ctx: Context, db: Db, work: (tx: Db) => Promise<T>): Promise<T> {
  return db === ctx.db ? ctx.db.transaction(work) : work(db)
}

async function fanOutOnce(
  ctx: Context,
  db: Db,
  events: ClaimedEvent[],
  starter: Starter | null,
  isRepeated: boolean,
): Promise<{ found: FannedOut; outdated: ClaimedEvent[] }> {
  const chunks = await findNextPeople(ctx, db, events)
  const now = ctx.clock.now()
  const written = await Promise.all(chunks.map((chunk) => write(ctx, chunk, now)))
  const draft = new Draft(ctx, starter, isRepeated)
  try {
    for (const chunk of written) draft.add(chunk, now)
    const { deliveryIds, outdatedEventIds } = await insertFanOut(db, draft.rows)
    const begun = deliveryIds.flatMap((id) => draft.takeBegun(id) ?? [])
    const isStored = (eventId: string) => !outdatedEventIds.includes(eventId)
    const found = {
      notificationIds: draft.rows.notifications
        .filter(({ eventId }) => isStored(eventId))
        .map(({ id }) => id),
      begun,
      waiting: draft.waiting,
      isMore: chunks.some(({ event, cursor }) => cursor !== null && isStored(event.id)),
    }
    return { found, outdated: events.filter(({ id }) => !isStored(id)) }
  } finally {
    draft.releaseRest()
  }
}

export function joined(a: FannedOut, b: FannedOut): FannedOut {
  return {
    notificationIds: [...a.notificationIds, ...b.notificationIds],
    begun: [...a.begun, ...b.begun],
    waiting: a.waiting.union(b.waiting),
    isMore: a.isMore || b.isMore,
  }
}

type Planned = { id: string; person: Person; plan: Plan; deliveries: NewDelivery[] }

/** A chunk, what is planned for its people, and everything they will read. */
type Written = NextPeople & EventTexts & { planned: Planned[]; startsAt: Date }

async function write(ctx: Context, chunk: NextPeople, now: Date): Promise<Written> {
  const { event, people, channels, subject, preferences } = chunk
  const isLater = event.scheduledAt !== null && event.scheduledAt > now
  const startsAt = isLater ? event.scheduledAt! : now
  const wanted: WantedText[] = []
  const planned = people.map((person): Planned => {
    const wishes = wishesOf(person, subject, preferences.defaults, startsAt)
    const plan = planNotification(person, channels, isLater, wishes)
    const id = randomUUIDv7()
    if (plan.hasInApp) wanted.push({ channel: 'in_app', person, ownId: id })
    const deliveries = plan.deliveries.map((delivery) => newDelivery(event, id, delivery))
    for (const { channel, status, id: ownId } of deliveries)
      if (status !== 'skipped') wanted.push({ channel, person, ownId })
    return { id, person, plan, deliveries }
  })
  return { ...chunk, ...(await writeTexts(ctx, chunk, wanted)), planned, startsAt }
}

/** The rows of one chunk, and which of its deliveries begin with it. */
class Draft {
  readonly #ctx: Context
  readonly #starter: Starter | null
  readonly #isRepeated: boolean
  readonly #begun = new Map<string, BegunDelivery>()
  readonly rows: FanOutRows
  readonly waiting = new Set<CarriedChannel>()

  constructor(ctx: Context, starter: Starter | null, isRepeated: boolean) {
    this.#ctx = ctx
    this.#starter = starter
    this.#isRepeated = isRepeated
    const worker = starter?.worker ?? null
    this.rows = {
      worker,
      events: [],
      notifications: [],
      contents: [],
      deliveries: [],
      preferencesRead: [],
    }
  }

  add(written: Written, now: Date): void {
    const { event, people, channels, templates, found, cursor, planned, texts } = written
    this.#read(event.workspaceId, written.preferences.seq)
    for (const { id, person, plan, deliveries } of planned) {
      this.rows.notifications.push({
        id,
        eventId: event.id,
        recipient: person.recipient,
        isSubscriber: person.isSubscriber,
        via: isSimplyNamed(person) ? null : person.via,
        status: plan.status,
        reason: plan.reason,
        because: plan.because,
        outcome: plan.outcome,
        pending: plan.pending,
        contentId: texts.get(id)?.id ?? null,
      })
      for (const delivery of deliveries) {
        this.rows.deliveries.push(delivery)
        const text = texts.get(delivery.id)
        if (!text) continue
        delivery.contentId = text.id
        if (delivery.status === 'processing')
          this.#startOrWait(event, person, delivery, text.content, now)
      }
    }
    for (const content of written.contents) this.rows.contents.push(content)
    this.rows.events.push({
      workspaceId: event.workspaceId,
      eventId: event.id,
      epoch: event.epoch,
      isDone: cursor === null,
      isFirst: event.cursor === null && !this.#isRepeated,
      peopleCount: people.length,
      found,
      cursor: cursor && pinned(cursor, templates),
      error: written.error,
      type: event.type,
      level: event.level,
      lane: laneOf(event),
      channel: channels[0] ?? 'in_app',
      scheduledAt: event.scheduledAt,
      expiresAt: event.expiresAt,
      now,
      dueAt: written.startsAt,
    })
  }

  #read(workspaceId: number, since: number): void {
    const { preferencesRead } = this.rows
    if (!preferencesRead.some((read) => read.workspaceId === workspaceId))
      preferencesRead.push({ workspaceId, since })
  }

  /** A delivery that is in the queue now and has begun; null when it waits. */
  takeBegun(deliveryId: string): BegunDelivery | null {
    const delivery = this.#begun.get(deliveryId) ?? null
    this.#begun.delete(deliveryId)
    return delivery
  }

  /** An event cancelled meanwhile, or a person told already, has left nothing in the queue. */
  releaseRest(): void {
    for (const { channel } of this.#begun.values()) this.#starter?.release(channel)
    this.#begun.clear()
  }

  #startOrWait(
    event: ClaimedEvent,
    { recipient, isSubscriber }: Person,
    delivery: NewDelivery,
    content: Content,
    now: Date,
  ): void {
    const { id, channel } = delivery
    if (channel === 'in_app') return // waits for its moment, not for a place
    const starter = this.#starter
    if (!starter?.reserve(channel)) {
      this.waiting.add(channel)
      return
    }
    delivery.leaseUntil = new Date(now.getTime() + starter.leaseMs(channel))
    delivery.providerId = this.#ctx.providers.current(event.workspaceId, channel)?.id ?? null
    this.#begun.set(id, {
      workspaceId: event.workspaceId,
      deliveryId: id,
      notificationId: delivery.notificationId,
      channel,
      address: delivery.address!,
      contentId: delivery.contentId!,
      content,
      recipient,
      isSubscriber,
      level: event.level,
      objection: null, // this was asked just now
      eventType: event.type,
      eventTypeVersion: event.typeVersion,
      traceparent: event.traceparent,
      acceptedAt: event.createdAt,
      epoch: 1,
      attempt: 1,
      providerId: delivery.providerId,
      begunAt: now,
      expiresAt: event.expiresAt,
    })
  }
}

function isSimplyNamed({ via }: Person): boolean {
  return via.length === 1 && via[0] === namedInRequest
}

function newDelivery(
  event: ClaimedEvent,
  notificationId: string,
  planned: PlannedDelivery,
): NewDelivery {
  return {
    ...planned,
    id: randomUUIDv7(),
    eventId: event.id,
    notificationId,
    contentId: null,
    leaseUntil: null,
    providerId: null,
  }
}

function pinned(cursor: FanOutCursor, templates: CompiledTemplate[]): FanOutCursor {
  const pins = templates.map(({ channel, locale, version, parts }) => {
    return { channel, locale, version, parts }
  })
  return { ...cursor, templates: pins }
}
