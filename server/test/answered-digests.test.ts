// An answer to one of several events that are told together: it is about that event, and what the digest tells of the
// others goes on. Played by the clock of a test workspace.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createLook, given } from './given.ts'
import { createTestContext } from './test-context.ts'
import { createTestWorkspace, monday, type TestWorkspace } from './test-workspace.ts'

const t = await createTestContext()
const look = createLook(t.connection)
let w: TestWorkspace
after(async () => {
  await look.close()
  await t.close()
})

const asked = { send: ['in_app'], until: 'acknowledged', within: '5m' }
const digest = { digest: { window: '1h' } }

before(async () => {
  w = await createTestWorkspace(t, 'test')
  await w.advance({ to: monday })
  const plans = {
    first: [asked, digest, { wait: { for: '30m' } }, { send: ['email'] }],
    later: [digest, { ...asked, within: '3h' }, { wait: { for: '30m' } }, { send: ['email'] }],
  }
  for (const [type, plan] of Object.entries(plans)) {
    await given.eventType(w, type, { channels: undefined, level: 'critical', plan })
    await given.template(w, type, 'in_app', { title: 'Down', body: 'Down' })
    const subject = '{{ digest.count }} are down'
    await given.template(w, type, 'email', { subject, body: 'Down' })
  }
})

/** Three events for a new person; their notifications. */
async function happen(who: string, type: string): Promise<string[]> {
  await given.subscriber(w, who, { email: `${who}@example.com` })
  for (let i = 0; i < 3; i++) await given.event(w, type, { to: [who] })
  await w.advance({ by: '10m' })
  const all = 'select id from belfry.notifications where recipient = $1 order by id'
  return (await look.rows(all, [who])).map(({ id }) => id)
}
// As the API shows it.
// oxlint-disable-next-line typescript/no-explicit-any
const told = async (id: string): Promise<any> => (await w.ask('GET', `/notifications/${id}`)).body
const answer = (id: string) => w.ask('POST', `/notifications/${id}/acknowledge`, {})
async function mailsOf(ids: string[]): Promise<(string | null)[]> {
  const mails = await Promise.all(
    ids.map(async (id) => {
      const { deliveries } = await told(id)
      return deliveries.filter(({ status }: { status: string }) => status !== 'cancelled')
    }),
  )
  return mails.map(([first]) => first?.content.subject ?? null)
}

test('who answers while it waits in a digest leaves it: the others are told', async () => {
  const ids = await happen('ana', 'first')
  assert.equal((await answer(ids[2]!)).status, 200)
  await w.advance({ by: '1s' })
  assert.ok((await told(ids[2]!)).finished_at, 'it is over at once')
  await w.advance({ by: '3h' })

  assert.deepEqual(await mailsOf(ids), [null, '2 are down', null])
})

test('an answer after the digest has closed does not end what it tells of the others', async () => {
  const ids = await happen('ben', 'first')
  await w.advance({ by: '1h' })
  assert.equal((await answer(ids[2]!)).status, 200)
  await w.advance({ by: '3h' })

  assert.deepEqual(await mailsOf(ids), [null, null, '3 are down'])
})

test('an answer to the digest as a whole ends all of it', async () => {
  const ids = await happen('cem', 'later')
  await w.advance({ by: '2h' })
  assert.equal((await answer(ids[2]!)).status, 200)
  await w.advance({ by: '5h' })

  assert.deepEqual(await mailsOf(ids), [null, null, null])
})
