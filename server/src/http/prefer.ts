// `Prefer: wait=N` (RFC 7240): the answer comes when the work is done, or after N seconds with what is
// known by then.
import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify'
import type { Context } from '../context.ts'
import { ApiError } from '../errors.ts'
import type { Awaited } from '../sql/waits.ts'
import type { Answer } from './idempotency.ts'

const longestWaitSeconds = 30

/**
 * The seconds the caller prefers to wait; 0 when it does not say. Other preferences are ignored.
 *
 * @throws ApiError `invalid_request` for a wait that cannot be.
 */
export function waitSecondsOf(request: FastifyRequest): number {
  const prefer = request.headers['prefer']
  if (prefer === undefined) return 0
  const preferences = String(prefer)
    .split(',')
    .map((text) => text.split(';')[0]!.trim())
  const wait = preferences.find((text) => /^wait\s*(=|$)/i.test(text))
  if (wait === undefined) return 0
  const value = /=\s*"?(\d{1,9})"?$/.exec(wait)?.[1]
  const seconds = Number(value)
  if (value === undefined || seconds < 1 || seconds > longestWaitSeconds)
    throw new ApiError('invalid_request', {
      detail: `Prefer: wait takes a whole number of seconds from 1 to ${longestWaitSeconds}, such as wait=10; it is "${wait.slice(0, 100)}".`,
    })
  return seconds
}

/**
 * A `preHandler` of routes that can wait: refuses what cannot be before anything is done, and says beforehand
 * that somebody will wait.
 */
export function mayWait({ waits }: Context) {
  return (request: FastifyRequest, _reply: FastifyReply, done: HookHandlerDoneFunction): void => {
    if (request.headers['prefer'] === undefined) return done()
    let problem: Error | undefined
    try {
      if (waitSecondsOf(request) > 0) waits.announce()
    } catch (refusal) {
      problem = refusal as Error // thrown just above
    }
    done(problem)
  }
}

/** For the descriptions of such routes. */
export const waitWords =
  'With `Prefer: wait=N` (1 to 30 seconds) it answers when the work is done (200), or after N seconds with what is ' +
  'known by then (202).'

export type Work = {
  awaited: Awaited[]
  /** More to say than the answer itself does, once it is done or the time is over. */
  tell: (isDone: boolean) => Promise<object>
}

/** Answers at once, or, if the caller prefers to wait, 200 when the work is done and else 202. */
export async function answerWhenDone(
  ctx: Context,
  request: FastifyRequest,
  reply: FastifyReply,
  answer: Answer,
  workOf: () => Work | Promise<Work>,
): Promise<FastifyReply> {
  const seconds = waitSecondsOf(request)
  if (seconds === 0) return reply.code(answer.status).send(answer.body)
  const { awaited, tell } = await workOf()
  const gone = new AbortController()
  const leave = () => gone.abort()
  reply.raw.once('close', leave)
  const isDone = await ctx.waits.until(awaited, {
    longestMs: seconds * 1_000,
    gone: gone.signal,
  })
  reply.raw.removeListener('close', leave)
  const told = await tell(isDone)
  return reply
    .code(isDone ? 200 : 202)
    .header('preference-applied', `wait=${seconds}`)
    .send({ ...(answer.body as object), ...told })
}
