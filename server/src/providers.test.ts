import assert from 'node:assert/strict'
import { randomUUIDv7 } from 'node:crypto'
import { after, before, test } from 'node:test'
import { until } from '../test/given.ts'
import { createTestContext, type TestContext } from '../test/test-context.ts'
import type { CarriedChannel } from './domain/channel.ts'
import { insertProvider } from './sql/providers.ts'
import { defaultWorkspaceId } from './system.ts'

let belfry: TestContext

before(async () => {
  belfry = await createTestContext()
})
after(() => belfry.close())

const row = {
  workspaceId: defaultWorkspaceId,
  channel: 'webhook',
  kind: 'webhook',
  priority: 1,
  weight: 1,
  perSecond: null,
  mayDouble: false,
  settings: {},
  secrets: null,
  isEnabled: true,
} as const

test('a provider whose settings cannot be read sends nothing, and holds up nobody else', async () => {
  const id = randomUUIDv7()
  const secrets = Buffer.from('sealed with another secret, or changed')
  await insertProvider(belfry.ctx.db, { ...row, id, name: 'broken', secrets })

  const { providers } = belfry.ctx
  const of = async (channel: CarriedChannel, providerId: string | null) => {
    const begun = { workspaceId: defaultWorkspaceId, channel, providerId }
    const found = await providers.forAttempt(begun, false)
    assert.ok(found.kind === 'provider')
    return found.provider
  }
  const broken = await of('webhook', id)
  const outcome = await broken.provider.send({} as never, AbortSignal.timeout(1_000))
  const other = await of('email', null)

  assert.equal(broken.id, id)
  assert.deepEqual([outcome.kind, outcome.code], ['retry', 'provider_unreadable'])
  assert.equal(other.name, 'sandbox')
})

test('a change of which no ring was heard is seen within half a minute', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const { providers } = await belfry.another()
  const carried = { workspaceId: defaultWorkspaceId, channel: 'webhook' } as const
  const name = () => providers.carrying(carried)[0]?.name
  const unheard = { ...row, id: randomUUIDv7(), name: 'unheard', priority: 0 }
  await insertProvider(belfry.ctx.db, unheard)
  t.mock.timers.tick(29_000)
  const before = name()

  t.mock.timers.tick(1_000)
  await until('it is used', () => name() === 'unheard')

  assert.notEqual(before, 'unheard')
})
