// From the API to a worker in the same process without a detour: events that were just stored are
// handed over in memory, already leased, and deliveries may begin with their own insert. What is lost
// with the process comes back when its lease ends.
import type { Starter } from './pipeline/fan-out-draft.ts'
import type { ClaimedEvent } from './sql/events.ts'
import type { BegunDelivery } from './sql/queue.ts'

/** The worker's side. */
export type Taker = {
  /** There are events to take. */
  onPush(): void
  starter: Starter
  /** Makes the attempts of deliveries that have begun. */
  begin(deliveries: BegunDelivery[]): void
}

export type Handoff = {
  /** Asks for room for one event; false: leave it in the queue for anybody. */
  reserve(): boolean
  /** Gives room back that was reserved for events that were not stored after all. */
  release(count: number): void
  /** Hands over events that room was reserved for. */
  push(events: ClaimedEvent[]): void
  /** Takes what is there, oldest first. */
  take(limit: number): ClaimedEvent[]
  /** Null: no worker here. */
  readonly taker: Taker | null
  open(taker: Taker): void
  close(): void
}

export function createHandoff(capacity = 4_000): Handoff {
  let events: ClaimedEvent[] = []
  let reserved = 0
  let taker: Taker | null = null

  return {
    reserve() {
      if (!taker || reserved >= capacity) return false
      reserved++
      return true
    },
    release(count) {
      reserved -= count
    },
    push(more) {
      for (const event of more) events.push(event)
      if (more.length > 0) taker?.onPush()
    },
    take(limit) {
      const taken = events.slice(0, limit)
      events = events.slice(limit)
      reserved -= taken.length
      return taken
    },
    get taker() {
      return taker
    },
    open(opened) {
      taker = opened
    },
    close() {
      taker = null
    },
  }
}
