// Hooks that are behind all get their turn: in the order in which they have read, and whatever happens to one of them.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { takeUpResults, type RestingHooks } from '../src/pipeline/hooks.ts'
import { everywhere } from '../src/domain/reach.ts'
import { listHooksBehind } from '../src/sql/hooks.ts'
import { armFaults } from './faults.ts'
import { createLook } from './given.ts'
import { end, underWay } from './result-story.ts'
import { createTestContext } from './test-context.ts'

const t = await createTestContext()
const look = createLook(t.connection)
after(async () => {
  await t.close()
  await look.close()
})

async function makeHook(): Promise<string> {
  const { body } = await t.ask('POST', '/hooks', { url: 'https://example.com/' })
  return body.id
}

/** Nothing can be stored for this hook: PostgreSQL says so with `code`. */
async function refuseFor(hookId: string, code: string): Promise<void> {
  await look.rows(`
    create or replace function refuse() returns trigger language plpgsql as $$
    begin
      if new.hook_id = '${hookId}' then raise exception 'not this one' using errcode = '${code}'; end if;
      return new;
    end $$`)
  await look.rows(`
    create trigger refuse before insert on belfry.hook_messages for each row execute function refuse()`)
}

const somethingEnds = async () => end(look, await underWay(look, 1))
const toldTo = (id: string) =>
  look.number('select count(*) from belfry.hook_messages where hook_id = $1', [id])

test('whoever has read the least is the next one', async () => {
  const [first, second] = [await makeHook(), await makeHook()]
  const nextOf = async () => {
    const [next] = await listHooksBehind(t.ctx.db, { reach: everywhere, limit: 1 })
    return next?.id
  }
  await somethingEnds()
  const before = await nextOf()

  await look.rows('update belfry.hooks set since = pg_current_snapshot() where id = $1', [first])
  await somethingEnds()

  assert.equal(before, first)
  assert.equal(await nextOf(), second)
})

test('one for which nothing can be stored does not keep the others from hearing', async () => {
  const [bad, good] = [await makeHook(), await makeHook()]
  await refuseFor(bad, 'P0001')
  await somethingEnds()

  await takeUpResults(t.ctx)

  assert.deepEqual([await toldTo(bad), await toldTo(good)], [0, 1])
  assert.ok(t.logged.some(({ hookId, msg }) => hookId === bad && /taken up/.test(String(msg))))
  await look.rows('drop trigger refuse on belfry.hook_messages')
  await takeUpResults(t.ctx)
  assert.equal(await toldTo(bad), 1)
})

test('one that fails as if the database were away keeps nobody from theirs, and is left alone longer each time', async () => {
  const [bad, good] = [await makeHook(), await makeHook()]
  await refuseFor(bad, '57014') // its statement was cancelled
  const resting: RestingHooks = new Map()
  const tries = () => t.logged.filter(({ hookId }) => hookId === bad).length
  const takeUp = async () => {
    await somethingEnds()
    await takeUpResults(t.ctx, resting)
  }

  for (let i = 0; i < 6; i++) {
    await takeUp()
    t.clock.advance({ minutes: 1 })
  }
  await takeUp()
  await takeUp()

  assert.deepEqual([await toldTo(bad), await toldTo(good), tries()], [0, 8, 7])
  await look.rows('drop trigger refuse on belfry.hook_messages')
  t.clock.advance({ minutes: 1 })
  await takeUp()
  assert.deepEqual([await toldTo(bad), resting.size], [9, 0])
})

test('nobody is left alone because the database is away', async () => {
  await makeHook()
  await somethingEnds()
  const resting: RestingHooks = new Map()
  const faults = armFaults(
    ['page_until::text', 'select from belfry.hooks'].map((statement, i) => {
      return { statement, nth: i + 1, when: 'before', what: 'fail' }
    }),
  )

  await assert.rejects(takeUpResults(t.ctx, resting), /Connection terminated/)
  faults.disarm()

  assert.equal(resting.size, 0)
})
