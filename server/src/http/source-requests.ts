// What a source got lately, and what became of it: for whoever connects a sender.
import { Type } from 'typebox'
import type { Context } from '../context.ts'
import type { RecentRequests } from '../pipeline/recent-requests.ts'
import { listSourceRequests, type SourceRequest } from '../sql/source-requests.ts'
import { findSource } from '../sql/sources.ts'
import type { App } from './app.ts'
import { Moment, Uuid } from './ids.ts'
import { PageBody, pageQuery, readPage, showPage } from './paging.ts'
import { SourceKey } from './source-body.ts'
import { ProblemView } from './source-test.ts'
import { unknownSource } from './sources.ts'

const outcomes = ['accepted', 'repeated', 'ignored', 'refused'] as const

const RequestView = Type.Object({
  id: Type.Integer(),
  received_at: Moment(),
  outcome: Type.Enum(outcomes),
  status: Type.Integer({ description: 'What it was answered with.' }),
  problem: Type.Union([ProblemView, Type.Null()]),
  event_id: Type.Union([Uuid('Of the event it became.'), Type.Null()]),
  headers: Type.Record(Type.String(), Type.String(), { description: 'Without credentials.' }),
  query: Type.Record(Type.String(), Type.Unknown()),
  body: Type.String({ description: 'Its first 8 kB.' }),
  body_bytes: Type.Integer({ description: 'How long it was.' }),
})

export function sourceRequestRoutes(app: App, ctx: Context, recent: RecentRequests): void {
  const schema = {
    summary: 'List what a source got lately, newest first',
    description:
      'The last 100 it refused and the last 100 others, for three days, without signatures and ' +
      'passwords. What came within the last second to another process may be missing.',
    operationId: 'listSourceRequests',
    tags: ['Follow'],
    params: Type.Object({ key: SourceKey }),
    querystring: Type.Object({ ...pageQuery, outcome: Type.Optional(Type.Enum(outcomes)) }),
    response: { 200: PageBody('requests', RequestView) },
  }
  const config = { scope: 'events:read' } as const
  app.get('/sources/:key/requests', { schema, config }, async (request) => {
    const { workspaceId, params, query } = request
    if (!(await findSource(ctx.db, workspaceId, params.key)))
      throw await unknownSource(ctx.db, workspaceId, params.key)
    await recent.flush()
    const { after, limit, offset } = readPage(ctx, request)
    const rows = await listSourceRequests(ctx.db, {
      workspaceId,
      source: params.key,
      outcome: query.outcome ?? null,
      before: after === null ? null : Number(after),
      offset,
      limit,
    })
    return showPage(ctx, request, {
      name: 'requests',
      rows,
      position: ({ id }) => String(id),
      show,
    })
  })
}

function show({ receivedAt, eventId, bodyBytes, ...rest }: SourceRequest) {
  const { id, outcome, status, problem, headers, query, body } = rest
  return {
    id,
    received_at: receivedAt.toISOString(),
    outcome,
    status,
    problem,
    event_id: eventId,
    headers,
    query,
    body,
    body_bytes: bodyBytes,
  }
}
