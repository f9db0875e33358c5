// Hooks of many tenants share the places of a process: one whose receivers are slow does not take them all.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { takeUpResults } from '../src/pipeline/hooks.ts'
import { claimHookMessages } from '../src/sql/hook-messages.ts'
import { insertWorkspace } from '../src/sql/workspaces.ts'
import { everywhere } from '../src/domain/reach.ts'
import { until, type Asking } from './given.ts'
import { tellHookStories, toldTo } from './hook-story.ts'
import { end, underWay } from './result-story.ts'
import { createKey } from './test-context.ts'

const story = tellHookStories()

async function createTenant(key: string): Promise<Asking & { id: number }> {
  const { t } = story
  const made = await insertWorkspace(t.ctx.db, { key, name: key, isTest: false })
  const authorization = `Bearer ${await createKey(t.ctx, ['*'], made!.id)}`
  const ask: Asking['ask'] = (method, url, body) => t.ask(method, url, body, { authorization })
  return { id: made!.id, ask }
}

async function makeHooks(tenant: Asking, paths: string[]): Promise<string[]> {
  const ids: string[] = []
  for (const path of paths) {
    const { body } = await tenant.ask('POST', '/hooks', { url: story.receiver.url + path })
    ids.push(body.id)
  }
  return ids
}

test('while the receivers of one tenant answer nothing, another one is told', async () => {
  const { t, look, receiver } = story
  const [slow, quick] = [await createTenant('slow'), await createTenant('quick')]
  const paths = Array.from({ length: 12 }, (_, i) => `/slow-${i}`)
  await makeHooks(slow, paths)
  await makeHooks(quick, ['/quick'])
  const answers: (() => void)[] = []
  receiver.answer = ({ path }, response) => {
    if (path === '/quick') return {}
    answers.push(() => response.end())
    return null
  }
  await end(look, await underWay(look, 40, slow.id))
  await takeUpResults(t.ctx)
  const worker = t.work({ pollMs: 10 })
  const isUnderWay = 'select count(*) from belfry.hook_messages where worker is not null'
  await until('as many are called as may be', async () => (await look.number(isUnderWay)) >= 32)

  await end(look, await underWay(look, 1, quick.id))
  await until('the other one is told', () => toldTo(story, '/quick').length === 1)

  const ended = 'select count(*) from belfry.hook_attempts where workspace_id = $1'
  assert.equal(await look.number(ended, [slow.id]), 0, 'none had ended by then')
  const turns = `select count(distinct hook_id) from belfry.hook_messages
    where workspace_id = $1 and worker is not null`
  assert.equal(await look.number(turns, [slow.id]), paths.length, 'each of its hooks had a turn')
  for (const { id } of (await slow.ask('GET', '/hooks')).body.hooks)
    await slow.ask('DELETE', `/hooks/${id}`)
  for (const answer of answers) answer()
  await worker.stop()
})

test('places go to who has the least under way: among tenants, and among the hooks of one', async () => {
  const { t, look } = story
  const [many, few] = [await createTenant('many'), await createTenant('few')]
  const [first, second] = await makeHooks(many, ['/first', '/second'])
  const [third] = await makeHooks(few, ['/third'])
  const store = (workspaceId: number, hookId: string, count: number, minutesAgo: number) =>
    look.rows(
      `insert into belfry.hook_messages (workspace_id, id, hook_id, type, body, status, due_at, created_at, waiting_since)
       select $1, gen_random_uuid(), $2, 'x', '{}', 'waiting', t, t, t
       from generate_series(1, $3), (select now() - make_interval(mins => $4) as t) t`,
      [workspaceId, hookId, count, minutesAgo],
    )
  await store(many.id, first!, 30, 9)
  await store(many.id, second!, 30, 8)
  await store(few.id, third!, 30, 7)
  const now = t.clock.now()
  const claim = async (limit: number) => {
    const begun = await claimHookMessages(t.ctx.db, {
      limit,
      mostOfOne: 8,
      mostOfWorkspace: 12,
      worker: 'w',
      now,
      reach: everywhere,
      leaseUntil: new Date(now.getTime() + 60_000),
    })
    return [first, second, third].map((id) => begun.filter(({ hookId }) => hookId === id).length)
  }

  assert.deepEqual(await claim(8), [2, 2, 4])
  assert.deepEqual(
    await claim(100),
    [4, 4, 4],
    'and no more of a hook or a tenant than it may have',
  )
  assert.deepEqual(await claim(100), [0, 0, 0])
})
