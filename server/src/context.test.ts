import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createLook, until, type Look } from '../test/given.ts'
import { createTestContext, type TestContext } from '../test/test-context.ts'
import { createContext } from './context.ts'
import { SecretUnreadable } from './secrets.ts'

let belfry: TestContext
let look: Look

before(async () => {
  belfry = await createTestContext()
  look = createLook(belfry.connection)
  const settings = { secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' }
  const provider = { channel: 'webhook', kind: 'webhook', name: 'receiver', settings }
  await belfry.ask('POST', '/providers', provider)
})

after(async () => {
  await look.close()
  await belfry.close()
})

const connectionCount = () =>
  look.number(`select count(*) from pg_stat_activity
    where datname = current_database() and query like 'listen %'`)

test('a process with the wrong secret does not start, and leaves no connection that would keep it', async () => {
  const { config, log } = belfry.ctx
  const before = await connectionCount()
  const secret = 'another secret of more than thirty-two characters'

  const starting = createContext({ config, log, connection: belfry.connection, secret })

  await assert.rejects(starting, SecretUnreadable)
  await until('its connections have gone', async () => (await connectionCount()) === before)
})
