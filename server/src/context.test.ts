import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createLook, until, type Look } from '../test/given.ts'
import { createTestContext, testSecret, type TestContext } from '../test/test-context.ts'
import { createContext } from './context.ts'

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

const connectionCount = () =>
  look.number(`select count(*) from pg_stat_activity
    where datname = current_database() and query like 'listen %'`)

test('a process that cannot start leaves no connection that would keep it', async () => {
  const { log } = belfry.ctx
  const config = { ...belfry.ctx.config, allowPrivateAddresses: ['10.0.0.0/999'] }
  const before = await connectionCount()

  const starting = createContext({ config, log, connection: belfry.connection, secret: testSecret })

  await assert.rejects(starting)
  await until('its connections have gone', async () => (await connectionCount()) === before)
})
