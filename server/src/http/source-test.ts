// Trying a source out with a body: the event it would make, whom it would be for, and what the sender
// would be answered. Nothing is stored.
import { Type } from 'typebox'
import type { Context } from '../context.ts'
import type { WebhookRequest } from '../domain/source.ts'
import { ApiError } from '../errors.ts'
import type { CheckedEvent } from '../pipeline/accept.ts'
import { compileSource } from '../pipeline/source-mapping.ts'
import { countPeople } from '../sql/people.ts'
import { findSource } from '../sql/sources.ts'
import type { App } from './app.ts'
import { findFirstAnswer } from './idempotency.ts'
import { Moment } from './ids.ts'
import { SourceKey } from './source-body.ts'
import { identityOf, problemOf, readWebhook, type ReadySource } from './source-reading.ts'
import { unknownSource } from './sources.ts'

const TestBody = Type.Object(
  {
    body: Type.Unknown({ description: 'As the sender would send it.' }),
    headers: Type.Optional(Type.Record(Type.String(), Type.String())),
    query: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  },
  { examples: [{ body: { order: 'A-1001', email: 'ana@example.com' }, headers: {} }] },
)

export const ProblemView = Type.Object(
  {
    code: Type.String(),
    detail: Type.String(),
    errors: Type.Array(Type.Object({ pointer: Type.String(), detail: Type.String() })),
  },
  { description: 'Why it was refused.' },
)

const nullable = (description: string) => Type.Union([Type.String(), Type.Null()], { description })
const nullableMoment = Type.Union([Moment(), Type.Null()])

const TestView = Type.Object({
  outcome: Type.Enum(['accepted', 'repeated', 'ignored', 'refused']),
  event: Type.Union([
    Type.Object({
      type: Type.String(),
      level: Type.String(),
      params: Type.Record(Type.String(), Type.Unknown()),
      audience: Type.Array(Type.Unknown()),
      thread_key: nullable('Ties messages on one subject together.'),
      scheduled_time: nullableMoment,
      local_scheduled_time: nullable('By the clock of each recipient, instead of it.'),
      timezone: nullable('Where the recipients are.'),
      expires_at: nullableMoment,
    }),
    Type.Null(),
  ]),
  recipient_count: Type.Integer({
    description: 'People it would be for, before their preferences; 100,000 at most.',
  }),
  dedupe_key: nullable('What makes it the same as another one.'),
  response: Type.Union([
    Type.Object({ status: Type.Integer(), body: Type.Unknown() }),
    Type.Null(),
  ]),
  problem: Type.Union([ProblemView, Type.Null()]),
})

const mostCounted = 100_000

export function sourceTestRoutes(app: App, ctx: Context): void {
  const schema = {
    summary: 'Try a source out',
    description:
      'What the source would make of this body, and answer. Authentication is not tried, and nothing ' +
      'is stored: the id of the event in `response` leads nowhere.',
    operationId: 'testSource',
    tags: ['Configure'],
    params: Type.Object({ key: SourceKey }),
    body: TestBody,
    response: { 200: TestView },
  }
  const config = { scope: 'config:read' } as const
  app.post('/sources/:key/test', { schema, config }, async ({ workspaceId, params, body }) => {
    const source = await findSource(ctx.db, workspaceId, params.key)
    if (!source) throw await unknownSource(ctx.db, workspaceId, params.key)
    const ready = { source, mapping: compileSource(source), secrets: {} }
    const headers = Object.entries(body.headers ?? {})
    return tryOut(ctx, ready, {
      body: body.body,
      headers: Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value])),
      query: body.query ?? {},
    })
  })
}

async function tryOut(ctx: Context, ready: ReadySource, request: WebhookRequest) {
  const { workspaceId } = ready.source
  const nothing = {
    event: null,
    recipient_count: 0,
    dedupe_key: null,
    response: null,
    problem: null,
  }
  try {
    const identity = identityOf(ready, request, null)
    const first = identity && (await findFirstAnswer(ctx.db, workspaceId, identity))
    if (first) {
      const response = { status: 200, body: first.body }
      const dedupe_key = ready.mapping.dedupeKey(request)
      return { ...nothing, outcome: 'repeated', dedupe_key, response }
    }

    const accepting = { workspaceId, traceparent: null }
    const { checked, answer } = await readWebhook(ctx, ready, { accepting, request })
    const response = { status: answer.status, body: answer.body }
    if (!checked) return { ...nothing, outcome: 'ignored', response }
    return {
      ...nothing,
      outcome: 'accepted',
      event: showChecked(checked),
      recipient_count: await countRecipients(ctx, checked),
      dedupe_key: ready.mapping.dedupeKey(request),
      response,
    }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    const { status, problem } = problemOf(error)
    return { ...nothing, outcome: 'refused', response: { status, body: problem }, problem }
  }
}

/** Those of `otherwise` hear about it when the others are nobody. */
async function countRecipients(ctx: Context, { event, subscribers }: CheckedEvent) {
  const { audience, workspaceId } = event
  const given = subscribers.map(({ id }) => id)
  const count = (isOtherwise: boolean) =>
    countPeople(ctx.db, workspaceId, {
      audience: audience.filter(({ from }) => (from === 'otherwise') === isOtherwise),
      given: isOtherwise ? [] : given,
      limit: mostCounted,
    })
  return (await count(false)) || count(true)
}

function showChecked({ event }: CheckedEvent) {
  return {
    type: event.type,
    level: event.level,
    params: event.params,
    audience: event.audience,
    thread_key: event.threadKey,
    scheduled_time: event.scheduledAt,
    local_scheduled_time: event.scheduledLocal,
    timezone: event.timezone,
    expires_at: event.expiresAt,
  }
}
