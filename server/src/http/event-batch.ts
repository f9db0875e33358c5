// Many events in one request: each is accepted or refused by itself.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Context } from '../context.ts'
import { ApiError, errorCodes, type FieldError } from '../errors.ts'
import {
  checkEvent,
  type Accepting,
  type CheckedEvent,
  type EventRequest,
} from '../pipeline/accept.ts'
import { Effort } from '../pipeline/effort.ts'
import { listEventOutcomes } from '../sql/events.ts'
import type { App } from './app.ts'
import { batchBodyLimit } from './bodies.ts'
import { acceptingOf, EventBody, storeRequest } from './events.ts'
import { firstAnswerTo, type Answer } from './idempotency.ts'
import { answerWhenDone, mayWait, waitWords } from './prefer.ts'
import { createChecker } from './validation.ts'

const maxBatch = 1_000

const BatchBody = Type.Object({
  status: Type.Enum(['success', 'partial']),
  accepted: Type.Integer(),
  refused: Type.Integer(),
  results: Type.Array(Type.Unknown()),
})

const checkBody = createChecker({ ...EventBody, additionalProperties: false })

export function eventBatchRoutes(app: App, ctx: Context): void {
  const schema = {
    summary: 'Say that many things happened',
    description:
      'A JSON array, or one event per line (application/x-ndjson); 1,000 at most. Each is accepted or ' +
      'refused by itself: `results` has one entry per event, in order. 422 if none was accepted. ' +
      `${waitWords} The work is done when the people of all are found; \`results\` then say what became of each.`,
    operationId: 'createEvents',
    tags: ['Trigger'],
    consumes: ['application/json', 'application/x-ndjson'],
    body: Type.Array(Type.Unknown(), { minItems: 1, maxItems: maxBatch }),
    response: { 200: BatchBody, 202: BatchBody },
  }
  const config = { scope: 'events:write', takesNdjson: true } as const
  const options = { schema, config, bodyLimit: batchBodyLimit, preHandler: mayWait(ctx) }
  app.post('/events/batch', options, async (request, reply) => {
    const answer = await checkAndStore(ctx, request, reply)
    return answerBatch(ctx, request, reply, answer)
  })
}

type Result = { status: string; event_id?: string }

/** Answers what is stored and what is not, or, if the caller prefers to wait, also what became of it. */
export function answerBatch(
  ctx: Context,
  request: FastifyRequest,
  reply: FastifyReply,
  answer: Answer,
): Promise<FastifyReply> {
  const { workspaceId } = request
  const { results } = answer.body as { results: Result[] } // by its schema
  const ids = results.flatMap((result) => result.event_id ?? [])
  return answerWhenDone(ctx, request, reply, answer, () => ({
    awaited: ids.map((eventId) => ({ workspaceId, eventId, what: 'found' })),
    tell: async () => ({ results: await withOutcomes(ctx, workspaceId, results) }),
  }))
}

async function checkAndStore(
  ctx: Context,
  request: FastifyRequest & { body: unknown[] },
  reply: FastifyReply,
): Promise<Answer> {
  const accepting = { ...acceptingOf(request), effort: new Effort() }
  const items = await Promise.all(request.body.map((item) => checkItem(ctx, accepting, item)))
  const accepted = items.filter((item) => 'event' in item)
  if (accepted.length === 0)
    return firstAnswerTo(ctx, request, reply, noneAccepted(items as Refused[]))
  const told = items.map((item) => ('event' in item ? { eventId: item.event.id } : item))
  return storeRequest(ctx, request, reply, accepted, answerOfBatch(told))
}

/** What became of one of many; `isRepeated`: it was there before. */
export type Item = { eventId: string; isRepeated?: boolean } | Refused

/** @throws ApiError `invalid_request` when there were some and none was accepted. */
export function answerOfBatch(items: Item[]): Answer {
  const refused = items.filter((item) => 'code' in item)
  const accepted = items.length - refused.length
  if (accepted === 0 && refused.length > 0) throw noneAccepted(refused)
  const results = items.map((item) => {
    if ('code' in item) return { status: 'error', ...item }
    const replayed = item.isRepeated && { idempotency_replayed: true }
    return { status: 'success', event_id: item.eventId, ...replayed }
  })
  const status = refused.length === 0 ? 'success' : 'partial'
  return { status: 202, body: { status, accepted, refused: refused.length, results } }
}

/** What became of each event. */
async function withOutcomes(ctx: Context, workspaceId: number, results: Result[]) {
  const ids = results.flatMap((result) => result.event_id ?? [])
  const outcomes = await listEventOutcomes(ctx.db, workspaceId, ids)
  const byId = new Map(outcomes.map((outcome) => [outcome.id, outcome]))
  return results.map((result) => {
    const outcome = byId.get(result.event_id ?? '')
    if (!outcome) return result
    const { status, recipientCount, error } = outcome
    return { ...result, event_status: status, recipient_count: recipientCount, error }
  })
}

type Refused = { code: string; title: string; detail: string | null; errors: FieldError[] }

async function checkItem(
  ctx: Context,
  accepting: Accepting,
  item: unknown,
): Promise<CheckedEvent | Refused> {
  try {
    const errors = checkBody(item)
    if (errors.length > 0) throw new ApiError('invalid_request', { errors })
    return await checkEvent(ctx, accepting, item as EventRequest) // checked just above
  } catch (error) {
    return refusedAs(error)
  }
}

/** @throws what is no refusal. */
export function refusedAs(error: unknown): Refused {
  if (!(error instanceof ApiError)) throw error
  const { code, details } = error
  const { title } = errorCodes[code]
  return { code, title, detail: details.detail ?? null, errors: details.errors ?? [] }
}

function noneAccepted(items: Refused[]): ApiError {
  const errors = items.flatMap((item, i) =>
    item.errors.length > 0
      ? item.errors.map(({ pointer, detail }) => ({ pointer: `/${i}${pointer}`, detail }))
      : [{ pointer: `/${i}`, detail: item.detail ?? item.title }],
  )
  return new ApiError('invalid_request', {
    detail: `None of the ${items.length} events could be accepted.`,
    errors: errors.slice(0, 100),
  })
}
