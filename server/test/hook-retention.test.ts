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

test('what has waited five days for a hook is given up, and says so; what was told again waits from then on', async () => {
  const { body: hook } = await t.ask('POST', '/hooks', { url: 'https://example.com/' })
  await end(look, await underWay(look, 3))
  await takeUpResults(t.ctx)
  const older = (id: string) =>
    look.rows(
      `update belfry.hook_messages set waiting_since = waiting_since - interval '6 days',
         created_at = created_at - interval '6 days' where id = $1`,
      [id],
    )
  const [late, again, young] = await look.rows(
    'select id from belfry.hook_messages where hook_id = $1 order by id',
    [hook.id],
  )
  await look.rows(
    `update belfry.hook_messages set due_at = null, status = 'failed' where id = $1`,
    [again.id],
  )
  for (const { id } of [late, again]) await older(id)
  await t.ask('POST', `/hooks/${hook.id}/replay`, { message_id: again.id })

  await prune(t.ctx)

  const { body } = await t.ask('GET', `/hooks/${hook.id}/attempts`)
  const [attempt] = body.attempts
  assert.equal(body.count, 1)
  assert.deepEqual(
    [attempt.message_id, attempt.code, attempt.message_status, attempt.next_attempt_at],
    [late.id, 'given_up', 'failed', null],
  )
  const waiting = await look.rows(
    'select id from belfry.hook_messages where hook_id = $1 and due_at is not null order by id',
    [hook.id],
  )
  assert.deepEqual(waiting, [again, young])
  assert.ok(t.logged.some(({ hookId, msg }) => hookId === hook.id && /given up/.test(String(msg))))
  const metrics = await t.ask('GET', '/metrics')
  assert.match(String(metrics.body), /belfry_hook_messages_given_up_total 1/)
  const replayed = await t.ask('POST', `/hooks/${hook.id}/replay`, { message_id: late.id })
  assert.equal(replayed.body.replayed, 1)
  await t.ask('DELETE', `/hooks/${hook.id}`)
})

test('what still waits does not keep what has ended from going', async () => {
  const { body: hook } = await t.ask('POST', '/hooks', { url: 'https://example.com/' })
  await end(look, await underWay(look, 1_001))
  await takeUpResults(t.ctx)
  await takeUpResults(t.ctx)
  await takeUpResults(t.ctx)
  await look.rows(`update belfry.hook_messages set created_at = now() - interval '8 days'`)
  await look.rows(
    `update belfry.hook_messages set due_at = null, status = 'delivered'
     where id = (select max(id::text)::uuid from belfry.hook_messages)`,
  )

  await prune(t.ctx)

  assert.equal(await count('hook_messages'), 1_000)
  await t.ask('DELETE', `/hooks/${hook.id}`)
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
