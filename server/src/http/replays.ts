// Saying again what happened: one event, or all of a time.
import { Type } from 'typebox'
import type { Context } from '../context.ts'
import { ApiError, errorCodes, type ErrorCode } from '../errors.ts'
import type { CheckedEvent } from '../pipeline/accept.ts'
import { replay, replayRange, type Refusal, type Replayed } from '../pipeline/replay.ts'
import type { App } from './app.ts'
import { describeEvent, EventDetail } from './event-views.ts'
import { acceptingOf, storeRequest } from './events.ts'
import { answerOnce, firstAnswerTo, type Answer } from './idempotency.ts'
import { Moment, Uuid } from './ids.ts'
import { answerWhenDone, mayWait, waitWords } from './prefer.ts'

const tags = ['Trigger']
const write = { scope: 'events:write' } as const

const whatItMeans =
  'A replay is a new event with the parameters of its original (`replay_of`), by the event type and the templates ' +
  'of today; its audience is found anew. **Whoever has a notification of the original gets another one.** It is ' +
  'sent at once, whatever the original was scheduled for, and after everything else that waits.'

const ReplayedBody = Type.Object({
  status: Type.Literal('success'),
  event_id: Uuid('The new event.'),
  replay_of: Uuid('The original.'),
  message: Type.String(),
  event: Type.Optional(EventDetail),
})

export function replayRoutes(app: App, ctx: Context): void {
  replayOne(app, ctx)
  replayMany(app, ctx)
}

function replayOne(app: App, ctx: Context): void {
  const schema = {
    summary: 'Say again that something happened',
    description:
      `${whatItMeans}\n\nWhat was cancelled, or is still being processed, cannot be replayed (409). ` +
      `${waitWords} The work is done when its people are found.`,
    operationId: 'replayEvent',
    tags,
    params: Type.Object({ id: Type.String({ format: 'uuid' }) }),
    response: { 200: ReplayedBody, 202: ReplayedBody },
  }
  const options = { schema, config: write, preHandler: mayWait(ctx) }
  app.post('/events/:id/replay', options, async (request, reply) => {
    const { workspaceId } = request
    const { id } = request.params
    const accept = async (): Promise<Answer> => {
      let checked: CheckedEvent
      try {
        checked = await replay(ctx, acceptingOf(request), id)
      } catch (refusal) {
        return firstAnswerTo(ctx, request, reply, refusal)
      }
      const ids = { event_id: checked.event.id, replay_of: id }
      const body = { status: 'success', ...ids, message: 'Event replayed' }
      return storeRequest(ctx, request, reply, [checked], { status: 202, body })
    }
    const answer = await accept()
    const { event_id: eventId } = answer.body as { event_id: string } // by its schema
    return answerWhenDone(ctx, request, reply, answer, () => ({
      awaited: [{ workspaceId, eventId, what: 'found' }],
      tell: async () => ({ event: await describeEvent(ctx, workspaceId, eventId) }),
    }))
  })
}

const RangeBody = Type.Object(
  {
    type: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
    status: Type.Optional(Type.Enum(['processed', 'no_audience', 'failed'])),
    since: Moment('Accepted then or later.'),
    until: Moment('Accepted before.'),
    after: Type.Optional(Uuid('Go on behind this event: `next_after` of the answer before.')),
    limit: Type.Integer({ minimum: 1, maximum: 10_000, default: 1_000 }),
    dry_run: Type.Boolean({
      default: false,
      description: 'Only count: nothing is stored. Do this first.',
    }),
  },
  {
    examples: [
      {
        type: 'order.shipped',
        status: 'failed',
        since: '2026-11-20T08:00:00Z',
        until: '2026-11-20T12:00:00Z',
        dry_run: true,
      },
    ],
  },
)

const RangeAnswer = Type.Object({
  status: Type.Literal('success'),
  message: Type.String(),
  dry_run: Type.Boolean(),
  matched: Type.Integer({ description: 'Events of the range that may be replayed.' }),
  replayed: Type.Integer({ description: 'New events; in a dry run, how many there would be.' }),
  refused: Type.Integer({ description: 'Those that would be refused today.' }),
  refusals: Type.Array(
    Type.Object({
      event_id: Type.String(),
      code: Type.Enum(Object.keys(errorCodes) as ErrorCode[]),
      detail: Type.String(),
    }),
    { description: 'The first of them, and why.' },
  ),
  next_after: Type.Union([Type.String({ format: 'uuid' }), Type.Null()], {
    description: 'There may be more: send it as `after`. Null when the range is done.',
  }),
})

function replayMany(app: App, ctx: Context): void {
  const schema = {
    summary: 'Say again what happened in a time',
    description:
      `${whatItMeans}\n\nOldest first, up to \`limit\` at once, all of them or none. Left out: what was cancelled, what ` +
      'is still being processed, replays themselves, and what would be refused today (`refused`). Without an ' +
      'Idempotency-Key a repeated request replays everything once more.',
    operationId: 'replayEvents',
    tags,
    body: RangeBody,
    response: { 200: RangeAnswer, 202: RangeAnswer },
  }
  app.post('/events/replay', { schema, config: write }, async (request, reply) => {
    const { body } = request
    const [since, until] = [new Date(body.since), new Date(body.until)]
    if (since >= until)
      throw new ApiError('invalid_request', {
        errors: [{ pointer: '/until', detail: 'must be later than /since' }],
      })
    const range = {
      type: body.type ?? null,
      status: body.status ?? null,
      since,
      until,
      after: body.after ?? null,
      limit: body.limit,
      isDryRun: body.dry_run,
    }
    let count = 0
    await answerOnce(ctx, request, reply, async (tx) => {
      const replayed = await replayRange(ctx, tx, acceptingOf(request), range)
      count = body.dry_run ? 0 : replayed.matched - replayed.refused
      return { status: body.dry_run ? 200 : 202, body: show(replayed, body.dry_run) }
    })
    if (count === 0) return reply
    ctx.metrics.eventsAccepted.inc(count)
    ctx.signals.ring('belfry_events')
    return reply
  })
}

function show({ matched, refused, refusals, nextAfter }: Replayed, isDryRun: boolean) {
  const count = matched - refused
  const events = `${count} event${count === 1 ? '' : 's'}`
  return {
    status: 'success',
    message: isDryRun ? `${events} would be replayed` : `${events} replayed`,
    dry_run: isDryRun,
    matched,
    replayed: count,
    refused,
    refusals: refusals.map(showRefusal),
    next_after: nextAfter,
  }
}

function showRefusal({ eventId, error }: Refusal) {
  return { event_id: eventId, code: error.code, detail: error.message }
}
