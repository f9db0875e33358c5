import assert from 'node:assert/strict'
import { randomUUIDv7 } from 'node:crypto'
import { after, before, test } from 'node:test'
import { createTestContext, type TestContext } from '../test/test-context.ts'
import { insertProvider } from './sql/providers.ts'
import { defaultWorkspaceId } from './system.ts'

let belfry: TestContext

before(async () => {
  belfry = await createTestContext()
})
after(() => belfry.close())

test('a provider whose settings cannot be read sends nothing, and holds up nobody else', async () => {
  const id = randomUUIDv7()
  await insertProvider(belfry.ctx.db, {
    workspaceId: defaultWorkspaceId,
    id,
    channel: 'webhook',
    kind: 'webhook',
    name: 'broken',
    priority: 1,
    settings: {},
    secrets: Buffer.from('sealed with another secret, or changed'),
    isEnabled: true,
  })

  const broken = await belfry.ctx.providers.forAttempt(defaultWorkspaceId, 'webhook', id)
  const outcome = await broken!.provider.send({} as never, AbortSignal.timeout(1_000))
  const other = await belfry.ctx.providers.forAttempt(defaultWorkspaceId, 'email', null)

  assert.equal(broken!.id, id)
  assert.deepEqual([outcome.kind, outcome.code], ['retry', 'provider_unreadable'])
  assert.equal(other!.name, 'sandbox')
})
