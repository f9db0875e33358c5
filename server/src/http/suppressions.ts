// Addresses that get nothing more: letting one be used again.
import { Type } from 'typebox'
import type { Context } from '../context.ts'
import { carriedChannels } from '../domain/channel.ts'
import { parsePhone } from '../domain/phone.ts'
import { suppressionReasons } from '../domain/suppression.ts'
import { ApiError } from '../errors.ts'
import { deleteSuppressions } from '../sql/suppressions.ts'
import type { App } from './app.ts'
import { answerOnce } from './idempotency.ts'

const ClearBody = Type.Object(
  {
    channel: Type.Enum(carriedChannels),
    address: Type.String({
      minLength: 1,
      maxLength: 2_048,
      description: 'As the subscriber shows it.',
    }),
  },
  { examples: [{ channel: 'email', address: 'ana@example.com' }] },
)

export function suppressionRoutes(app: App, ctx: Context): void {
  const schema = {
    summary: 'Let an address be used again',
    description:
      'Addresses that are dead, that bounced, or whose owner complained or said STOP get nothing more. From ' +
      'the answer on this one is tried as any other. The vendor may still refuse it: many keep a list of their own.',
    operationId: 'clearSuppression',
    tags: ['Audience'],
    body: ClearBody,
    response: {
      200: Type.Object({ status: Type.Literal('success'), message: Type.String() }),
    },
  }
  const config = { scope: 'subscribers:write' } as const
  app.post('/suppressions/clear', { schema, config }, (request, reply) =>
    answerOnce(ctx, request, reply, async (tx) => {
      const { workspaceId, body } = request
      const { channel } = body
      const address = channel === 'sms' ? canonicalPhone(body.address) : body.address
      const cleared = { addresses: [{ channel, address }], reasons: suppressionReasons }
      if ((await deleteSuppressions(tx, workspaceId, cleared)) === 0)
        throw new ApiError('not_found', {
          detail: `Nothing speaks against this address on ${channel}.`,
        })
      return { status: 200, body: { status: 'success', message: 'The address may be used again' } }
    }),
  )
}

function canonicalPhone(text: string): string {
  return parsePhone(text)?.number ?? text
}
