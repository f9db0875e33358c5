// How channels are worked: paused, with so many attempts at once, so many in a second. It holds for every process and
// every workspace, so only keys of the first workspace, which is that of the operators, may change it.
import { Type, type Static } from 'typebox'
import type { Context } from '../context.ts'
import { carriedChannels, type CarriedChannel } from '../domain/channel.ts'
import { workerStatus } from '../domain/worker-status.ts'
import {
  findChannelControlForUpdate,
  listChannelControls,
  updateChannelControl,
  type ChannelControl,
} from '../sql/channel-controls.ts'
import { countQueueLines } from '../sql/queue.ts'
import { listWorkers } from '../sql/workers.ts'
import type { App } from './app.ts'
import { refuseMisfits } from './validation.ts'
import { onlyOperators } from './workers.ts'

const mostAtOnce = 4_096
const mostPerSecond = 100_000

const Concurrency = Type.Union([Type.Integer({ minimum: 1, maximum: mostAtOnce }), Type.Null()], {
  description: 'Attempts at once in each process; null: what each was started with.',
})
const RateLimit = Type.Union(
  [
    Type.Object(
      { per_second: Type.Number({ minimum: 0.01, maximum: mostPerSecond }) },
      { additionalProperties: false },
    ),
    Type.Null(),
  ],
  { description: 'Attempts begun in a second by all processes together; null: any number.' },
)

const ChannelView = Type.Object({
  channel: Type.Enum(carriedChannels),
  status: Type.Enum(['working', 'paused', 'unattended'], {
    description: '`unattended`: no process that is heard of delivers on it.',
  }),
  reason: Type.Union([Type.String(), Type.Null()], { description: 'Why it is paused.' }),
  concurrency: Concurrency,
  rate_limit: RateLimit,
  workers: Type.Integer({ description: 'Processes that deliver on it.' }),
  busy: Type.Integer({ description: 'Attempts under way.' }),
  places: Type.Integer({ description: 'How many there may be at once, in all processes.' }),
  per_second: Type.Number({ description: 'Attempts that ended, on average of the last minute.' }),
  waiting: Type.Integer({ description: 'Deliveries that wait, be it for a later moment.' }),
  oldest_age_seconds: Type.Union([Type.Number(), Type.Null()], {
    description: 'How long ago the oldest that waits was due; null: none is due.',
  }),
})
const ChannelsBody = Type.Object({ channels: Type.Array(ChannelView) })

const PatchBody = Type.Object(
  {
    paused: Type.Optional(
      Type.Boolean({
        description: 'Nothing is begun on it until it is resumed: what is due waits.',
      }),
    ),
    reason: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 300,
        description: 'With `paused`: why, shown to those who look at it.',
      }),
    ),
    concurrency: Type.Optional(Concurrency),
    rate_limit: Type.Optional(RateLimit),
  },
  {
    examples: [
      { paused: true, reason: 'the gateway is moved, until 14:00' },
      { concurrency: 16 },
      { rate_limit: { per_second: 50 } },
    ],
  },
)
const params = Type.Object({ channel: Type.Enum(carriedChannels) })
const tags = ['Operate']

export function channelRoutes(app: App, ctx: Context): void {
  const list = {
    summary: 'Show how channels are worked, and what waits on them',
    description: 'Of all workspaces together; in-app messages need no delivery.',
    operationId: 'listChannels',
    tags,
    response: { 200: ChannelsBody },
  }
  app.get('/channels', { schema: list, config: { scope: 'operate:read' } }, async (request) => {
    onlyOperators(request)
    return { channels: await showChannels(ctx) }
  })

  const patch = {
    summary: 'Pause a channel, let it go on, or change its pace',
    description:
      'In all workspaces and in every process at once. Attempts under way end as they began; what is due goes as soon as the channel is resumed.',
    operationId: 'updateChannel',
    tags,
    params,
    body: PatchBody,
    response: { 200: ChannelView },
  }
  const config = { scope: 'operate:write' } as const
  app.patch('/channels/:channel', { schema: patch, config }, (request) => {
    const { paused, reason } = request.body
    if (reason !== undefined && paused !== true)
      refuseMisfits([{ pointer: '/reason', detail: 'belongs to `"paused": true`.' }])
    return change(ctx, request)
  })
}

type Change = {
  workspaceId: number
  params: { channel: CarriedChannel }
  body: Static<typeof PatchBody>
}

async function change(ctx: Context, { workspaceId, params: { channel }, body }: Change) {
  onlyOperators({ workspaceId })
  await ctx.db.transaction(async (tx) => {
    const before = await findChannelControlForUpdate(tx, channel)
    await updateChannelControl(tx, { channel, ...changed(before, body) })
  })
  ctx.signals.ring('belfry_channels')
  return (await showChannels(ctx)).find((view) => view.channel === channel)!
}

function changed(
  before: ChannelControl,
  { paused, reason, concurrency, rate_limit: limit }: Static<typeof PatchBody>,
): ChannelControl {
  return {
    ...before,
    ...(paused !== undefined && { isPaused: paused, reason: reason ?? null }),
    ...(concurrency !== undefined && { concurrency }),
    ...(limit !== undefined && { perSecond: limit?.per_second ?? null }),
  }
}

async function showChannels(ctx: Context): Promise<Static<typeof ChannelView>[]> {
  const now = ctx.clock.now()
  const [rows, workers, lines] = await Promise.all([
    listChannelControls(ctx.db),
    listWorkers(ctx.db),
    countQueueLines(ctx.db, now),
  ])
  const loads = workers
    .filter((worker) => workerStatus(worker, now) !== 'silent')
    .flatMap((worker) => worker.channels)
  return carriedChannels.map((channel) => {
    const control = rows.find((row) => row.channel === channel)
    const own = loads.filter((load) => load.channel === channel)
    const sum = (of: (load: (typeof own)[number]) => number) =>
      own.reduce((total, load) => total + of(load), 0)
    const waiting = lines.find(({ queue, state }) => queue === channel && state === 'waiting')
    const working = own.length > 0 ? ('working' as const) : ('unattended' as const)
    return {
      channel,
      status: control?.isPaused ? ('paused' as const) : working,
      reason: control?.reason ?? null,
      concurrency: control?.concurrency ?? null,
      rate_limit: control?.perSecond ? { per_second: control.perSecond } : null,
      workers: own.length,
      busy: sum(({ busy }) => busy),
      places: sum(({ places }) => places),
      per_second: Math.round((sum(({ ended }) => ended) / 60) * 100) / 100,
      waiting: waiting?.count ?? 0,
      oldest_age_seconds: waiting?.oldestAgeSeconds ?? null,
    }
  })
}
