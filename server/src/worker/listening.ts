// Code of this program that listens to events of a type. What it is to do is a row, written with the event: it
// survives a crash, waits while no program with the listener runs, and is done at least once. Listeners
// of one event run side by side; what one of them throws is on the event, and holds up none of the others.
import type { Context } from '../context.ts'
import { nextRunAt } from '../domain/listener-retry.ts'
import { claimRuns, releaseRuns, settleRun, type ListenerKey, type Run } from '../sql/listeners.ts'
import { isUnavailable } from '../sql/unavailable.ts'
import { createDoorbell } from './doorbell.ts'
import { workLoop } from './loop.ts'

export type HeardEvent = {
  id: string
  type: string
  level: string
  params: Record<string, unknown>
  threadKey: string | null
  /** The event of which this is a repetition. */
  replayOf: string | null
  createdAt: Date
  /** 1 for the first; what is done more than once should come to the same. */
  attempt: number
}

/** A throw is tried again later. `signal`: the time is over, or the program closes. */
export type Listener = (event: HeardEvent, signal: AbortSignal) => unknown

export type ListeningOptions = ListenerKey & {
  work: Listener
  /** Most attempts for one event. */
  attempts: number
  /** How long one may take. */
  timeoutMs: number
  /** Events at once in this process. */
  concurrency: number
}

export type Listening = {
  /** Takes no more events, lets what has begun come to its end, for `graceMs` at most. */
  stop(graceMs: number): Promise<void>
}

const pollMs = 1_000
const leaseMarginMs = 10_000
const settleRetryMs = 250

export function startListening(ctx: Context, options: ListeningOptions): Listening {
  const { concurrency, timeoutMs } = options
  const bell = createDoorbell()
  const own = () => ctx.in(options.workspaceId) // its clock may begin to stand
  const stopping = new AbortController()
  const closing = new AbortController()
  const running = new Set<Promise<void>>()
  ctx.signals.on('belfry_listeners', () => bell.ring())
  const onError = (err: unknown) => {
    if (!stopping.signal.aborted)
      ctx.log.error({ err, listener: options.name }, 'a listener could not go on; it tries again')
  }

  async function turn(): Promise<boolean> {
    const limit = concurrency - running.size
    if (limit <= 0) return false // rung when a place is free
    const now = own().clock.now()
    const leaseUntil = new Date(now.getTime() + timeoutMs + leaseMarginMs)
    const runs = await claimRuns(ctx.db, { ...options, limit, worker: ctx.worker, now, leaseUntil })
    if (stopping.signal.aborted) {
      const taken = runs.map(({ event, epoch }) => ({ eventId: event, epoch }))
      await releaseRuns(ctx.db, options, taken, now)
      return false
    }
    for (const run of runs) {
      const task = attempt(ctx, options, run, closing.signal)
        .then((nextAt) => nextAt && bell.ringAt(nextAt, own().clock.now()))
        .catch(onError)
        .then(() => {
          running.delete(task)
          bell.ring()
        })
      running.add(task)
    }
    return runs.length === limit
  }

  const loop = workLoop({ turn, doorbell: bell, pollMs, stop: stopping.signal, onError })
  return {
    async stop(graceMs) {
      stopping.abort()
      await loop
      const timer = setTimeout(() => closing.abort(new Error('the program closed')), graceMs)
      await Promise.all(running)
      clearTimeout(timer)
    },
  }
}

/** One attempt, and what follows from it. Answers when the next is due; null when there is none. */
async function attempt(
  ctx: Context,
  options: ListeningOptions,
  run: Run,
  closing: AbortSignal,
): Promise<Date | null> {
  const { workspaceId, event: eventId, listener, epoch } = run
  const startedMs = performance.now()
  const error = await problemOf(options, run, closing)
  const now = ctx.in(workspaceId).clock.now()
  const attempts = { attempt: run.attempt, attempts: options.attempts }
  const dueAt = error === null ? null : nextRunAt(attempts, now, Math.random())
  const status = error === null ? 'done' : dueAt ? 'waiting' : 'failed'
  const durationMs = Math.round(performance.now() - startedMs)
  const end = {
    workspaceId,
    eventId,
    listener,
    epoch,
    status,
    error,
    dueAt,
    durationMs,
    now,
  } as const
  const isOurs = await settleOrRetry(ctx, end)
  const fields = { eventId, listener, attempt: run.attempt, durationMs }
  if (!isOurs) ctx.log.warn(fields, 'a listener ended too late: its lease was over')
  else if (status === 'failed') ctx.log.error({ ...fields, reason: error }, 'a listener failed')
  else if (status === 'waiting')
    ctx.log.warn({ ...fields, reason: error }, 'a listener failed; it will be repeated')
  return dueAt
}

/** What went wrong; null when nothing did. */
async function problemOf(
  { work, attempts, timeoutMs }: ListeningOptions,
  run: Run,
  closing: AbortSignal,
): Promise<string | null> {
  // Taken once more than there are attempts: each time the program ended before it did.
  if (run.attempt > attempts) return 'the program ended before the listener did, each time'
  const { event: id, type, level, params, threadKey, replayOf, createdAt, attempt: number } = run
  const event = { id, type, level, params, threadKey, replayOf, createdAt, attempt: number }
  const late = new AbortController()
  const timer = setTimeout(
    () => late.abort(new Error(`it took longer than ${timeoutMs} ms`)),
    timeoutMs,
  )
  const signal = AbortSignal.any([late.signal, closing])
  try {
    await Promise.race([work(event, signal), rejectedBy(signal)])
    return null
  } catch (error) {
    return textOf(error)
  } finally {
    clearTimeout(timer)
  }
}

function rejectedBy(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const fail = () => reject(signal.reason as Error)
    if (signal.aborted) fail()
    else signal.addEventListener('abort', fail, { once: true })
  })
}

const longestError = 2_000

function textOf(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return text.replaceAll('\u0000', '').slice(0, longestError)
}

/** Until the database takes it: what is not written down is done again. */
async function settleOrRetry(ctx: Context, end: Parameters<typeof settleRun>[1]): Promise<boolean> {
  for (let tries = 0; ; tries++) {
    try {
      return await settleRun(ctx.db, end)
    } catch (error) {
      if (!isUnavailable(error) || tries >= 100) throw error
      await new Promise((resolve) => setTimeout(resolve, settleRetryMs))
    }
  }
}
