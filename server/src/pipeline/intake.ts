// Storing what was accepted. Requests that arrive together share one insert; an answer is given only
// after its commit. What a worker of this process can take at once is handed to it in memory.
import { createBatcher } from '../batch.ts'
import type { Clock } from '../context.ts'
import { laneOf, lanes, type Event } from '../domain/event.ts'
import { ApiError } from '../errors.ts'
import type { Handoff } from '../handoff.ts'
import type { Metrics } from '../metrics.ts'
import type { Signals } from '../signals.ts'
import type { Database } from '../sql/db.ts'
import { isKeyTaken } from '../sql/idempotency.ts'
import { isUnavailable } from '../sql/unavailable.ts'
import { insertEvents, type AcceptedEvent, type IdempotencyRecord } from '../sql/events.ts'

/** What one request brings: its events, and the answer to remember if it came with a key. */
export type Intake = {
  /**
   * `true` once everything is on disk; `false` when the request's idempotency key was there before,
   * and nothing was stored.
   *
   * `bytes`: how large the request was, so that the memory taken has a limit.
   *
   * @throws ApiError `idempotency_in_progress`, `overloaded`.
   */
  store(events: Event[], record: IdempotencyRecord | null, bytes: number): Promise<boolean>
  /** Resolves when nothing is being stored. */
  idle(): Promise<void>
}

export type IntakeOptions = {
  db: Database
  clock: Clock
  handoff: Handoff
  signals: Signals
  metrics: Metrics
}

type Request = { events: Event[]; record: IdempotencyRecord | null; bytes: number }

/** How long this process may keep handed-over events to itself. */
export const fanOutLeaseMs = 30_000
/** The lease of events whose texts take long is renewed, but not for ever. */
export const longestFanOutMs = 120_000
// In events, each kilobyte counting as one more.
const mostWaiting = 50_000
const batchWeight = 4_000

export function createIntake(options: IntakeOptions): Intake {
  const batcher = createBatcher<Request, boolean>({
    run: (requests) => storeBatch(options, requests),
    maxItems: batchWeight,
    weigh: ({ events, bytes }) => events.length + Math.ceil(Math.max(0, bytes) / 1_024),
    parallel: 2,
    isOneItemsFault: (error) => isKeyTaken(error) || !isUnavailable(error),
  })
  const runningKeys = new Set<string>()

  return {
    async store(events, record, bytes) {
      if (batcher.size >= mostWaiting)
        throw new ApiError('overloaded', {
          detail:
            'More events are waiting to be stored than can be kept in memory. Try again in a second.',
          retryAfterSeconds: 1,
        })
      if (!record) return batcher.add({ events, record, bytes })

      const key = `${record.workspaceId} ${record.key}`
      if (runningKeys.has(key))
        throw new ApiError('idempotency_in_progress', { retryAfterSeconds: 1 })
      runningKeys.add(key)
      try {
        return await batcher.add({ events, record, bytes })
      } finally {
        runningKeys.delete(key)
      }
    },
    idle: () => batcher.idle(),
  }
}

async function storeBatch(
  { db, clock, handoff, signals, metrics }: IntakeOptions,
  requests: Request[],
): Promise<boolean[]> {
  const now = clock.now()
  const leaseEnd = new Date(now.getTime() + fanOutLeaseMs)
  const rows = requests.flatMap(({ events, record }) =>
    events.map((event): AcceptedEvent => {
      const lane = laneOf(event)
      // Broadcasts are claimed a few at a time: handed over all at once they would hold up the others.
      const isTaken = lane !== lanes.many && handoff.reserve()
      return {
        ...event,
        lane,
        dueAt: isTaken ? leaseEnd : now,
        epoch: isTaken ? 1 : 0,
        idempotencyKey: record?.key ?? null,
      }
    }),
  )
  const taken = rows.filter((row) => row.epoch === 1)
  const records = requests.flatMap(({ record }) => record ?? [])
  let stored: Set<string>
  try {
    stored = new Set((await insertEvents(db, rows, records)).map(({ id }) => id))
  } catch (error) {
    handoff.release(taken.length)
    throw error
  }

  const kept = taken.filter(({ id }) => stored.has(id))
  handoff.release(taken.length - kept.length)
  handoff.push(kept.map((row) => ({ ...row, cursor: null })))
  if (rows.length > taken.length) signals.ring('belfry_events')
  metrics.eventsAccepted.inc(stored.size)
  return requests.map(({ events }) => events.every(({ id }) => stored.has(id)))
}
