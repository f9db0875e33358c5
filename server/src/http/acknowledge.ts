// Saying over the API that somebody has answered a notification.
import { Type } from 'typebox'
import type { Context } from '../context.ts'
import { ways } from '../domain/asking.ts'
import { ApiError } from '../errors.ts'
import { acknowledge, type Acknowledged } from '../pipeline/acknowledge.ts'
import type { App } from './app.ts'
import { answerAfter } from './idempotency.ts'

const id = Type.String({ format: 'uuid' })
const nullableText = (description: string) =>
  Type.Union([Type.String(), Type.Null()], { description })

export function acknowledgeRoutes(app: App, ctx: Context): void {
  const schema = {
    summary: 'Say that a notification was answered',
    description:
      'By its recipient, or whoever `by` names. After the answer nothing of it begins, except what is in flight, and ' +
      'where one answer is enough for all who were asked, nothing of theirs either, and nobody else is asked. Again, ' +
      'or after another answer: 200 and the first one. 409 with `current_status` when it is too late for an answer.',
    operationId: 'acknowledgeNotification',
    tags: ['Follow'],
    params: Type.Object({ id }),
    body: Type.Object(
      {
        by: Type.Optional(
          Type.String({
            minLength: 1,
            maxLength: 255,
            pattern: '\\S',
            description:
              'Who answered, if not the recipient: the id of a subscriber, or a name. Others are shown it.',
          }),
        ),
      },
      { examples: [{ by: 'ben' }] },
    ),
    response: {
      200: Type.Object({
        status: Type.Literal('success'),
        message: Type.String(),
        notification_id: id,
        is_first: Type.Boolean({ description: 'False: it had been answered before.' }),
        acknowledged_at: Type.String({ format: 'date-time' }),
        answered_notification_id: Type.String({
          format: 'uuid',
          description: 'Of whoever answered first: another one where one answer is enough.',
        }),
        recipient_id: nullableText('Whose notification was answered; null: they are no more.'),
        via: Type.Union([Type.Enum(ways), Type.Null()], { description: 'How the answer came.' }),
        by: nullableText('Who answered, as the API was told; null: the recipient.'),
      }),
    },
  }
  const config = { scope: 'notifications:write' } as const
  app.post('/notifications/:id/acknowledge', { schema, config }, (request, reply) =>
    // The answer is kept after the work: it may stop what many are asked.
    answerAfter(ctx, request, reply, async () => {
      const { workspaceId, params, body } = request
      const { by = null } = body
      const of = { id: params.id }
      const found = await acknowledge(ctx, { workspaceId, of, via: 'api', by })
      return { status: 200, body: show(params.id, found) }
    }),
  )
}

/** @throws ApiError `not_found`, `wrong_status`. */
function show(id: string, found: Acknowledged | null) {
  if (!found) throw new ApiError('not_found', { detail: `There is no notification ${id}.` })
  if (found.kind !== 'answered') throw tooLate(found)
  const { isFirst, answer } = found
  return {
    status: 'success',
    message: isFirst ? 'Notification acknowledged' : 'It had been answered before',
    notification_id: id,
    is_first: isFirst,
    acknowledged_at: answer.at,
    answered_notification_id: answer.notificationId,
    recipient_id: answer.recipient,
    via: answer.via,
    by: answer.by,
  }
}

const whyNot = {
  cancelled: 'it was cancelled',
  superseded: 'a newer one of its thread took its place',
  expired: 'its time is over',
  skipped: 'nobody was asked: it was skipped',
  open: 'somebody else is just changing it',
}

function tooLate(found: Exclude<Acknowledged, { kind: 'answered' }>): ApiError {
  const why = whyNot[found.kind === 'open' ? 'open' : found.why]
  return new ApiError('wrong_status', {
    detail: `The notification cannot be acknowledged: ${why}.`,
    extra: { current_status: found.about.status },
  })
}
