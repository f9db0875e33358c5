// What is done with a hook: another secret, telling again, trying it out; and the log of its attempts.
import { randomUUIDv7 } from 'node:crypto'
import { Type } from 'typebox'
import type { Context } from '../context.ts'
import { durationMs, durationPattern } from '../domain/duration.ts'
import { previousSecrets, type PreviousSecret } from '../domain/hook.ts'
import { ApiError } from '../errors.ts'
import { callOnce, replayMany } from '../pipeline/hooks.ts'
import { newHookSecret, openHookSecrets, sealHookSecrets } from '../pipeline/hook-secrets.ts'
import { findHookMessage, listHookAttempts, type HookAttemptRow } from '../sql/hook-messages.ts'
import { findHook, findHookForUpdate, updateHook } from '../sql/hooks.ts'
import type { App } from './app.ts'
import { NewHookView, showHook } from './hook-body.ts'
import { unknownHook } from './hooks.ts'
import { answerAfter, answerOnce } from './idempotency.ts'
import { Moment, Uuid } from './ids.ts'
import { createLimit } from './limit.ts'
import { PageBody, pageQuery, readPage, showPage } from './paging.ts'
import { refuseMisfits } from './validation.ts'

const params = Type.Object({ id: Uuid('The hook.') })
const tags = ['Hooks']
const write = { scope: 'config:write' } as const
const mostPrevious = 4
const longestOverlapMs = 7 * 24 * 3_600_000
// Each is a connection to a place of the caller's choice: enough to configure, too few to scan.
const testsPerMinute = 10

export function hookActRoutes(app: App, ctx: Context): void {
  rotateHook(app, ctx)
  replayHook(app, ctx)
  testHook(app, ctx)
  getAttempts(app, ctx)
}

const RotateBody = Type.Union(
  [
    Type.Object({
      overlap: Type.Optional(
        Type.String({
          pattern: durationPattern,
          description: 'a duration such as 24h, at most 7d: so long the old secret signs, too',
        }),
      ),
    }),
    Type.Null(),
  ],
  { description: 'an object with the field "overlap", or nothing', examples: [{ overlap: '24h' }] },
)

function rotateHook(app: App, ctx: Context): void {
  const schema = {
    summary: 'Give a hook another secret',
    description:
      'The new one is in the answer and nowhere else. For the time of the overlap (24 hours, if nothing is said) ' +
      'calls carry two signatures, so that the receiver can change over at any moment. Rotated again meanwhile, they ' +
      `carry one more: each secret signs until its own time, ${mostPrevious} old ones at most.`,
    operationId: 'rotateHook',
    tags,
    params,
    body: RotateBody,
    response: { 200: NewHookView },
  }
  app.post('/hooks/:id/rotate', { schema, config: write }, (request, reply) => {
    const { workspaceId, params } = request
    const overlapMs = durationMs(request.body?.overlap ?? '24h')
    if (overlapMs > longestOverlapMs)
      refuseMisfits([{ pointer: '/overlap', detail: 'must be at most 7d.' }])
    const work = async (tx: Parameters<typeof updateHook>[0]) => {
      const hook = await findHookForUpdate(tx, workspaceId, params.id)
      if (!hook) throw unknownHook()
      const now = ctx.in(workspaceId).clock.now()
      const old = openHookSecrets(ctx, hook)
      const earlier = old ? previousSecrets(old, now) : []
      if (earlier.length >= mostPrevious) throw tooManySecrets(earlier, now)
      const until = new Date(now.getTime() + overlapMs).toISOString()
      const secret = newHookSecret()
      const previous = old ? [{ secret: old.secret, until }, ...earlier] : []
      const secrets = { secret, previous }
      const sealed = sealHookSecrets(ctx.secrets, hook, secrets)
      const changed = await updateHook(tx, { ...hook, secrets: sealed, now })
      return { status: 200, body: { ...showHook(changed, secrets), secret } }
    }
    return answerOnce(ctx, request, reply, work, { isSecret: true })
  })
}

function tooManySecrets(previous: PreviousSecret[], now: Date): ApiError {
  const firstOver = Math.min(...previous.map(({ until }) => Date.parse(until)))
  return new ApiError('wrong_status', {
    detail: `${mostPrevious} old secrets of this hook sign already. The first of them ends at ${new Date(firstOver).toISOString()}.`,
    retryAfterSeconds: Math.ceil((firstOver - now.getTime()) / 1_000),
  })
}

const ReplayBody = Type.Object(
  {
    message_id: Type.Optional(Uuid('One message, as `webhook-id` names it.')),
    since: Type.Optional(Moment('Messages made then or later.')),
    until: Type.Optional(Moment('Messages made before.')),
    status: Type.Optional(
      Type.Enum(['failed', 'delivered'], { description: 'Only those that ended so.' }),
    ),
  },
  { examples: [{ since: '2026-11-20T08:00:00Z', status: 'failed' }] },
)

