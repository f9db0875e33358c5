// What the sandbox caught, for people to look at and for tests to wait for.
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Context } from '../context.ts'
import { carriedChannels } from '../domain/channel.ts'
import { deleteSandboxMessages, listSandboxMessages, type SandboxMessage } from '../sql/sandbox.ts'
import type { App } from './app.ts'
import { Moment, Uuid } from './ids.ts'
import { PageBody, pageQuery, readPage, showPage } from './paging.ts'
import { waitSecondsOf } from './prefer.ts'

const lookEveryMs = 100
const deletedAtOnce = 10_000

const MessageView = Type.Object({
  id: Uuid('The message.'),
  notification_id: Uuid('GET /notifications/{id} tells its story.'),
  delivery_id: Uuid('The delivery.'),
  channel: Type.String(),
  to: Type.String(),
  content: Type.Record(Type.String(), Type.Unknown()),
  created_at: Moment(),
})

const MessageQuery = Type.Object({
  ...pageQuery,
  to: Type.Optional(Type.String({ maxLength: 2_048, description: 'The address, exactly.' })),
  channel: Type.Optional(Type.Enum(carriedChannels)),
  since: Type.Optional(Moment('Caught then or later.')),
})

const tags = ['Watch']

export function sandboxRoutes(app: App, ctx: Context): void {
  const list = {
    summary: 'List what the sandbox caught, newest first',
    description:
      '`Prefer: wait=N` (30 at most) waits up to N seconds for a message that fits, and answers an ' +
      'empty list when none came.',
    operationId: 'listSandboxMessages',
    tags,
    querystring: MessageQuery,
    response: { 200: PageBody('messages', MessageView) },
  }
  app.get(
    '/sandbox/messages',
    { schema: list, config: { scope: 'operate:read' } },
    async (request) => {
      const { workspaceId, query } = request
      const { after, ...page } = readPage(ctx, request)
      const filter = {
        workspaceId,
        to: query.to ?? null,
        channel: query.channel ?? null,
        since: query.since === undefined ? null : new Date(query.since),
        before: after,
        ...page,
      }
      const rows = await untilSome(ctx, request, () => listSandboxMessages(ctx.db, filter))
      return showPage(ctx, request, { name: 'messages', rows, position: ({ id }) => id, show })
    },
  )

  const empty = {
    summary: 'Forget what the sandbox caught',
    description: `Up to ${deletedAtOnce.toLocaleString('en')} messages at once.`,
    operationId: 'deleteSandboxMessages',
    tags,
    response: { 200: Type.Object({ deleted: Type.Integer() }) },
  }
  const config = { scope: 'operate:write' } as const
  app.delete('/sandbox/messages', { schema: empty, config }, async ({ workspaceId }) => ({
    deleted: await deleteSandboxMessages(ctx.db, workspaceId, deletedAtOnce),
  }))
}

/** Looks again and again for as long as the caller prefers to wait and is there, and we are not stopping. */
async function untilSome<Row>(
  ctx: Context,
  request: FastifyRequest,
  look: () => Promise<Row[]>,
): Promise<Row[]> {
  const endAt = performance.now() + waitSecondsOf(request) * 1_000
  for (;;) {
    const rows = await look()
    const leftMs = endAt - performance.now()
    if (rows.length > 0 || leftMs <= 0) return rows
    if (request.raw.socket.destroyed || ctx.isDraining) return rows
    await sleep(Math.min(lookEveryMs, leftMs))
  }
}

function show(row: SandboxMessage) {
  return {
    id: row.id,
    notification_id: row.notificationId,
    delivery_id: row.deliveryId,
    channel: row.channel,
    to: row.address,
    content: row.content,
    created_at: row.createdAt.toISOString(),
  }
}
