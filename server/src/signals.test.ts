import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createDatabaseProxy } from '../test/database-proxy.ts'
import { armFaults } from '../test/faults.ts'
import { createLook, until, type Look } from '../test/given.ts'
import { createTestContext, type TestContext } from '../test/test-context.ts'
import { createSignals } from './signals.ts'
import { openDatabase } from './sql/db.ts'
import { notify } from './sql/signals.ts'

let belfry: TestContext
let look: Look

before(async () => {
  belfry = await createTestContext()
  look = createLook(belfry.connection)
})

after(async () => {
  await look.close()
  await belfry.close()
})

const listenerCount = () =>
  look.number(`select count(*) from pg_stat_activity
    where datname = current_database() and query like 'listen %'`)

test('a listener whose connection breaks, and breaks again, comes back once, and goes for good', async () => {
  const others = await listenerCount()
  const problems: unknown[] = []
  const signals = await createSignals(belfry.ctx.db, (error) => problems.push(error))
  const isBack = new Promise<void>((resolve) => signals.on('belfry_config', resolve))
  const faults = armFaults([{ statement: 'listen belfry', nth: 1, when: 'before', what: 'cut' }])

  await look.number(`select count(pg_terminate_backend(pid)) from pg_stat_activity where pid = (
    select pid from pg_stat_activity
    where datname = current_database() and query like 'listen %'
    order by backend_start desc limit 1)`)
  await isBack
  faults.disarm()

  assert.equal(faults.fired, 1)
  assert.equal(problems.length, 1)
  assert.equal(await listenerCount(), others + 1)
  await signals.close()
  await until('the listener has gone', async () => (await listenerCount()) === others)
})

test('a ring that could not be sent is sent as soon as it can be', async () => {
  const problems: unknown[] = []
  const sender = await createSignals(belfry.ctx.db, (error) => problems.push(error))
  const receiver = await createSignals(belfry.ctx.db, assert.ifError)
  const rung = new Promise<void>((resolve) => receiver.on('belfry_config', resolve))
  const faults = armFaults([{ statement: 'pg_notify', nth: 1, when: 'before', what: 'fail' }])

  sender.ringOthers('belfry_config')
  await rung
  faults.disarm()

  assert.equal(faults.fired, 1)
  assert.equal(problems.length, 1)
  await Promise.all([sender.close(), receiver.close()])
})

test('a connection that is gone without a word is noticed, and replaced', async () => {
  const proxy = await createDatabaseProxy(belfry.connection)
  const db = openDatabase({ connection: proxy.connection, poolSize: 1 })
  const signals = await createSignals(db, assert.ifError, { aliveMs: 50 })
  const isBack = new Promise<void>((resolve) => signals.on('belfry_config', resolve))

  proxy.freeze()
  await isBack
  let heard = 0
  signals.on('belfry_config', () => heard++)
  await notify(belfry.ctx.db, 'belfry_config')
  await until('it hears again', () => heard > 0)

  await signals.close()
  await db.close()
  await proxy.close()
})
