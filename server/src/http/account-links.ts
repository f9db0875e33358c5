// Links by which people tell Belfry which account of theirs their messages are to go to.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Context } from '../context.ts'
import { durationMs, durationPattern } from '../domain/duration.ts'
import { ApiError } from '../errors.ts'
import { makeTelegramLink } from '../pipeline/account-links.ts'
import { unknownSubscriber } from '../pipeline/preferences.ts'
import { findSubscriber } from '../sql/subscribers.ts'
import type { App } from './app.ts'
import { answerOnce } from './idempotency.ts'
import { Id, Moment } from './ids.ts'

const longestLifeMs = 24 * 3_600_000

const LinkBody = Type.Object(
  {
    expires_in: Type.String({
      pattern: durationPattern,
      default: '1h',
      description: 'a duration from 1m to 24h',
    }),
  },
  { examples: [{ expires_in: '1h' }] },
)
const LinkView = Type.Object({
  url: Type.String({ description: 'For this one person alone. It can be used once.' }),
  expires_at: Moment(),
})
const about =
  'A press of "Start" in the chat with the bot that it opens makes this chat the address of the person. ' +
  'It takes a Telegram provider with `username` and `webhook_secret`.'

export function accountLinkRoutes(app: App, ctx: Context): void {
  const schema = {
    summary: 'Make a link by which a subscriber connects Telegram',
    description: about,
    operationId: 'createTelegramLink',
    tags: ['Audience'],
    params: Type.Object({ id: Id('The id you gave the subscriber.') }),
    body: LinkBody,
    response: { 201: LinkView },
  }
  const config = { scope: 'tokens:write' } as const
  app.post('/subscribers/:id/telegram-link', { schema, config }, (request, reply) =>
    makeLink(ctx, request, reply, request.params.id, request.body.expires_in),
  )

  const mine = {
    summary: 'Make a link by which I connect Telegram',
    description: about,
    operationId: 'createMyTelegramLink',
    tags: ['Me'],
    body: LinkBody,
    response: { 201: LinkView },
  }
  app.post('/me/telegram-link', { schema: mine, config: { scope: 'me' } }, (request, reply) =>
    makeLink(ctx, request, reply, request.subscriberId, request.body.expires_in),
  )
}

function makeLink(
  ctx: Context,
  request: FastifyRequest,
  reply: FastifyReply,
  subscriberId: string,
  expiresIn: string,
) {
  const { workspaceId } = request
  const lifeMs = durationMs(expiresIn)
  if (lifeMs < 60_000 || lifeMs > longestLifeMs)
    throw new ApiError('invalid_request', {
      errors: [{ pointer: '/expires_in', detail: 'must be from 1m to 24h.' }],
    })
  return answerOnce(
    ctx,
    request,
    reply,
    async (tx) => {
      if (!(await findSubscriber(tx, workspaceId, subscriberId)))
        throw unknownSubscriber(subscriberId)
      const expiresAt = new Date(ctx.in(workspaceId).clock.now().getTime() + lifeMs)
      const url = await makeTelegramLink(ctx, tx, { workspaceId, subscriberId }, expiresAt)
      return { status: 201, body: { url, expires_at: expiresAt.toISOString() } }
    },
    { isSecret: true },
  )
}