function replayHook(app: App, ctx: Context): void {
  const schema = {
    summary: 'Tell a hook again',
    description:
      'One message, or all of a range that have ended: the same ids and bodies, with another round of attempts. ' +
      'Messages are kept for 7 days. What still waits goes on as it was, and is not counted.',
    operationId: 'replayHook',
    tags,
    params,
    body: ReplayBody,
    response: {
      200: Type.Object({
        status: Type.Literal('success'),
        message: Type.String(),
        replayed: Type.Integer({ description: 'Messages.' }),
      }),
    },
  }
  app.post('/hooks/:id/replay', { schema, config: write }, (request, reply) => {
    const { message_id: messageId = null, since, until, status = null } = request.body
    if (messageId === null && since === undefined)
      refuseMisfits([{ pointer: '', detail: 'needs `message_id` or `since`.' }])
    const [from, to] = [since, until].map((at) => (at === undefined ? null : new Date(at)))
    if (from && to && from >= to)
      refuseMisfits([{ pointer: '/until', detail: 'must be later than `since`.' }])
    return answerAfter(ctx, request, reply, async () => {
      const { workspaceId, params } = request
      const hook = await findHook(ctx.db, workspaceId, params.id)
      if (!hook) throw unknownHook()
      const one = { workspaceId, hookId: hook.id, id: messageId ?? '' }
      if (messageId !== null && !(await findHookMessage(ctx.db, one)))
        throw new ApiError('not_found', { detail: 'This hook has no such message any more.' })
      const range = { messageId, since: from ?? null, until: to ?? null, status }
      const replayed = await replayMany(ctx, { workspaceId, hookId: hook.id, ...range })
      const message = hook.isEnabled
        ? `${replayed} messages are told again`
        : `${replayed} messages are told again once the hook is enabled`
      return { status: 200, body: { status: 'success', message, replayed } }
    })
  })
}

const TestView = Type.Object({
  is_ok: Type.Boolean(),
  code: Type.Union([Type.String(), Type.Null()]),
  detail: Type.Union([Type.String(), Type.Null()]),
  duration_ms: Type.Integer(),
})

function testHook(app: App, ctx: Context): void {
  const schema = {
    summary: 'Try a hook out',
    description:
      'Calls it once, now, with a message of the type `hook.test`, and says what it answered. Also one that is not ' +
      `enabled. Not repeated, and not in the log. ${testsPerMinute} a minute.`,
    operationId: 'testHook',
    tags,
    params,
    response: { 200: TestView },
  }
  const limit = createLimit(testsPerMinute)
  app.post('/hooks/:id/test', { schema, config: write }, (request, reply) =>
    answerAfter(ctx, request, reply, async () => {
      const { workspaceId, params } = request
      const hook = await findHook(ctx.db, workspaceId, params.id)
      if (!hook) throw unknownHook()
      limit(workspaceId)
      const { isDelivered, code, detail, durationMs } = await callOnce(ctx, hook, randomUUIDv7())
      const body = { is_ok: isDelivered, code, detail, duration_ms: durationMs }
      return { status: 200, body }
    }),
  )
}

const AttemptView = Type.Object({
  id: Uuid('The attempt.'),
  message_id: Uuid('The message: `webhook-id`.'),
  type: Type.String(),
  number: Type.Integer(),
  outcome: Type.Enum(['delivered', 'failed']),
  code: Type.Union([Type.String(), Type.Null()]),
  detail: Type.Union([Type.String(), Type.Null()]),
  started_at: Moment(),
  duration_ms: Type.Integer(),
  message_status: Type.Enum(['waiting', 'delivered', 'failed']),
  next_attempt_at: Type.Union([Moment(), Type.Null()], {
    description: 'Of the last attempt of a message that waits.',
  }),
})

function getAttempts(app: App, ctx: Context): void {
  const schema = {
    summary: 'List the attempts of a hook, newest first',
    description: 'Of the last 7 days.',
    operationId: 'listHookAttempts',
    tags,
    params,
    querystring: Type.Object({ ...pageQuery, message_id: Type.Optional(Uuid('Of one message.')) }),
    response: { 200: PageBody('attempts', AttemptView) },
  }
  const config = { scope: 'config:read' } as const
  app.get('/hooks/:id/attempts', { schema, config }, async (request) => {
    const { workspaceId, params, query } = request
    if (!(await findHook(ctx.db, workspaceId, params.id))) throw unknownHook()
    const of = { workspaceId, hookId: params.id, messageId: query.message_id ?? null }
    const rows = await listHookAttempts(ctx.db, { ...of, ...readPage(ctx, request) })
    const position = ({ id }: HookAttemptRow) => id
    return showPage(ctx, request, { name: 'attempts', rows, position, show: showAttempt })
  })
}

function showAttempt(row: HookAttemptRow) {
  return {
    id: row.id,
    message_id: row.messageId,
    type: row.type,
    number: row.number,
    outcome: row.outcome,
    code: row.code,
    detail: row.detail,
    started_at: row.startedAt,
    duration_ms: row.durationMs,
    message_status: row.status,
    next_attempt_at: row.nextAttemptAt,
  }
}
