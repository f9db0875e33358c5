import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createLook, given, type Look } from '../../test/given.ts'
import { createTestContext, type TestContext } from '../../test/test-context.ts'
import { defaultWorkspaceId } from '../system.ts'
import { finish, notify } from './notify.ts'

let belfry: TestContext
let look: Look

before(async () => {
  belfry = await createTestContext()
  look = createLook(belfry.connection)
  await given.subscriber(belfry, 'ana', { email: 'ana@example.com' })
})

after(async () => {
  await look.close()
  await belfry.close()
})

test('a delivery that begins while its worker stops is given back at once', async () => {
  const worker = belfry.work()
  const accepting = { workspaceId: defaultWorkspaceId, traceparent: null }
  const message = { to: ['ana'], channels: ['email' as const], body: 'Hello' }
  const notified = await belfry.ctx.db.transaction((tx) =>
    notify(belfry.ctx, tx, accepting, message, false),
  )
  assert.equal(notified.begun.length, 1)

  await worker.stop()
  await finish(belfry.ctx, notified, true)

  const [left] = await look.rows('select worker, attempt, due_at from belfry.queue')
  assert.deepEqual([left.worker, left.attempt], [null, 0])
  assert.ok(left.due_at <= belfry.clock.now())
})
