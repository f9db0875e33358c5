// The library: the same Belfry inside a Node program.
//
//   import { createBelfry } from 'belfry'
//   const belfry = await createBelfry({ dataDir: '.belfry' })
//   await belfry.on('order.shipped', (event) => print(event.params), { name: 'labels' })
//   await belfry.trigger('order.shipped', { order_id: 'A-1001' }, { to: ['ana'] })
import { loadConfig, type Config } from './config.ts'
import type { Context } from './context.ts'
import { checkEventBody } from './http/events.ts'
import { checkNotify, type NotifyWords } from './http/notify-body.ts'
import { createLog } from './log.ts'
import { checkEvent, storeEvents, type EventRequest, type To } from './pipeline/accept.ts'
import { advanceClock, moveOf, type Advanced } from './pipeline/advance.ts'
import { follow } from './pipeline/follow.ts'
import { finish, notify, type Notified } from './pipeline/notify.ts'
import { withTextsAhead } from './pipeline/texts-ahead.ts'
import { createListeners, type Heard, type ListenOptions } from './listeners.ts'
import { defaultWorkspaceId, startSystem, type Role, type System } from './system.ts'
import type { Listener } from './worker/listening.ts'

export type { Advanced } from './pipeline/advance.ts'
export type { Heard, ListenOptions } from './listeners.ts'
export type { HeardEvent, Listener } from './worker/listening.ts'

export type BelfryOptions = Partial<Config> & {
  /** What this process does. Without `api` nothing listens. Default: worker and scheduler. */
  roles?: readonly Role[]
  /** For tests: time stands, and passes only by `clock.advance`. Takes a database in which nothing has happened. */
  isTest?: boolean
}

export type BelfryClock = {
  /** When it is in the workspace. */
  now(): Promise<Date>
  /**
   * Moves the clock, only ahead: by a duration (`90s`, `10m`, `24h`, `10d`) or to a moment. Resolves when everything
   * that was due by then is done, each thing at its own moment and in order; listeners have heard of it.
   *
   * @throws ApiError `not_a_test_workspace` without `isTest`, `invalid_request` for what is no such move.
   */
  advance(move: { by: string } | { to: Date | string }): Promise<Advanced>
}

export type TriggerOptions = Omit<EventRequest, 'type' | 'params' | 'to'> & { to?: To[] }

export type Belfry = {
  /** Where the HTTP API answers; null without the role `api`. */
  url: string | null
  /** Stores an event; its people are found and told right after. Answers its id. */
  trigger(
    type: string,
    params?: Record<string, unknown>,
    options?: TriggerOptions,
  ): Promise<{ eventId: string }>
  /**
   * Stores a direct message, in the words of `POST /notifications`.
   *
   * @throws ApiError, whose message says what cannot be accepted.
   */
  notify(message: NotifyWords): Promise<Pick<Notified, 'eventId' | 'notificationIds'>>
  /**
   * Listens to the events of a type that are accepted from now on, under a name that stays: what happens
   * while no program listens by this name waits until one does, as long as events are kept. Several
   * programs of one name share the events. Each is done at least once; a throw is tried again with
   * growing delays, and told by `GET /events/{id}`.
   *
   * @throws ApiError `unknown_event_type`; Error when this program listens by that name already.
   */
  on(type: string, listener: Listener, options?: ListenOptions): Promise<Heard>
  /** The whole story of a notification; null when there is none with this id. */
  follow(notificationId: string): ReturnType<typeof follow>
  clock: BelfryClock
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Starts Belfry in this process: connects (or starts the embedded PostgreSQL), migrates, and works.
 * Options go before BELFRY_* of the environment.
 *
 * @throws ConfigError, or an error that says what to do.
 */
export async function createBelfry(options: BelfryOptions = {}): Promise<Belfry> {
  const { roles = ['worker', 'scheduler'], isTest = false, ...given } = options
  const config = loadConfig(given)
  const log = createLog({ level: config.logLevel })
  const onNote = (note: string) => log.info({ note }, 'news of the database')
  const system = await startSystem({ config, log, roles, isTest, onNote })
  return belfryOf(system)
}

function belfryOf({ ctx, url, close }: System): Belfry {
  const accepting = { workspaceId: defaultWorkspaceId, traceparent: null }
  const listeners = createListeners(ctx, defaultWorkspaceId)
  const stop = async () => {
    await listeners.stop()
    await close()
  }
  return {
    url,
    on: listeners.on,
    async trigger(type, params = {}, options = {}) {
      const checked = await checkEvent(ctx, accepting, checkEventBody({ type, params, ...options }))
      await storeEvents(ctx, [checked], null)
      return { eventId: checked.event.id }
    },
    async notify(message) {
      const request = checkNotify(message)
      const own = ctx.in(defaultWorkspaceId)
      let notified: Notified | null = null
      let isStored = false
      try {
        const { eventId, notificationIds } = await withTextsAhead(own, (texts) =>
          ctx.db.transaction(async (tx) => {
            const options = { takesAddresses: false, texts }
            return (notified = await notify(own, tx, accepting, request, options))
          }),
        )
        isStored = true
        return { eventId, notificationIds }
      } finally {
        if (notified) await finish(own, notified, isStored)
      }
    },
    follow: (id) => follow(ctx, defaultWorkspaceId, id),
    clock: clockOf(ctx),
    close: stop,
    [Symbol.asyncDispose]: stop,
  }
}

function clockOf(ctx: Context): BelfryClock {
  return {
    now: async () => ctx.in(defaultWorkspaceId).clock.now(),
    async advance(move) {
      const moved = await advanceClock(ctx, defaultWorkspaceId, moveOf(move))
      // What takes longer than a request may take goes on here.
      while (moved.now < moved.target) {
        const more = await advanceClock(ctx, defaultWorkspaceId, { to: moved.target })
        moved.now = more.now
        for (const count of ['moments', 'events', 'steps', 'attempts'] as const)
          moved[count] += more[count]
      }
      return moved
    },
  }
}
