// Who works on what, and at which rate.
import { Type } from 'typebox'
import type { Context } from '../context.ts'
import { carriedChannels } from '../domain/channel.ts'
import { workerStatus, workerStatuses } from '../domain/worker-status.ts'
import { ApiError } from '../errors.ts'
import { listWorkers, type WorkerRow } from '../sql/workers.ts'
import type { App } from './app.ts'
import { Moment } from './ids.ts'

const ChannelLoadView = Type.Object({
  channel: Type.Enum(carriedChannels),
  busy: Type.Integer({ description: 'Attempts under way.' }),
  concurrency: Type.Integer({ description: 'How many there may be at once.' }),
  per_second: Type.Number({ description: 'Attempts that ended, on average of the last minute.' }),
})

const WorkerView = Type.Object({
  name: Type.String({ description: 'Its host, its pid and a few letters.' }),
  status: Type.Enum(workerStatuses, {
    description:
      '`silent`: it has not been heard of for 15 seconds. What it had begun goes on elsewhere.',
  }),
  version: Type.String(),
  roles: Type.Array(Type.String()),
  started_at: Moment('When it was started.'),
  seen_at: Moment('When it was last heard of.'),
  channels: Type.Array(ChannelLoadView, {
    description: 'Those that it delivers on; none without the role `worker`.',
  }),
})

const WorkersBody = Type.Object({ workers: Type.Array(WorkerView) })

export function workerRoutes(app: App, ctx: Context): void {
  const schema = {
    summary: 'Show who works on what, and at which rate',
    description:
      'All processes on this database, whatever their roles, as each tells of itself every two seconds.',
    operationId: 'listWorkers',
    tags: ['Operate'],
    response: { 200: WorkersBody },
  }
  app.get('/workers', { schema, config: { scope: 'operate:read' } }, async (request) => {
    onlyOperators(request)
    const now = ctx.clock.now()
    return { workers: (await listWorkers(ctx.db)).map((row) => show(row, now)) }
  })
}

const operators = 1 // the first workspace

/**
 * What is of the whole installation is for those who run it.
 *
 * @throws ApiError `insufficient_scope`.
 */
export function onlyOperators({ workspaceId }: { workspaceId: number }): void {
  if (workspaceId !== operators)
    throw new ApiError('insufficient_scope', {
      detail: 'It is about all workspaces: use a key of the first one, "default".',
    })
}

function show(row: WorkerRow, now: Date) {
  const { name, version, roles, startedAt, seenAt } = row
  return {
    name,
    status: workerStatus(row, now),
    version,
    roles,
    started_at: startedAt.toISOString(),
    seen_at: seenAt.toISOString(),
    channels: row.channels.map(({ channel, busy, places, ended }) => ({
      channel,
      busy,
      concurrency: places,
      per_second: Math.round((ended / 60) * 100) / 100,
    })),
  }
}
