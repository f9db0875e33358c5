import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createLook } from '../../test/given.ts'
import { createTestContext } from '../../test/test-context.ts'
import { collectStatistics } from './statistics.ts'

const t = await createTestContext()
const look = createLook(t.connection)
after(async () => {
  await look.close()
  await t.close()
})

test('statistics are collected of every table there is', async () => {
  await collectStatistics(t.ctx.db)

  const missing = await look.rows(`
    select relname from pg_stat_user_tables
    where schemaname = 'belfry' and last_analyze is null and relname <> 'migrations'`)
  assert.deepEqual(missing, [])
})
