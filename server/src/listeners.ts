// The listeners of one program, by event type and name.
import type { Context } from './context.ts'
import { unknownType } from './pipeline/accept.ts'
import { deleteListener, insertListener } from './sql/listeners.ts'
import { startListening, type Listener, type Listening } from './worker/listening.ts'

export type ListenOptions = {
  /** Each name of a type hears each event. Default: 'default'. */
  name?: string
  /** Most attempts for one event. Default: 8, over about two hours. */
  attempts?: number
  /** How long one attempt may take. Default: 30 s. */
  timeoutMs?: number
  /** Events at once in this program. Default: 10. */
  concurrency?: number
}

export type Heard = {
  /** Stops listening for good: what waits under the name is forgotten too. */
  forget(): Promise<void>
}

export type Listeners = {
  /** See `Belfry.on`. */
  on(type: string, work: Listener, options?: ListenOptions): Promise<Heard>
  /** Takes no more events, and lets what has begun come to its end. */
  stop(): Promise<void>
}

const graceMs = 10_000
const namePattern = /^[^\p{Cc}]{1,200}$/u

export function createListeners(ctx: Context, workspaceId: number): Listeners {
  const running = new Map<string, Listening>()
  return {
    async on(type, work, options = {}) {
      const { name = 'default', attempts = 8, timeoutMs = 30_000, concurrency = 10 } = options
      checkListener(name, { attempts, timeoutMs, concurrency })
      if (!(await ctx.configuration.eventType(workspaceId, type)))
        throw await unknownType(ctx, workspaceId, type)
      const id = `${type} ${name}`
      if (running.has(id))
        throw new Error(`"${name}" listens to ${type} already: give this listener another name.`)
      const key = { workspaceId, type, name }
      const listening = startListening(ctx, { ...key, work, attempts, timeoutMs, concurrency })
      running.set(id, listening)
      await insertListener(ctx.db, key)
      return {
        async forget() {
          running.delete(id)
          await listening.stop(graceMs)
          await deleteListener(ctx.db, key)
        },
      }
    },
    async stop() {
      await Promise.all([...running.values()].map((listening) => listening.stop(graceMs)))
    },
  }
}

function checkListener(name: string, numbers: Record<string, number>): void {
  if (!namePattern.test(name))
    throw new RangeError(
      'The name of a listener has 1 to 200 characters, none of them control characters.',
    )
  for (const [option, value] of Object.entries(numbers))
    if (!Number.isSafeInteger(value) || value < 1)
      throw new RangeError(`${option} must be a whole number, 1 or more; it is ${value}.`)
}
