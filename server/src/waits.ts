// Requests that want their answer when the work is done. Whoever does the work, in whatever process, rings
// when it has done some, but only while somebody waits; one look at the database then serves everybody
// who waits in this process. A ring may be lost: while somebody waits it also looks by itself.
import type { Signals } from './signals.ts'
import type { Db } from './sql/db.ts'
import { listDone, type Awaited } from './sql/waits.ts'

export type Waits = {
  /** Somebody will wait: said before the work is stored, so that its end is heard. */
  announce(): void
  /** Some work was done. Costs nothing while nobody waits. */
  tell(): void
  /** True once all of it is done; false after `longestMs`, or when the caller goes or this process stops. */
  until(awaited: Awaited[], wait: { longestMs: number; gone: AbortSignal }): Promise<boolean>
  /** Lets everybody go, and whoever comes later. */
  release(): void
}

const announceEveryMs = 10_000
const interestMs = 40_000 // longer than anybody may wait after the last announcement
const mostWaiters = 10_000

export function createWaits(
  { db, signals }: { db: Db; signals: Signals },
  onError: (error: unknown) => void,
): Waits {
  const waiting = createWaiting()
  let isReleased = false
  let announcedMs = -Infinity
  let interestUntilMs = -Infinity

  function announce(): void {
    if (performance.now() - announcedMs < announceEveryMs) return
    announcedMs = performance.now()
    signals.ring('belfry_waiting')
  }

  const lookSoon = createLooking(waiting, {
    find: (awaited) => listDone(db, awaited),
    onLooked: announce,
    onError,
  })
  signals.on('belfry_waiting', () => (interestUntilMs = performance.now() + interestMs))
  signals.on('belfry_done', lookSoon)

  return {
    announce,
    tell() {
      if (performance.now() < interestUntilMs) signals.ring('belfry_done')
    },
    until(awaited, { longestMs, gone }) {
      if (awaited.length === 0) return Promise.resolve(true)
      if (isReleased || gone.aborted || waiting.waiters.size >= mostWaiters)
        return Promise.resolve(false)
      announce()
      return new Promise((resolve) => {
        const leave = () => waiter.end(false)
        const timer = setTimeout(leave, longestMs)
        gone.addEventListener('abort', leave)
        const waiter: Waiter = {
          left: new Set(awaited.map(nameOf)),
          end(isDone) {
            clearTimeout(timer)
            gone.removeEventListener('abort', leave)
            waiting.remove(waiter)
            resolve(isDone)
          },
        }
        waiting.add(waiter, awaited)
        lookSoon()
      })
    },
    release() {
      isReleased = true
      for (const waiter of waiting.waiters) waiter.end(false)
    },
  }
}

type Waiter = { left: Set<string>; end: (isDone: boolean) => void }

type Waiting = {
  waiters: Set<Waiter>
  /** What somebody waits for, once each. */
  awaited(): Awaited[]
  add(waiter: Waiter, awaited: Awaited[]): void
  remove(waiter: Waiter): void
  /** Ends those who waited for nothing else. */
  settle(done: Awaited): void
}

/** Who waits for what, found from both ends. */
function createWaiting(): Waiting {
  const waiters = new Set<Waiter>()
  const byName = new Map<string, { what: Awaited; waiters: Set<Waiter> }>()
  return {
    waiters,
    awaited: () => [...byName.values()].map(({ what }) => what),
    add(waiter, awaited) {
      waiters.add(waiter)
      for (const what of awaited) {
        const name = nameOf(what)
        const found = byName.get(name) ?? { what, waiters: new Set() }
        byName.set(name, found)
        found.waiters.add(waiter)
      }
    },
    remove(waiter) {
      waiters.delete(waiter)
      for (const name of waiter.left) {
        const found = byName.get(name)
        found?.waiters.delete(waiter)
        if (found?.waiters.size === 0) byName.delete(name)
      }
    },
    settle(done) {
      const name = nameOf(done)
      const found = byName.get(name)
      byName.delete(name)
      for (const waiter of found?.waiters ?? []) {
        waiter.left.delete(name)
        if (waiter.left.size === 0) waiter.end(true)
      }
    },
  }
}

function nameOf({ workspaceId, eventId, what }: Awaited): string {
  return `${what} ${workspaceId} ${eventId}`
}

const lookEveryMs = 100
const closestMs = 5
// After a look that took a second it rests for so many: those who wait never slow the work down.
const restShare = 3

type LookingOptions = {
  find: (awaited: Awaited[]) => Promise<Awaited[]>
  onLooked: () => void
  onError: (error: unknown) => void
}

/** Looks when it is asked to, and now and then while somebody waits; never twice at the same time. */
function createLooking(waiting: Waiting, { find, onLooked, onError }: LookingOptions): () => void {
  let isLooking = false
  let isAskedAgain = false
  let earliestMs = 0
  let timer: NodeJS.Timeout | null = null

  function lookIn(ms: number): void {
    if (isLooking || waiting.waiters.size === 0) return
    if (timer) clearTimeout(timer)
    const inMs = Math.max(ms, earliestMs - performance.now())
    timer = setTimeout(() => void look(), inMs)
  }

  async function look(): Promise<void> {
    const awaited = waiting.awaited()
    if (awaited.length === 0) return
    isLooking = true
    isAskedAgain = false
    const startedMs = performance.now()
    try {
      for (const done of await find(awaited)) waiting.settle(done)
    } catch (error) {
      onError(error)
    }
    const nowMs = performance.now()
    earliestMs = nowMs + Math.max(closestMs, (nowMs - startedMs) * restShare)
    isLooking = false
    if (waiting.waiters.size > 0) onLooked()
    lookIn(isAskedAgain ? 0 : lookEveryMs)
  }

  return () => {
    isAskedAgain = true
    lookIn(0)
  }
}
