// Counts in one answer: what waits, and what became of the deliveries of the last hour and day.
import { Type } from 'typebox'
import type { Context } from '../context.ts'
import { countDeliveries, countQueues } from '../sql/stats.ts'
import type { App } from './app.ts'

const DeliveryCounts = Type.Array(
  Type.Object({ channel: Type.String(), status: Type.String(), count: Type.Integer() }),
)

const StatsBody = Type.Object({
  at: Type.String({ format: 'date-time' }),
  queues: Type.Array(
    Type.Object({
      queue: Type.String({ description: 'A channel, or `events` that wait to be fanned out.' }),
      waiting: Type.Integer(),
      in_flight: Type.Integer(),
      oldest_due_age_seconds: Type.Union([Type.Number(), Type.Null()], {
        description: 'How long the oldest due job has waited; null when nothing is due.',
      }),
    }),
  ),
  last_hour: DeliveryCounts,
  last_day: DeliveryCounts,
})

const hourMs = 3_600_000

export function statsRoutes(app: App, ctx: Context): void {
  const schema = {
    summary: 'What waits and what was delivered',
    operationId: 'getStats',
    tags: ['Watch'],
    response: { 200: StatsBody },
  }
  app.get('/stats', { schema, config: { scope: 'operate:read' } }, async ({ workspaceId }) => {
    const { db } = ctx
    const now = ctx.clock.now()
    const ago = (ms: number) => new Date(now.getTime() - ms)
    const [queues, lastHour, lastDay] = await Promise.all([
      countQueues(db, workspaceId, now),
      countDeliveries(db, workspaceId, ago(hourMs)),
      countDeliveries(db, workspaceId, ago(24 * hourMs)),
    ])
    return {
      at: now.toISOString(),
      queues: queues.map((row) => ({
        queue: row.queue,
        waiting: row.waitingCount,
        in_flight: row.inFlightCount,
        oldest_due_age_seconds: row.oldestDueAgeSeconds,
      })),
      last_hour: lastHour,
      last_day: lastDay,
    }
  })
}
