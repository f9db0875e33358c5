// `belfry stats`: what waits, and what became of the deliveries of the last hour and day.
import { setTimeout as delay } from 'node:timers/promises'
import { Command } from 'commander'
import type { Context } from '../context.ts'
import { listSeries, seriesBody, type Series } from '../pipeline/series.ts'
import { countDeliveries, countQueues, type DeliveryCount, type QueueCount } from '../sql/stats.ts'
import { withWorkspace } from './join-command.ts'
import { examples, withWorkspaceOptions, type WorkspaceOptions } from './options.ts'
import { print, printJson, styled, table } from './output.ts'

const watchEveryMs = 2_000
const hourMs = 3_600_000
const stepMs = 600_000

export function statsCommand(): Command {
  const stats = new Command('stats')
    .description('Show what waits and what was delivered.')
    .option('--watch', 'again every two seconds, until Ctrl-C')
    .addHelpText('after', examples('belfry stats', 'belfry stats --watch', 'belfry stats --json'))
    .action(showStats)
  return withWorkspaceOptions(stats)
}

type Stats = {
  at: Date
  queues: QueueCount[]
  lastHour: DeliveryCount[]
  lastDay: DeliveryCount[]
  series: Series
}

async function showStats(options: WorkspaceOptions & { watch?: boolean }): Promise<void> {
  await withWorkspace(options, async ({ ctx, workspaceId }, stop) => {
    const isRepainting = options.watch === true && process.stdout.isTTY && !options.json
    do {
      const stats = await countAll(ctx, workspaceId)
      if (isRepainting) process.stdout.write('\x1b[H\x1b[2J')
      if (options.json) printJson(toJson(stats))
      else print(toText(stats))
      if (options.watch) await delay(watchEveryMs, undefined, { signal: stop }).catch(() => {})
    } while (options.watch === true && !stop.aborted)
  })
}

async function countAll(ctx: Context, workspaceId: number): Promise<Stats> {
  const { db } = ctx
  const at = ctx.in(workspaceId).clock.now()
  const ago = (ms: number) => new Date(at.getTime() - ms)
  const [queues, lastHour, lastDay, series] = await Promise.all([
    countQueues(db, workspaceId, at),
    countDeliveries(db, workspaceId, ago(hourMs)),
    countDeliveries(db, workspaceId, ago(24 * hourMs)),
    listSeries(ctx, workspaceId, { periodSeconds: hourMs / 1_000, step: '10m', now: at }),
  ])
  return { at, queues, lastHour, lastDay, series }
}

function toText({ at, queues, lastHour, lastDay, series }: Stats): string {
  const age = (seconds: number | null) => (seconds === null ? '–' : `${Math.round(seconds)} s`)
  const waiting = queues.map((row) => [
    row.queue,
    String(row.waitingCount),
    String(row.inFlightCount),
    age(row.oldestDueAgeSeconds),
  ])
  const ended = lastDay.map(({ channel, status, count }) => {
    const inHour = lastHour.find((row) => row.channel === channel && row.status === status)
    return [channel, status, String(inHour?.count ?? 0), String(count)]
  })
  return [
    styled('dim', at.toISOString()),
    table([['WAITING', 'NOW', 'IN FLIGHT', 'OLDEST'], ...waiting]),
    '',
    table([['DELIVERIES', 'ENDED AS', 'LAST HOUR', 'LAST DAY'], ...ended]),
    ...(ended.length === 0 ? ['none in the last day'] : []),
    '',
    table([['SINCE', 'ACCEPTED', 'SENT', 'FAILED', 'P95'], ...stepsOf(series, at)]),
  ].join('\n')
}

/** The last hour by ten minutes, also those in which nothing happened; p95 of the slowest channel. */
function stepsOf({ accepted, deliveries, latencies }: Series, now: Date): string[][] {
  const last = Math.floor(now.getTime() / stepMs) * stepMs
  return Array.from({ length: hourMs / stepMs + 1 }, (_, i) => {
    const at = last - hourMs + i * stepMs
    const isThen = (point: { at: Date }) => point.at.getTime() === at
    const sum = (points: { count: number }[]) => points.reduce((all, { count }) => all + count, 0)
    const ended = deliveries.filter(isThen)
    const sent = ended.filter(({ status }) => status === 'sent' || status === 'delivered')
    const failed = ended.filter(({ status }) => status === 'failed' || status === 'unknown')
    const slowest = latencies.filter(isThen).toSorted((a, b) => b.p95Ms - a.p95Ms)[0]
    return [
      new Date(at).toISOString().slice(11, 16),
      String(sum(accepted.filter(isThen))),
      String(sum(sent)),
      String(sum(failed)),
      slowest ? `${shortMs(slowest.p95Ms)} ${slowest.channel}` : '–',
    ]
  })
}

function shortMs(ms: number): string {
  return ms < 1_000 ? `${ms} ms` : `${(ms / 1_000).toFixed(1)} s`
}

/** As GET /stats?period=3600&step=10m answers. */
function toJson({ at, queues, lastHour, lastDay, series }: Stats): Record<string, unknown> {
  return {
    at,
    queues: queues.map((row) => ({
      queue: row.queue,
      waiting: row.waitingCount,
      in_flight: row.inFlightCount,
      oldest_due_age_seconds: row.oldestDueAgeSeconds,
    })),
    last_hour: lastHour,
    last_day: lastDay,
    ...seriesBody(series),
  }
}
