// Hooks that are behind all get their turn: in the order in which they have read, and whatever happens to one of them.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { takeUpResults } from '../src/pipeline/hooks.ts'
import { everywhere } from '../src/domain/reach.ts'
import { listHooksBehind } from '../src/sql/hooks.ts'
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
  await look.rows(`
    create function refuse() returns trigger language plpgsql as $$
    begin
      if new.hook_id = '${bad}' then raise exception 'not this one'; end if;
      return new;
    end $$`)
  await look.rows(`
    create trigger refuse before insert on belfry.hook_messages for each row execute function refuse()`)
  await somethingEnds()

  await takeUpResults(t.ctx)

  assert.deepEqual([await toldTo(bad), await toldTo(good)], [0, 1])
  assert.ok(t.logged.some(({ hookId, msg }) => hookId === bad && /taken up/.test(String(msg))))
  await look.rows('drop trigger refuse on belfry.hook_messages')
  await takeUpResults(t.ctx)
  assert.equal(await toldTo(bad), 1)
})
