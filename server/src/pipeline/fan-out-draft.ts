// The rows of a fan-out, and which of its deliveries begin with the statement that stores them.
import type { Context } from '../context.ts'
import type { CarriedChannel } from '../domain/channel.ts'
import type { Content } from '../domain/content.ts'
import { laneOf, type FanOutCursor, type TemplatePin } from '../domain/event.ts'
import type { Person, Plan } from '../domain/plan.ts'
import type { StepNote } from '../domain/plan-steps.ts'
import type { Hold } from '../domain/quiet-hours.ts'
import { namedInRequest } from '../domain/reason.ts'
import type { ClaimedEvent } from '../sql/events.ts'
import type { FanOutRows, NewDelivery } from '../sql/fan-out.ts'
import type { NewPlans, PlanPlace } from '../sql/plan-runs.ts'
import type { BegunDelivery } from '../sql/queue.ts'
import type { ThreadEntry } from '../sql/threads.ts'
import type { EventTexts } from './event-texts.ts'
import type { NextPeople } from './next-people.ts'
import { providerAtOnce } from './provider-for.ts'
import type { CompiledTemplate } from './render.ts'
import type { Storing } from './supersede.ts'

/** Deliveries that may begin with the statement that stores them, because someone is free to make them. */
export type Starter = {
  worker: string
  /** Takes a free place for a delivery on this channel; false: it waits in the queue. */
  reserve: (channel: CarriedChannel) => boolean
  release: (channel: CarriedChannel) => void
  leaseMs: (channel: CarriedChannel) => number
}

export type Planned = {
  id: string
  person: Person
  plan: Plan
  deliveries: NewDelivery[]
  /** What comes next in its plan; null: nothing. */
  next: PlanPlace | null
  notes: StepNote[]
  /** When it may go out: now, or when it is scheduled for this person. */
  startsAt: Date
  scheduledAt: Date | null
  timezone: string | null
  /** What may hold it back at certain times of day. */
  holds: Hold[]
}

/** A chunk, what is planned for its people, and everything they will read. */
export type Written = NextPeople & EventTexts & { planned: Planned[] }

/** The rows of one chunk, and which of its deliveries begin with it. */
export class Draft {
  readonly #ctx: Context
  readonly #starter: Starter | null
  readonly #isRepeated: boolean
  readonly #begun = new Map<string, BegunDelivery>()
  readonly rows: FanOutRows
  readonly plans: NewPlans = { runs: [], notes: [], pins: [] }
  readonly threads: ThreadEntry[] = []
  readonly asks: Storing['asks'] = []
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
    for (const { id, person, plan, deliveries, scheduledAt, timezone, holds } of planned) {
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
        scheduledAt,
        timezone,
        beginsAt: plan.status === 'scheduled' ? (firstOf(deliveries) ?? scheduledAt) : null,
        isInHours: deliveries.every(({ reason }) => reason !== 'quiet_hours'),
      })
      for (const delivery of deliveries) {
        this.rows.deliveries.push(delivery)
        const text = texts.get(delivery.id)
        if (!text) continue
        delivery.contentId = text.id
        if (delivery.status === 'processing')
          this.#startOrWait(event, { person, holds }, delivery, text.content, now)
      }
    }
    this.#addPlans(written)
    if (written.isOneEnough)
      this.asks.push({
        workspaceId: event.workspaceId,
        eventId: event.id,
        isDone: cursor === null,
      })
    if (written.replaces) this.#addThreads(written)
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
      ...(event.data && event.data.notes.length > 0 && { data: event.data.notes }),
      type: event.type,
      level: event.level,
      lane: laneOf(event),
      channel: channels[0] ?? 'in_app',
      otherChannels: channels.slice(1).join(),
      expiresAt: event.expiresAt,
      now,
      dueAt: now,
      isForced: event.isForced ?? false,
    })
  }

  #addPlans({ event, planned, templates }: Written): void {
    const { workspaceId, id: eventId } = event
    const { runs, notes, pins } = this.plans
    const countBefore = runs.length
    for (const { id: notificationId, next, notes: own } of planned) {
      if (next) runs.push({ ...next, workspaceId, eventId, notificationId })
      for (const note of own) notes.push({ ...note, workspaceId, notificationId })
    }
    if (runs.length > countBefore) pins.push({ workspaceId, eventId, templates: pinsOf(templates) })
  }

  /** Of those who are told something: who wants nothing keeps what there was. */
  #addThreads({ event, planned }: Written): void {
    const { workspaceId, id: eventId, threadKey } = event
    if (threadKey === null) return
    for (const { id: notificationId, person, plan } of planned)
      if (plan.status !== 'skipped')
        this.threads.push({
          workspaceId,
          recipient: person.recipient,
          threadKey,
          notificationId,
          eventId,
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
    { person: { recipient, isSubscriber }, holds }: Pick<Planned, 'person' | 'holds'>,
    delivery: NewDelivery,
    content: Content,
    now: Date,
  ): void {
    const { id, channel, device = null } = delivery
    if (channel === 'in_app') return // waits for its moment, not for a place
    const starter = this.#starter
    const { workspaceId } = event
    const provider = starter && providerAtOnce(this.#ctx, { workspaceId, channel, device })
    if (provider === false || !starter?.reserve(channel)) {
      this.waiting.add(channel)
      return
    }
    delivery.leaseUntil = new Date(now.getTime() + starter.leaseMs(channel))
    delivery.providerId = provider?.id ?? null
    this.#begun.set(id, {
      workspaceId,
      deliveryId: id,
      notificationId: delivery.notificationId,
      channel,
      address: delivery.address!,
      device,
      contentId: delivery.contentId!,
      content,
      recipient,
      isSubscriber,
      level: event.level,
      objection: null, // this was asked just now
      holds,
      eventType: event.type,
      eventTypeVersion: event.typeVersion,
      traceparent: event.traceparent,
      acceptedAt: event.createdAt,
      epoch: 1,
      attempt: 1,
      earlier: 0,
      isForced: event.isForced ?? false,
      isAwaited: delivery.isAwaited,
      providerId: delivery.providerId,
      tried: null,
      staysUntil: null,
      begunAt: now,
      expiresAt: event.expiresAt,
      suppressed: null, // what is was left out of the plan
    })
  }
}

function firstOf(deliveries: NewDelivery[]): Date | null {
  const moments = deliveries.flatMap(({ status, notBefore }) =>
    status === 'scheduled' && notBefore ? notBefore.getTime() : [],
  )
  return moments.length === 0 ? null : new Date(Math.min(...moments))
}

function isSimplyNamed({ via }: Person): boolean {
  return via.length === 1 && via[0] === namedInRequest
}

function pinned(cursor: FanOutCursor, templates: CompiledTemplate[]): FanOutCursor {
  return { ...cursor, templates: pinsOf(templates) }
}

function pinsOf(templates: CompiledTemplate[]): TemplatePin[] {
  return templates.map(({ channel, locale, version, parts }) => {
    return { channel, locale, version, parts }
  })
}
