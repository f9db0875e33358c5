// From the API to a worker in the same process without a detour: events that were just stored are
// handed over in memory, already leased. What is lost with the process comes back when the lease ends.
import type { ClaimedEvent } from './sql/events.ts'

export type Handoff = {
  /** Asks for room for `count` events; false: leave them in the queue for anybody. */
  reserve(count: number): boolean
  /** Gives room back that was reserved for events that were not stored after all. */
  release(count: number): void
  /** Hands over events that room was reserved for. */
  push(events: ClaimedEvent[]): void
  /** Takes what is there, oldest first. */
  take(limit: number): ClaimedEvent[]
  /** The worker's side: says that it takes events from now on, and is called when there are some. */
  open(onPush: () => void): void
  close(): void
}

export function createHandoff(capacity = 4_000): Handoff {
  let events: ClaimedEvent[] = []
  let reserved = 0
  let onPush: (() => void) | null = null

  return {
    reserve(count) {
      if (!onPush || reserved + count > capacity) return false
      reserved += count
      return true
    },
    release(count) {
      reserved -= count
    },
    push(more) {
      for (const event of more) events.push(event)
      onPush?.()
    },
    take(limit) {
      const taken = events.slice(0, limit)
      events = events.slice(limit)
      reserved -= taken.length
      return taken
    },
    open(listener) {
      onPush = listener
    },
    close() {
      onPush = null
    },
  }
}
