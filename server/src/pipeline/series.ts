// What happened lately, step by step: events accepted, deliveries ended, and how long they took. Counted by
// whoever does it, in the transaction that does it, so that it is the same wherever it is asked for.
import type { Context } from '../context.ts'
import { latencyPercentile } from '../domain/latency.ts'
import {
  listAcceptedPoints,
  listDeliveryPoints,
  listLatencyPoints,
  type AcceptedPoint,
  type DeliveryPoint,
} from '../sql/stats.ts'

export const stepSeconds = { '1m': 60, '10m': 600, '1h': 3_600, '1d': 86_400 } as const
export type SeriesStep = keyof typeof stepSeconds

export type LatencySummary = {
  at: Date
  channel: string
  count: number
  p50Ms: number
  p95Ms: number
  p99Ms: number
}

export type Series = {
  deliveries: DeliveryPoint[]
  accepted: AcceptedPoint[]
  latencies: LatencySummary[]
}

/** Of the last `periodSeconds`, from the whole step in which they begin; steps without any are left out. */
export async function listSeries(
  ctx: Context,
  workspaceId: number,
  { periodSeconds, step, now }: { periodSeconds: number; step: SeriesStep; now: Date },
): Promise<Series> {
  const seconds = stepSeconds[step]
  const beginsAt = Math.floor(now.getTime() / 1_000) - periodSeconds
  const since = new Date((beginsAt - (beginsAt % seconds)) * 1_000)
  const options = { workspaceId, since, stepSeconds: seconds }
  const [deliveries, accepted, points] = await Promise.all([
    listDeliveryPoints(ctx.db, options),
    listAcceptedPoints(ctx.db, options),
    listLatencyPoints(ctx.db, options),
  ])
  const latencies = points.map(({ at, channel, steps }) => {
    const within = (share: number) => Math.round(latencyPercentile(steps, share) ?? 0)
    const count = steps.reduce((sum, one) => sum + one.count, 0)
    return { at, channel, count, p50Ms: within(0.5), p95Ms: within(0.95), p99Ms: within(0.99) }
  })
  return { deliveries, accepted, latencies }
}

/** As the API answers it. */
export function seriesBody({ deliveries, accepted, latencies }: Series) {
  return {
    series: deliveries.map((point) => ({ ...point, at: point.at.toISOString() })),
    accepted: accepted.map(({ at, count }) => ({ at: at.toISOString(), count })),
    latencies: latencies.map(({ at, channel, count, p50Ms, p95Ms, p99Ms }) => ({
      at: at.toISOString(),
      channel,
      count,
      p50_ms: p50Ms,
      p95_ms: p95Ms,
      p99_ms: p99Ms,
    })),
  }
}
