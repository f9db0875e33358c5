// What a source makes of one request: the event it becomes and the answer it gets, or why it is
// refused. Nothing is stored: the dry run reads as the door does.
import { hash } from 'node:crypto'
import type { Context } from '../context.ts'
import { canonicalJson } from '../domain/canonical-json.ts'
import type { Source, SourceSecrets, WebhookRequest } from '../domain/source.ts'
import { ApiError, errorCodes, type FieldError } from '../errors.ts'
import { checkEvent, type Accepting, type CheckedEvent } from '../pipeline/accept.ts'
import type { SourceMapping } from '../pipeline/source-mapping.ts'
import { hasPeople } from '../sql/people.ts'
import { eventMisfits } from './events.ts'
import type { Answer, Idempotency } from './idempotency.ts'

/** A source with its mapping compiled and its secrets open. */
export type ReadySource = { source: Source; mapping: SourceMapping; secrets: SourceSecrets }

/** `checked: null`: the source is not interested, and nothing is wrong with that. */
export type Reading = { checked: CheckedEvent | null; answer: Answer }

/** @throws ApiError `invalid_payload`. */
export async function readWebhook(
  ctx: Context,
  { source, mapping }: ReadySource,
  { accepting, request }: { accepting: Accepting; request: WebhookRequest },
): Promise<Reading> {
  const misfits = mapping.checkBody(request.body)
  if (misfits.length > 0) throw invalidPayload(misfits)
  if (!mapping.isWanted(request))
    return {
      checked: null,
      answer: { status: 200, body: { status: 'ignored', message: 'Nothing to do for this one' } },
    }

  const event = mapping.toEvent(request)
  const problems = eventMisfits(event)
  if (problems.length > 0) throw invalidPayload(mapping.blameBody(problems))
  const checked = await checkEvent(ctx, accepting, event).catch((error: unknown) => {
    throw asPayloadProblem(error, mapping)
  })
  await requireAudience(ctx, source, checked)
  mapping.dedupeKey(request) // last: what is missing from the body was told by its schema

  const { id } = checked.event
  const own = mapping.respond(request, { id, type: event.type })
  return {
    checked,
    answer: own ?? {
      status: 202,
      body: { status: 'success', event_id: id, message: 'Event accepted' },
    },
  }
}

/** The sender knows nothing of events: what is wrong with the event is told about its body. */
function asPayloadProblem(error: unknown, mapping: SourceMapping): unknown {
  if (!(error instanceof ApiError) || errorCodes[error.code].status !== 422) return error
  const { errors, detail } = error.details
  const blamed = mapping.blameBody(errors ?? [])
  // Its own words say more than that the body is wrong, unless the body itself names the type.
  const isOfBody = error.code !== 'unknown_event_type' || blamed.some(({ pointer }) => pointer)
  if (errors && isOfBody) return invalidPayload(blamed)
  return new ApiError('invalid_payload', { detail: detail ?? error.message }, { cause: error })
}

async function requireAudience(
  ctx: Context,
  { event: { require_audience: required } }: Source,
  { event, subscribers }: CheckedEvent,
): Promise<void> {
  if (required === false || subscribers.length > 0) return
  if (await hasPeople(ctx.db, event.workspaceId, event.audience)) return
  const pointer = required === true ? '' : required
  throw invalidPayload([{ pointer, detail: 'leads to nobody who could hear about it.' }])
}

/**
 * What makes the request the same as an earlier one: the source's own dedupe key, or what the sender
 * signed to make it unlike others. Null: nothing does, or it is missing, which `readWebhook` refuses.
 */
export function identityOf(
  { source, mapping }: ReadySource,
  request: WebhookRequest,
  replayId: string | null,
): Idempotency | null {
  let own: string | null
  try {
    own = mapping.dedupeKey(request)
  } catch (error) {
    if (error instanceof ApiError) return null
    throw error
  }
  if (own === null && replayId === null) return null
  // No Idempotency-Key has a space in it, so none can be the same as one of these.
  const name = own === null ? `signed ${replayId}` : `dedupe ${own}`
  const fingerprint = fingerprintOf(request.body)
  return {
    key: `source ${source.key} ${name}`,
    fingerprint,
    reused: () => differs(own ?? replayId),
  }
}

function differs(key: string | null): ApiError {
  return new ApiError('dedupe_key_reused', {
    detail: `"${key}" came before with a different body. Nothing was stored.`,
  })
}

/** The same for the same value, in whatever order and with whatever spaces it was written. */
export function fingerprintOf(body: unknown): Buffer {
  return hash('sha256', canonicalJson(body), 'buffer')
}

/** A refusal as the operator is told of it: with the reason that the sender does not learn. */
export function problemOf(error: unknown): { status: number; problem: Problem } {
  const refusal = error instanceof ApiError ? error : new ApiError('internal_error')
  const { status, title } = errorCodes[refusal.code]
  const { detail = title, errors = [] } = refusal.details
  const isSecret = refusal.code === 'not_authentic' && refusal.cause instanceof Error
  const told = isSecret ? (refusal.cause as Error).message : detail
  return { status, problem: { code: refusal.code, detail: told, errors } }
}

export type Problem = { code: string; detail: string; errors: FieldError[] }

function invalidPayload(errors: FieldError[]): ApiError {
  return new ApiError('invalid_payload', { errors })
}
