// Metrics: of this process as Prometheus text, and how the notifications of the last while stand, as JSON.
import type { FastifyReply } from 'fastify'
import { Type, type Static } from 'typebox'
import type { Context } from '../context.ts'
import { channels } from '../domain/channel.ts'
import { countNotifications, type PartCount } from '../sql/notification-counts.ts'
import type { App } from './app.ts'
import { refuseMisfits } from './validation.ts'

const longestPeriodSeconds = 86_400
const mostCounted = 500_000

const Counts = Type.Object({
  total: Type.Integer(),
  statuses: Type.Record(Type.String(), Type.Integer()),
})

const CountsBody = Type.Object({
  timestamp: Type.String({ format: 'date-time' }),
  servers: Type.Record(
    Type.String(),
    Type.Object({ channels: Type.Record(Type.String(), Counts), total: Type.Integer() }),
    {
      description:
        'By channel and host: `push.worker.<host>`, however many workers that host has. `push.worker.any` ' +
        'is what no worker has begun, or needs one: waiting, skipped, in-app.',
    },
  ),
  total: Type.Integer(),
})

const query = Type.Object({
  period: Type.Optional(
    Type.Number({
      minimum: 1,
      maximum: longestPeriodSeconds,
      description: 'Seconds, up to a day: the notifications made in this time, as JSON.',
    }),
  ),
  channel: Type.Optional(Type.Enum(channels, { description: 'With `period`: only this one.' })),
  server: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 300,
      description: 'With `period`: only this one, such as `push.worker.host-1`.',
    }),
  ),
})

export function metricsRoutes(app: App, ctx: Context): void {
  const schema = {
    summary: 'Metrics, or how the notifications of the last while stand',
    description:
      'Prometheus text of this process. With `period`: JSON that counts notifications, not what happened to them, ' +
      'once on each of their channels, by where they stand now; from the database, so the same in every process.',
    operationId: 'getMetrics',
    tags: ['Watch'],
    querystring: query,
    response: {
      200: {
        description: 'Text, or with `period` JSON.',
        content: {
          'text/plain': { schema: Type.String({ description: 'The Prometheus text format.' }) },
          'application/json': { schema: CountsBody },
        },
      },
    },
  }
  app.get('/metrics', { schema, config: { scope: 'operate:read' } }, async (request, reply) => {
    const { period, channel, server } = request.query
    if (period !== undefined) return count(ctx, request.workspaceId, { period, channel, server })
    if (channel !== undefined || server !== undefined)
      refuseMisfits([{ pointer: '?period', detail: 'is required with `channel` and `server`.' }])
    return sendText(ctx, reply)
  })
}

/** On a port of its own, where no key says whose notifications would be counted. */
export function plainMetricsRoutes(app: App, ctx: Context): void {
  app.get('/metrics', (request, reply) => {
    const asked = Object.keys(request.query as object)[0]
    if (asked === undefined) return sendText(ctx, reply)
    return reply
      .code(422)
      .send({ status: 422, detail: `?${asked} is answered by /metrics of the API, with a key.` })
  })
}

async function sendText({ metrics }: Context, reply: FastifyReply): Promise<FastifyReply> {
  return reply.type(metrics.registry.contentType).send(await metrics.registry.metrics())
}

type Wanted = { period: number; channel: string | undefined; server: string | undefined }

async function count(
  ctx: Context,
  workspaceId: number,
  { period, channel, server }: Wanted,
): Promise<Static<typeof CountsBody>> {
  const now = ctx.in(workspaceId).clock.now()
  const since = new Date(now.getTime() - period * 1_000)
  const { parts, isTooMany } = await countNotifications(ctx.db, {
    workspaceId,
    since,
    now,
    most: mostCounted,
  })
  if (isTooMany)
    refuseMisfits([
      {
        pointer: '?period',
        detail: `has more than ${mostCounted.toLocaleString('en')} notifications; ask for a shorter one, or GET /stats.`,
      },
    ])
  const servers: Static<typeof CountsBody>['servers'] = {}
  let total = 0
  for (const part of parts) {
    const name = serverOf(part)
    if ((channel ?? part.channel) !== part.channel || (server ?? name) !== name) continue
    const of = (servers[name] ??= { channels: {}, total: 0 })
    const counts = (of.channels[part.channel] ??= { total: 0, statuses: {} })
    counts.statuses[part.status] = (counts.statuses[part.status] ?? 0) + part.count
    counts.total += part.count
    of.total += part.count
    total += part.count
  }
  return { timestamp: now.toISOString(), servers, total }
}

/** Workers are called host.pid.letters; the host's own name may have dots too. */
function serverOf({ channel, worker }: PartCount): string {
  const host = worker === null ? 'any' : worker.split('.').slice(0, -2).join('.')
  return `${channel}.worker.${host}`
}
