// A transaction that is prepared for a two-phase commit publishes with its commit.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { startEmbedded } from '../src/embedded/embedded.ts'
import { createLook, given, untilQuiet } from './given.ts'
import { createApplication } from './sql-door.ts'
import { createTestContext } from './test-context.ts'

test('what is prepared is told when it is committed, and never when it is rolled back', async () => {
  await using undo = new AsyncDisposableStack()
  const dataDir = await mkdtemp(join(tmpdir(), 'belfry-prepared-'))
  undo.defer(() => rm(dataDir, { recursive: true, force: true }))
  const settings = { fsync: 'off', max_prepared_transactions: '4' }
  const embedded = await startEmbedded({ dataDir, settings })
  undo.defer(() => embedded.stop())
  const shared = process.env.BELFRY_TEST_CLUSTER
  process.env.BELFRY_TEST_CLUSTER = JSON.stringify(embedded.connection) // that of the other tests takes none
  const context = await createTestContext()
  process.env.BELFRY_TEST_CLUSTER = shared ?? ''
  undo.defer(() => context.close())
  const look = createLook(context.connection)
  undo.defer(() => look.close())
  const app = await createApplication(context, [1])
  undo.defer(() => app.close())
  context.work()
  await context.ask('PUT', '/subscribers/ana', {})
  await given.eventType(context, 'order.told', { channels: ['in_app'], audience: ['ana'] })
  const prepare = async (name: string) => {
    await app.client.query('begin')
    const id = await app.value(`select belfry.trigger('order.told')`)
    await app.client.query(`prepare transaction '${name}'`)
    return id
  }

  const kept = await prepare('kept')
  const dropped = await prepare('dropped')
  assert.equal((await context.ask('GET', `/events/${kept}`)).status, 404)
  await app.client.query(`commit prepared 'kept'`)
  await app.client.query(`rollback prepared 'dropped'`)
  await untilQuiet(look)

  assert.equal((await context.ask('GET', `/events/${kept}`)).body.status, 'processed')
  assert.equal((await context.ask('GET', `/events/${dropped}`)).status, 404)
})
