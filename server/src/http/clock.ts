// The clock of a test workspace, for tests of what waits for hours and days.
import { Type } from 'typebox'
import type { Context } from '../context.ts'
import { durationPattern } from '../domain/duration.ts'
import { advanceClock, moveOf } from '../pipeline/advance.ts'
import { findClock } from '../sql/clocks.ts'
import type { App } from './app.ts'
import { answerAfter } from './idempotency.ts'
import { Moment } from './ids.ts'

const ClockView = Type.Object({
  now: Moment('When it is in this workspace.'),
  is_test: Type.Boolean({ description: 'Whether it can be moved.' }),
  is_still: Type.Boolean({ description: 'It was moved: since then it stands where it was put.' }),
})

const MoveBody = Type.Object(
  {
    by: Type.Optional(
      Type.String({ pattern: durationPattern, description: 'A duration: 90s, 10m, 24h, 10d.' }),
    ),
    to: Type.Optional(Moment('A moment that is not past.')),
  },
  { examples: [{ by: '10d' }, { to: '2027-01-04T09:00:00Z' }] },
)

const count = (description: string) => Type.Integer({ minimum: 0, description })
const MovedView = Type.Object({
  status: Type.Enum(['success', 'unfinished'], {
    description: '`unfinished`: 20 seconds were not enough. The same request again goes on.',
  }),
  now: Moment('When it is in this workspace.'),
  target: Moment('Where the move ends.'),
  moments: count('Moments on the way at which something was due.'),
  events: count('Events whose people were found.'),
  steps: count('Steps of plans, digests and in-app messages that were due.'),
  attempts: count('Attempts at deliveries.'),
})

const tags = ['Watch']

export function clockRoutes(app: App, ctx: Context): void {
  const get = {
    summary: 'Show what time it is in the workspace',
    operationId: 'getClock',
    tags,
    response: { 200: ClockView },
  }
  app.get('/clock', { schema: get, config: { scope: 'operate:read' } }, async (request) => {
    const { isTest, clockAt } = await findClock(ctx.db, request.workspaceId)
    const now = clockAt ?? ctx.clock.now()
    return { now: now.toISOString(), is_test: isTest, is_still: clockAt !== null }
  })

  const post = {
    summary: 'Move the clock of a test workspace',
    description:
      'Everything that waits in the workspace and is due by then happens, each at its own moment and in order, ' +
      'and the answer comes when it is done. From the first move on the clock stands between moves. Only for ' +
      'workspaces made with `belfry workspaces create … --test`.',
    operationId: 'advanceClock',
    tags,
    body: MoveBody,
    response: { 200: MovedView },
  }
  const config = { scope: 'operate:write' } as const
  app.post('/clock/advance', { schema: post, config }, (request, reply) => {
    const { workspaceId, body } = request
    const move = moveOf(body)
    return answerAfter(ctx, request, reply, async () => {
      const moved = await advanceClock(ctx, workspaceId, move)
      const isOver = moved.now.getTime() === moved.target.getTime()
      return {
        status: 200,
        body: {
          status: isOver ? 'success' : 'unfinished',
          ...moved,
          now: moved.now.toISOString(),
          target: moved.target.toISOString(),
        },
      }
    })
  })
}
