// Rows for tests of single statements: an event, its people and their deliveries, without the pipeline.
import { randomUUIDv7 } from 'node:crypto'
import type { CarriedChannel } from '../src/domain/channel.ts'
import type { Status } from '../src/domain/status.ts'
import { openDatabase, type Db } from '../src/sql/db.ts'
import { insertEvents, type AcceptedEvent } from '../src/sql/events.ts'
import { insertFanOut, type EventChunk, type FanOutRows } from '../src/sql/fan-out.ts'
import { claimDeliveries, type Claim, type ClaimedDelivery } from '../src/sql/queue.ts'
import { settleDeliveries, type Settlement } from '../src/sql/settle.ts'
import { createLook } from './given.ts'
import { createTestDatabase } from './test-cluster.ts'

export const workspaceId = 1
export const now = new Date('2026-11-21T12:00:00.000Z')
export const later = (seconds: number) => new Date(now.getTime() + seconds * 1_000)

/** A database of its own, as the program opens it, and another way to look into it. */
export async function createRows() {
  const database = await createTestDatabase()
  const { connection } = database
  const errors: Error[] = []
  const db = openDatabase({ connection, onError: (error) => errors.push(error) })
  const look = createLook(connection)
  return {
    connection,
    db,
    look,
    errors,
    async close() {
      await look.close()
      await db.close()
      await database.drop()
    },
  }
}

export function acceptedEvent(given: Partial<AcceptedEvent> = {}): AcceptedEvent {
  return {
    workspaceId,
    id: randomUUIDv7(),
    type: 'order.shipped',
    typeVersion: 1,
    level: 'standard',
    audience: [{ id: 'ana' }],
    params: { order: 7 },
    message: null,
    scheduledAt: null,
    scheduledLocal: null,
    timezone: null,
    expiresAt: null,
    threadKey: null,
    traceparent: null,
    replayOf: null,
    createdAt: now,
    lane: 1,
    dueAt: now,
    epoch: 1,
    idempotencyKey: null,
    ...given,
  }
}

export async function storeEvent(
  db: Db,
  given: Partial<AcceptedEvent> = {},
): Promise<AcceptedEvent> {
  const event = acceptedEvent(given)
  await insertEvents(db, [event], [])
  return event
}

export type GivenPerson = { recipient: string; channels: CarriedChannel[]; outcome?: Status }

/** What a fan-out of the event to these people would store, with ids to recognise them by. */
export function fanOutRows(
  event: AcceptedEvent,
  people: GivenPerson[],
  chunk: Partial<EventChunk> & { worker?: string; leaseUntil?: Date } = {},
): FanOutRows {
  const { worker = null, leaseUntil = null, ...given } = chunk
  const contentId = randomUUIDv7()
  const rows: FanOutRows = {
    worker,
    events: [
      {
        workspaceId: event.workspaceId,
        eventId: event.id,
        epoch: event.epoch,
        isDone: true,
        isFirst: true,
        peopleCount: people.length,
        found: [],
        cursor: null,
        error: null,
        type: event.type,
        level: event.level,
        lane: event.lane,
        channel: 'webhook',
        otherChannels: '',
        now,
        expiresAt: null,
        dueAt: now,
        ...given,
      },
    ],
    notifications: [],
    contents: [
      { id: contentId, eventId: event.id, isShared: false, content: { body: { order: 7 } } },
    ],
    deliveries: [],
    preferencesRead: [{ workspaceId: event.workspaceId, since: 0 }],
  }
  for (const { recipient, channels, outcome = null } of people) {
    const id = randomUUIDv7()
    const status = channels.length > 0 ? 'processing' : (outcome ?? 'delivered')
    rows.notifications.push({
      id,
      eventId: event.id,
      recipient,
      isSubscriber: true,
      via: null,
      status,
      reason: null,
      outcome,
      pending: channels.length,
      contentId: channels.length > 0 ? null : contentId,
      scheduledAt: null,
      timezone: null,
      beginsAt: null,
      isInHours: true,
    })
    for (const channel of channels)
      rows.deliveries.push({
        id: randomUUIDv7(),
        eventId: event.id,
        notificationId: id,
        channel,
        slot: 0,
        step: 0,
        isAwaited: false,
        contentId,
        address: `${channel}:${recipient}`,
        status: 'processing',
        reason: null,
        leaseUntil,
        providerId: null,
      })
  }
  return rows
}

/** An event with deliveries that wait. */
export async function storeDeliveries(
  db: Db,
  people: GivenPerson[],
  given: Partial<AcceptedEvent> = {},
  chunk: Partial<EventChunk> = {},
): Promise<{ event: AcceptedEvent; rows: FanOutRows }> {
  const event = await storeEvent(db, given)
  const rows = fanOutRows(event, people, chunk)
  await insertFanOut(db, rows)
  return { event, rows }
}

export function claim(db: Db, given: Partial<Claim> = {}): Promise<ClaimedDelivery[]> {
  const usual = {
    channel: 'webhook',
    limit: 100,
    worker: 'w1',
    carriers: [],
    now,
    leaseUntil: later(60),
  } as const
  return claimDeliveries(db, { ...usual, ...given })
}

/** What is settled when an attempt was `sent`, unless told otherwise. */
export function settlement(
  {
    deliveryId,
    notificationId,
    epoch,
    attempt,
  }: Pick<ClaimedDelivery, 'deliveryId' | 'notificationId' | 'epoch' | 'attempt'>,
  given: Partial<Settlement> = {},
): Settlement {
  return {
    workspaceId,
    deliveryId,
    notificationId,
    epoch,
    number: attempt,
    provider: 'receiver',
    outcome: 'sent',
    code: 'http_200',
    detail: null,
    worker: 'w1',
    startedAt: now,
    durationMs: 12,
    status: 'sent',
    reason: null,
    dueAt: null,
    ...given,
  }
}

export function settle(db: Db, settlements: Settlement[], at: Date = later(1)) {
  return settleDeliveries(db, settlements, { now: at, worker: 'w1' })
}

export const failed = {
  outcome: 'failed',
  status: 'failed',
  code: 'http_400',
  reason: 'http_400',
} as const
export const again = {
  outcome: 'retry',
  status: null,
  code: 'http_503',
  reason: 'http_503',
  dueAt: later(30),
} as const
export const ambiguous = {
  ...again,
  outcome: 'ambiguous',
  code: 'timeout',
  reason: 'timeout',
} as const
