// What comes close together stands in the feed in the order in which it happened, also within a millisecond.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { given, until } from './given.ts'
import { createApplication } from './sql-door.ts'
import { createTestContext } from './test-context.ts'

const t = await createTestContext()
const app = await createApplication(t, [1])
after(async () => {
  await app.close()
  await t.close()
})
before(async () => {
  t.work()
  await given.eventType(t, 'step', { channels: ['in_app'] })
  await given.template(t, 'step', 'in_app', { title: 'Step', body: '{{ n }}' })
})

const most = 60
const numbers = Array.from({ length: most }, (_, i) => i)
const numbersInFeed = async (id: string): Promise<number[]> => {
  const { body } = await t.ask('GET', `/subscribers/${id}/notifications?limit=${most}`)
  return body.notifications.map(({ content }: { content: { body: string } }) =>
    Number(content.body),
  )
}

// how they come
const ways: [string, (id: string) => Promise<unknown>][] = [
  [
    'a batch',
    (id) =>
      t.ask(
        'POST',
        '/events/batch',
        numbers.map((n) => ({ type: 'step', to: [id], params: { n } })),
      ),
  ],
  [
    'a transaction of an application',
    (id) =>
      app.client.query(
        `select belfry.trigger('step', jsonb_build_object('n', n), array['${id}'])
        from generate_series(0, ${most - 1}) n`,
      ),
  ],
]
for (const [i, [way, tell]] of ways.entries())
  test(`${way} stands in the feed in its order, the last at the top`, async () => {
    const id = `person-${i}`
    await given.subscriber(t, id)

    await tell(id)

    await until('all are there', async () => (await numbersInFeed(id)).length === most)
    assert.deepEqual(await numbersInFeed(id), numbers.toReversed())
  })
