// What is kept of results: until every hook has read it, and what hooks were told for seven days.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { takeUpResults } from '../src/pipeline/hooks.ts'
import { prune } from '../src/pipeline/prune.ts'
import { createLook } from './given.ts'
import { end, underWay } from './result-story.ts'
import { createTestContext } from './test-context.ts'

const t = await createTestContext()
const look = createLook(t.connection)
after(async () => {
  await t.close()
  await look.close()
})
const count = (table: string) => look.number(`select count(*) from belfry.${table}`)

test('results stay until every hook has read them, and messages for seven days after they were made', async () => {
  const { body: hook } = await t.ask('POST', '/hooks', { url: 'https://example.com/' })
  await end(look, await underWay(look, 3))

  await look.rows(`update belfry.results set written_at = now() - interval '2 hours'`)
  await prune(t.ctx)
  const unread = await count('results')
  await takeUpResults(t.ctx)
  await prune(t.ctx)
  const read = await count('results')
  const fresh = await count('hook_messages')
  await look.rows(`update belfry.hook_messages set created_at = now() - interval '8 days'`)
  await prune(t.ctx)
  const waiting = await count('hook_messages')
  await look.rows(`update belfry.hook_messages set due_at = null, status = 'failed'
    where id in (select id from belfry.hook_messages limit 1)`)
  await prune(t.ctx)
  const ended = await count('hook_messages')
  await t.ask('PATCH', `/hooks/${hook.id}`, { enabled: false })
  await prune(t.ctx)
  const off = await count('hook_messages')

  assert.deepEqual(
    { unread, read, fresh, waiting, ended, off },
    {
      unread: 3,
      read: 0,
      fresh: 3,
      waiting: 3,
      ended: 2,
      off: 0,
    },
  )
})

test('what nobody follows any more is not written down', async () => {
  await look.rows(`insert into belfry.followings values (1, now() + interval '1 hour')`)
  await end(look, await underWay(look, 2))
  const followed = await count('results')
  await look.rows(`update belfry.followings set until = now() - interval '1 second'`)
  await end(look, await underWay(look, 2))
  await prune(t.ctx)

  assert.equal(await count('results'), followed)
  assert.equal(await count('followings'), 0)
})
