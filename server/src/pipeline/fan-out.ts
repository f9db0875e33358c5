// From an event to the people it is for: one notification each, with its deliveries and texts. Small
// events go through many at a time; large ones chunk by chunk, so that a crash resumes where it was
// and a cancel takes hold between two chunks.
import { createHash, randomUUIDv7 } from 'node:crypto'
import type { Context } from '../context.ts'
import type { CarriedChannel, Channel } from '../domain/channel.ts'
import type { Content } from '../domain/content.ts'
import { laneOf, type FanOutCursor } from '../domain/event.ts'
import { planNotification, type Person, type PlannedDelivery } from '../domain/plan.ts'
import { namedInRequest } from '../domain/reason.ts'
import type { Db } from '../sql/db.ts'
import type { ClaimedEvent } from '../sql/events.ts'
import { insertFanOut, type FanOutRows, type NewDelivery } from '../sql/fan-out.ts'
import type { BegunDelivery } from '../sql/queue.ts'
import { chooseTemplate, renderContent, type Rendered } from './content.ts'
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

/** One chunk of each event. What does not fit goes back to the queue, for anybody to go on. */
export async function fanOut(
  ctx: Context,
  db: Db,
  events: ClaimedEvent[],
  starter: Starter | null,
): Promise<FannedOut> {
  const chunks = await findNextPeople(ctx, db, events)
  const draft = new Draft(ctx, starter)
  try {
    for (const chunk of chunks) draft.add(chunk)
    const queued = await insertFanOut(db, draft.rows)
    const begun = queued.flatMap(({ deliveryId }) => draft.takeBegun(deliveryId) ?? [])
    return {
      notificationIds: draft.rows.notifications.map(({ id }) => id),
      begun,
      waiting: draft.waiting,
      isMore: chunks.some(({ cursor }) => cursor !== null),
    }
  } finally {
    draft.releaseRest()
  }
}

/** The rows of one chunk, and which of its deliveries begin with it. */
class Draft {
  readonly #ctx: Context
  readonly #starter: Starter | null
  readonly #begun = new Map<string, BegunDelivery>()
  readonly rows: FanOutRows
  readonly waiting = new Set<CarriedChannel>()

  constructor(ctx: Context, starter: Starter | null) {
    this.#ctx = ctx
    this.#starter = starter
    const worker = starter?.worker ?? null
    this.rows = { worker, events: [], notifications: [], contents: [], deliveries: [] }
  }

  add({ event, people, channels, templates, found, cursor }: NextPeople): void {
    const now = this.#ctx.clock.now()
    const isLater = event.scheduledAt !== null && event.scheduledAt > now
    const texts = new EventTexts(event, templates, this.rows)

    for (const person of people) {
      const plan = planNotification(person, channels, isLater)
      const id = randomUUIDv7()
      this.rows.notifications.push({
        id,
        eventId: event.id,
        recipient: person.recipient,
        isSubscriber: person.isSubscriber,
        via: isSimplyNamed(person) ? null : person.via,
        status: plan.status,
        reason: plan.reason,
        outcome: plan.outcome,
        pending: plan.pending,
        contentId: plan.hasInApp ? texts.textFor('in_app', person, id).id : null,
      })
      for (const planned of plan.deliveries) {
        const delivery = newDelivery(event, id, planned)
        this.rows.deliveries.push(delivery)
        if (planned.status === 'skipped') continue
        const text = texts.textFor(planned.channel, person, delivery.id)
        delivery.contentId = text.id
        if (!isLater) this.#startOrWait(event, delivery, text.content, now)
      }
    }
    this.rows.events.push({
      workspaceId: event.workspaceId,
      eventId: event.id,
      epoch: event.epoch,
      isDone: cursor === null,
      isFirst: event.cursor === null,
      peopleCount: people.length,
      found,
      cursor: cursor && pinned(cursor, templates),
      error: texts.error,
      type: event.type,
      level: event.level,
      lane: laneOf(event.level, event.audience),
      channel: channels[0] ?? 'in_app',
      scheduledAt: event.scheduledAt,
      expiresAt: event.expiresAt,
      now,
      dueAt: isLater ? event.scheduledAt! : now,
    })
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

  #startOrWait(event: ClaimedEvent, delivery: NewDelivery, content: Content, now: Date): void {
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
  const pins = templates.map(({ channel, locale, version }) => ({ channel, locale, version }))
  return { ...cursor, templates: pins }
}

type Text = { id: string; content: Content }

/** The texts of one event: shared where nothing personal is in them. */
class EventTexts {
  readonly #event: ClaimedEvent
  readonly #templates: CompiledTemplate[]
  readonly #rows: FanOutRows
  readonly #shared = new Map<string, Text>()
  /** The first thing that went wrong while rendering. */
  error: string | null = null

  constructor(event: ClaimedEvent, templates: CompiledTemplate[], rows: FanOutRows) {
    this.#event = event
    this.#templates = templates
    this.#rows = rows
  }

  /** `ownId` names the text when it is this person's alone. */
  textFor(channel: Channel, person: Person, ownId: string): Text {
    const template = chooseTemplate(this.#templates, channel, person.locale)
    if (template?.isPersonal) {
      const own = renderContent(this.#event, channel, template, subscriberScope(person))
      return this.#store(ownId, own, false)
    }
    const name = `${channel} ${template?.locale ?? ''} ${template?.version ?? ''}`
    const known = this.#shared.get(name)
    if (known) return known

    const rendered = renderContent(this.#event, channel, template, null)
    const text = this.#store(sharedId(this.#event.id, name), rendered, true)
    this.#shared.set(name, text)
    return text
  }

  #store(id: string, { content, error }: Rendered, isShared: boolean): Text {
    this.error ??= error
    this.#rows.contents.push({ id, eventId: this.#event.id, isShared, content })
    return { id, content }
  }
}

/**
 * The same for every chunk of an event, so that all of them share one row; sorts by time like a UUIDv7.
 * Begins like the event's id: that is how the texts of an event are found.
 */
function sharedId(eventId: string, name: string): string {
  const hash = createHash('sha256').update(eventId).update(name).digest('hex')
  const begin = `${eventId.slice(0, 13)}-8${eventId.slice(15, 18)}`
  return `${begin}-a${hash.slice(0, 3)}-${hash.slice(3, 15)}`
}

/** What templates may read as `subscriber`. */
function subscriberScope({ recipient, locale, timezone, data, addresses }: Person) {
  const first = (channel: string) => addresses.find((a) => a.channel === channel)?.address ?? null
  return { id: recipient, locale, timezone, data, email: first('email'), phone: first('sms') }
}
