// From an event to the people it is for: one notification each, with its deliveries and texts. Small
// events go through many at a time; large ones chunk by chunk, so that a crash resumes where it was
// and a cancel takes hold between two chunks.
import { createHash, randomUUIDv7 } from 'node:crypto'
import type { Context } from '../context.ts'
import type { CarriedChannel, Channel } from '../domain/channel.ts'
import type { Content } from '../domain/content.ts'
import { laneOf, type FanOutCursor } from '../domain/event.ts'
import { planNotification, type Person, type PlannedDelivery } from '../domain/plan.ts'
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

/**
 * One chunk of each event. What does not fit goes back to the queue at once, for anybody to go on.
 * Answers the deliveries that began with `starter`; the caller makes their attempts.
 */
export async function fanOut(
  ctx: Context,
  db: Db,
  events: ClaimedEvent[],
  starter: Starter | null,
): Promise<BegunDelivery[]> {
  const rows: FanOutRows = { events: [], notifications: [], contents: [], deliveries: [] }
  const begun = new Map<string, BegunDelivery>()
  try {
    const chunks = await findNextPeople(ctx, db, events)
    for (const chunk of chunks) addEvent(ctx, rows, begun, chunk, starter)
    const queued = await insertFanOut(db, rows)
    return keepQueued(begun, queued, starter)
  } catch (error) {
    keepQueued(begun, [], starter)
    throw error
  }
}

/** An event cancelled meanwhile, or a person told already, has left nothing in the queue. */
function keepQueued(
  begun: Map<string, BegunDelivery>,
  queued: { deliveryId: string }[],
  starter: Starter | null,
): BegunDelivery[] {
  const started: BegunDelivery[] = []
  for (const { deliveryId } of queued) {
    const delivery = begun.get(deliveryId)
    if (delivery && begun.delete(deliveryId)) started.push(delivery)
  }
  for (const { channel } of begun.values()) starter?.release(channel)
  return started
}

function addEvent(
  ctx: Context,
  rows: FanOutRows,
  begun: Map<string, BegunDelivery>,
  { event, people, channels, templates, cursor }: NextPeople,
  starter: Starter | null,
): void {
  const now = ctx.clock.now()
  const texts = new EventTexts(event, templates, rows)
  const isLater = event.scheduledAt !== null && event.scheduledAt > now
  const lane = laneOf(event.level, event.audience)

  for (const person of people) {
    const plan = planNotification(person, channels, isLater)
    const id = randomUUIDv7()
    const inApp = plan.hasInApp ? texts.textFor('in_app', person, id) : null
    rows.notifications.push({
      workspaceId: event.workspaceId,
      id,
      eventId: event.id,
      recipient: person.recipient,
      isSubscriber: person.isSubscriber,
      via: person.via,
      type: event.type,
      level: event.level,
      channel: channels[0] ?? 'in_app',
      status: plan.status,
      reason: plan.reason,
      outcome: plan.outcome,
      pending: plan.pending,
      contentId: inApp?.id ?? null,
      scheduledAt: event.scheduledAt,
      createdAt: now,
    })
    for (const planned of plan.deliveries) {
      const delivery = newDelivery(event, id, planned, lane, isLater ? event.scheduledAt! : now, now)
      rows.deliveries.push(delivery)
      if (planned.status === 'skipped') continue
      const text = texts.textFor(planned.channel, person, delivery.id)
      delivery.contentId = text.id
      const start = isLater ? null : startNow(ctx, event, delivery, text.content, starter)
      if (start) begun.set(delivery.id, start)
    }
  }
  rows.events.push({
    workspaceId: event.workspaceId,
    eventId: event.id,
    epoch: event.epoch,
    isDone: cursor === null,
    cursor: cursor && pinned(cursor, templates),
    dueAt: now,
    error: texts.error,
  })
}

function newDelivery(
  event: ClaimedEvent,
  notificationId: string,
  planned: PlannedDelivery,
  lane: number,
  dueAt: Date,
  now: Date,
): NewDelivery {
  return {
    ...planned,
    workspaceId: event.workspaceId,
    id: randomUUIDv7(),
    notificationId,
    contentId: null,
    createdAt: now,
    lane,
    dueAt,
    worker: null,
    begunAt: null,
    providerId: null,
    expiresAt: event.expiresAt,
  }
}

/** Lets a delivery begin with its own insert, if there is a free place. */
function startNow(
  ctx: Context,
  event: ClaimedEvent,
  delivery: NewDelivery,
  content: Content,
  starter: Starter | null,
): BegunDelivery | null {
  const { channel } = delivery
  if (!starter?.reserve(channel)) return null

  const begunAt = delivery.createdAt
  delivery.worker = starter.worker
  delivery.begunAt = begunAt
  delivery.dueAt = new Date(begunAt.getTime() + starter.leaseMs(channel))
  delivery.providerId = ctx.providers.current(event.workspaceId, channel)?.id ?? null
  return {
    workspaceId: event.workspaceId,
    deliveryId: delivery.id,
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
    begunAt,
    expiresAt: event.expiresAt,
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
      return this.#store(ownId, renderContent(this.#event, channel, template, subscriberScope(person)))
    }
    const name = `${channel} ${template?.locale ?? ''} ${template?.version ?? ''}`
    const known = this.#shared.get(name)
    if (known) return known

    const rendered = renderContent(this.#event, channel, template, null)
    const text = this.#store(sharedId(this.#event.id, name), rendered)
    this.#shared.set(name, text)
    return text
  }

  #store(id: string, { content, error }: Rendered): Text {
    this.error ??= error
    const { workspaceId, id: eventId } = this.#event
    this.#rows.contents.push({ workspaceId, id, eventId, content })
    return { id, content }
  }
}

/** The same for every chunk of an event, so that all of them share one row; sorts by time like a UUIDv7. */
function sharedId(eventId: string, name: string): string {
  const hash = createHash('sha256').update(eventId).update(name).digest('hex')
  return `${eventId.slice(0, 13)}-8${hash.slice(0, 3)}-a${hash.slice(3, 6)}-${hash.slice(6, 18)}`
}

/** What templates may read as `subscriber`. */
function subscriberScope({ recipient, locale, timezone, data, addresses }: Person) {
  const first = (channel: string) => addresses.find((a) => a.channel === channel)?.address ?? null
  return { id: recipient, locale, timezone, data, email: first('email'), phone: first('sms') }
}
