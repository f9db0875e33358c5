// The in-app feed of a person: what is in it, and what they have read.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { given } from './given.ts'
import { createTestContext } from './test-context.ts'

const t = await createTestContext()
after(() => t.close())

/** An in-app message for a person of that name; its id. */
async function messageFor(id: string): Promise<string> {
  await given.subscriber(t, id)
  const { body } = await t.ask('POST', '/notifications', {
    to: [id],
    channels: ['in_app'],
    message: 'Hi',
  })
  return body.notification_ids[0]
}

test('reading is remembered from the first time until it is taken back', async () => {
  const id = await messageFor('ana')
  const url = `/subscribers/ana/notifications/${id}`
  const readAt = async () =>
    (await t.ask('GET', '/subscribers/ana/notifications')).body.notifications[0].read_at

  assert.equal(await readAt(), null)
  const first = await t.ask('POST', `${url}/read`)
  t.clock.advance({ minutes: 5 })
  const again = await t.ask('POST', `${url}/read`)

  assert.equal(first.status, 200)
  assert.notEqual(first.body.read_at, null)
  assert.deepEqual(again.body, first.body)
  assert.equal(await readAt(), first.body.read_at)
  assert.equal((await t.ask('GET', `/notifications/${id}`)).body.read_at, first.body.read_at)
  assert.equal((await t.ask('POST', `${url}/unread`)).body.read_at, null)
  assert.equal(await readAt(), null)
})

test('nobody reads what is not in their feed', async () => {
  const id = await messageFor('ben')
  const { body } = await t.ask('POST', '/notifications', {
    to: ['ben'],
    channels: ['email'],
    message: 'Not in-app',
  })
  await given.subscriber(t, 'cleo')

  const refused = await Promise.all(
    [
      `/subscribers/cleo/notifications/${id}`,
      `/subscribers/nobody/notifications/${id}`,
      `/subscribers/ben/notifications/${body.notification_ids[0]}`,
    ].map((url) => t.ask('POST', `${url}/read`)),
  )

  assert.deepEqual(
    refused.map(({ status }) => status),
    [404, 404, 404],
  )
})
