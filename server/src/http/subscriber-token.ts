// Tokens with which a subscriber's browser or app reaches what is below /me.
import { Type } from 'typebox'
import type { Context } from '../context.ts'
import { durationMs, durationPattern } from '../domain/duration.ts'
import { ApiError } from '../errors.ts'
import { unknownSubscriber } from '../pipeline/preferences.ts'
import { findSubscriber } from '../sql/subscribers.ts'
import type { App } from './app.ts'
import { answerOnce } from './idempotency.ts'
import { Id, Moment } from './ids.ts'
import { versionOf } from './versions/speak.ts'

const longestLifeMs = 15 * 60_000

const TokenBody = Type.Object(
  {
    expires_in: Type.String({
      pattern: durationPattern,
      default: '15m',
      description: 'a duration of at most 15m',
    }),
  },
  { examples: [{ expires_in: '15m' }] },
)

const TokenView = Type.Object({
  token: Type.String({ description: 'For the browser or app of this one person.' }),
  expires_at: Moment(),
})

export function subscriberTokenRoutes(app: App, ctx: Context): void {
  const schema = {
    summary: 'Make a token for a subscriber',
    description:
      'A JWT that reaches only what is below `/me`, as this subscriber. Give it to the browser or app ' +
      'of the person, and a new one before it is over. It speaks the version of the API of this request.',
    operationId: 'createSubscriberToken',
    tags: ['Audience'],
    params: Type.Object({ id: Id('The id you gave the subscriber.') }),
    body: TokenBody,
    response: { 201: TokenView },
  }
  const config = { scope: 'tokens:write' } as const
  app.post('/subscribers/:id/token', { schema, config }, (request, reply) => {
    const { workspaceId, params, body } = request
    const lifeMs = durationMs(body.expires_in)
    if (lifeMs < 1_000 || lifeMs > longestLifeMs)
      throw new ApiError('invalid_request', {
        errors: [{ pointer: '/expires_in', detail: 'must be from 1s to 15m.' }],
      })
    return answerOnce(
      ctx,
      request,
      reply,
      async (tx) => {
        if (!(await findSubscriber(tx, workspaceId, params.id))) throw unknownSubscriber(params.id)
        const now = ctx.clock.now()
        const owner = { workspaceId, subscriberId: params.id, apiVersion: versionOf(request) }
        const token = await ctx.subscriberTokens.mint(owner, now, lifeMs)
        const expires_at = new Date(now.getTime() + lifeMs).toISOString()
        return { status: 201, body: { token, expires_at } }
      },
      { isSecret: true },
    )
  })
}
