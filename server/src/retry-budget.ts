// A budget of retries for each provider, so that those of an outage come as a stream and not as waves on
// top of the usual traffic. What is above it is put later, never dropped. Each process keeps its own, of the
// attempts it makes itself: the share adds up over processes, the floor is for each of them.

/** Of the first attempts of the last minute. */
const share = 0.2
const leastPerSecond = 20
const slotMs = 1_000
const mostLaterMs = 24 * 3_600_000
const minuteMs = 60_000

export type RetryBudget = {
  /** A delivery was tried for the first time. */
  count(provider: string, now: Date): void
  /**
   * When a retry that is due then may be made: then, or the first moment with room. One that may not wait until
   * that moment is made when it is due, and takes nobody's place.
   */
  place(provider: string, dueAt: Date, at: { now: Date; mayWait: (until: Date) => boolean }): Date
}

type Book = {
  minute: number
  sent: number // in that minute
  sentBefore: number // in the one before
  retries: Map<number, number> // planned, by slot
  full: { from: number; to: number; room: number } // slots known to be full: nobody looks at them again
}

export function createRetryBudget(): RetryBudget {
  const books = new Map<string, Book>()

  function bookOf(provider: string, now: Date): Book {
    const minute = Math.floor(now.getTime() / minuteMs)
    const book = books.getOrInsertComputed(provider, () => {
      const full = { from: 0, to: 0, room: 0 }
      return { minute, sent: 0, sentBefore: 0, retries: new Map<number, number>(), full }
    })
    if (minute > book.minute) {
      book.sentBefore = minute === book.minute + 1 ? book.sent : 0
      book.sent = 0
      book.minute = minute
      const slot = Math.floor(now.getTime() / slotMs)
      for (const past of book.retries.keys()) if (past < slot) book.retries.delete(past)
    }
    return book
  }

  return {
    count(provider, now) {
      bookOf(provider, now).sent++
    },
    place(provider, dueAt, { now, mayWait }) {
      const book = bookOf(provider, now)
      const sent = Math.max(book.sent, book.sentBefore)
      const room = Math.ceil(leastPerSecond + (share * sent) / 60)
      const wanted = Math.floor(dueAt.getTime() / slotMs)
      const last = wanted + mostLaterMs / slotMs
      const { full } = book
      const isKnown = room <= full.room && wanted >= full.from && wanted < full.to
      let slot = isKnown ? full.to : wanted
      while (slot < last && (book.retries.get(slot) ?? 0) >= room) slot++
      if (slot > wanted) book.full = { from: isKnown ? full.from : wanted, to: slot, room }
      const taken = book.retries.get(slot) ?? 0
      // One after the other within the second, not all at its beginning.
      const within = Math.floor((Math.min(taken, room - 1) * slotMs) / room)
      const placedAt = slot === wanted ? dueAt : new Date(slot * slotMs + within)
      if (placedAt > dueAt && !mayWait(placedAt)) return dueAt
      book.retries.set(slot, taken + 1)
      return placedAt
    },
  }
}
