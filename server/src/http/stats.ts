// Counts in one answer: what waits, and what became of the deliveries of the last hour and day.
import { Type } from 'typebox'
import type { Context } from '../context.ts'
import {
  listSeries,
  seriesBody,
  stepSeconds,
  type Series,
  type SeriesStep,
} from '../pipeline/series.ts'
import { countDeliveries, countQueues, mostPoints } from '../sql/stats.ts'
import type { App } from './app.ts'
import { refuseMisfits } from './validation.ts'

const DeliveryCounts = Type.Array(
  Type.Object({ channel: Type.String(), status: Type.String(), count: Type.Integer() }),
)

const StepAt = Type.String({ format: 'date-time', description: 'When the step begins.' })

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
  series: Type.Optional(
    Type.Array(
      Type.Object({
        at: StepAt,
        channel: Type.String(),
        status: Type.String(),
        provider: Type.Union([Type.String(), Type.Null()], {
          description: 'Its name at the time; null: nobody was called.',
        }),
        worker: Type.String(),
        count: Type.Integer(),
      }),
      {
        description:
          'With `period`: deliveries that ended, oldest first; steps without any are left out.',
      },
    ),
  ),
  accepted: Type.Optional(
    Type.Array(Type.Object({ at: StepAt, count: Type.Integer() }), {
      description: 'With `period`: events that were accepted, likewise.',
    }),
  ),
  latencies: Type.Optional(
    Type.Array(
      Type.Object({
        at: StepAt,
        channel: Type.String(),
        count: Type.Integer(),
        p50_ms: Type.Integer({ description: 'Half of them took no longer than this.' }),
        p95_ms: Type.Integer(),
        p99_ms: Type.Integer(),
      }),
      {
        description:
          'With `period`: how long what was sent or delivered took from when it was accepted, or might begin, ' +
          'over all workers; of the last seven days. Counted by steps, so up to a fifth more or less.',
      },
    ),
  ),
})

const mostSteps = 1_440

const query = Type.Object({
  period: Type.Optional(
    Type.Integer({
      minimum: 60,
      maximum: 35 * 86_400,
      description:
        'Seconds, up to 35 days: adds `series`, `accepted` and `latencies`, from the whole step in which it begins.',
    }),
  ),
  step: Type.Enum(['1m', '10m', '1h', '1d'] as const, {
    default: '1m',
    description: 'Of those; at most 1,440 of them.',
  }),
})

const hourMs = 3_600_000

export function statsRoutes(app: App, ctx: Context): void {
  const schema = {
    summary: 'What waits and what was delivered',
    operationId: 'getStats',
    tags: ['Watch'],
    querystring: query,
    response: { 200: StatsBody },
  }
  app.get('/stats', { schema, config: { scope: 'operate:read' } }, async (request) => {
    const { workspaceId, query } = request
    const { db } = ctx
    const now = ctx.in(workspaceId).clock.now()
    const ago = (ms: number) => new Date(now.getTime() - ms)
    const [queues, lastHour, lastDay, series] = await Promise.all([
      countQueues(db, workspaceId, now),
      countDeliveries(db, workspaceId, ago(hourMs)),
      countDeliveries(db, workspaceId, ago(24 * hourMs)),
      query.period === undefined ? null : seriesOf(ctx, workspaceId, query.period, query.step, now),
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
      ...(series && seriesBody(series)),
    }
  })
}

async function seriesOf(
  ctx: Context,
  workspaceId: number,
  periodSeconds: number,
  step: SeriesStep,
  now: Date,
): Promise<Series> {
  if (periodSeconds / stepSeconds[step] > mostSteps)
    refuseMisfits([
      { pointer: '?step', detail: `makes more than ${mostSteps} steps; take a longer one.` },
    ])
  const series = await listSeries(ctx, workspaceId, { periodSeconds, step, now })
  if (series.deliveries.length > mostPoints)
    refuseMisfits([
      {
        pointer: '?step',
        detail: `makes more than ${mostPoints.toLocaleString('en')} entries, of all workers; take a longer one.`,
      },
    ])
  return series
}
