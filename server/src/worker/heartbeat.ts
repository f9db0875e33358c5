// Every process says every few seconds that it is there, and what it is busy with.
import type { Context } from '../context.ts'
import { deleteWorker, saveWorker, type ChannelLoad } from '../sql/workers.ts'
import { createDoorbell } from './doorbell.ts'
import { workLoop } from './loop.ts'

export type HeartbeatOptions = {
  roles: readonly string[]
  loads: () => ChannelLoad[]
}

const everyMs = 2_000

export function startHeartbeat(
  ctx: Context,
  { roles, loads }: HeartbeatOptions,
): { stop(): Promise<void> } {
  const stopping = new AbortController()
  const startedAt = ctx.clock.now()
  const loop = workLoop({
    async turn() {
      await saveWorker(ctx.db, {
        name: ctx.worker,
        version: ctx.version,
        roles: [...roles],
        isStopping: ctx.isDraining,
        startedAt,
        seenAt: ctx.clock.now(),
        channels: loads(),
      })
      return false
    },
    doorbell: createDoorbell(),
    pollMs: everyMs,
    stop: stopping.signal,
    onError: (err) => ctx.log.debug({ err }, 'it could not be said that this process is there'),
  })
  return {
    async stop() {
      stopping.abort()
      await loop
      await deleteWorker(ctx.db, ctx.worker).catch(() => {}) // it is seen by its silence, then
    },
  }
}
