// A stream that ends while something is on its way to it: nothing is written to what has ended. To a response that
// would be an error nobody listens to.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Outlet } from '../src/live/connections.ts'
import { Streams } from '../src/live/streams.ts'
import type { Db } from '../src/sql/db.ts'
import { workspaceId } from './rows.ts'
import { given, until } from './given.ts'
import { createTestContext } from './test-context.ts'

const t = await createTestContext()
after(() => t.close())

function recordingOutlet() {
  const calls: string[] = []
  const outlet: Outlet = {
    kind: 'sse',
    waitingBytes: 0,
    send: ({ event }) => calls.push(event),
    beat: () => calls.push('beat'),
    end: (ending) => calls.push(ending),
    cut: () => calls.push('cut'),
  }
  return { calls, outlet }
}

test('a stream whose token is over gets nothing more, also of what was being looked up', async (story) => {
  await given.subscriber(t, 'ana')
  const held = Promise.withResolvers<void>()
  let isHeld = false
  const { ctx } = t
  const db: Db = {
    async query<Row>(statement: Parameters<Db['query']>[0]) {
      const rows = await ctx.db.query<Row>(statement)
      isHeld ||= rows.some((row) => Object.hasOwn(row as object, 'content')) // the item itself
      if (isHeld) await held.promise
      return rows
    },
  }
  const streams = new Streams({ ...ctx, db, onError: assert.ifError })
  story.after(() => streams.close())
  const { calls, outlet } = recordingOutlet()
  const takenUntilMs = t.clock.now().getTime() + 60_000
  streams.join({ workspaceId, subscriberId: 'ana' }, { outlet, takenUntilMs, position: null })
  await until('it has joined', () => calls.includes('beat') && calls.includes('counts'))

  const message = { to: ['ana'], channels: ['in_app'], message: 'Hello' }
  assert.equal((await t.ask('POST', '/notifications', message)).status, 202)
  await until('it is looked up', () => isHeld)
  t.clock.advance({ minutes: 2 })
  await until('its token is over', () => calls.includes('token_expired'))
  const { outlet: other, calls: otherCalls } = recordingOutlet()
  const longer = t.clock.now().getTime() + 60_000
  streams.join(
    { workspaceId, subscriberId: 'ana' },
    { outlet: other, takenUntilMs: longer, position: null },
  )
  held.resolve()
  await until('the look is over, and the next one, too', () => otherCalls.includes('counts'))

  assert.equal(calls.at(-1), 'token_expired')
})
