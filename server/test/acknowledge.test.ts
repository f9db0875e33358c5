// Answers: by the link in a message, by the inbox, and over the API. The first one stops everything else.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createAskStory } from './ask-story.ts'
import { fingerprints } from './fingerprints.ts'
import { given, until } from './given.ts'

const story = await createAskStory()
after(() => story.close())
const { belfry } = story

// As the API shows it.
// oxlint-disable-next-line typescript/no-explicit-any
type Told = any

test('whoever opens the link is asked, and nothing changes; pressing the button answers', async () => {
  const ana = await story.somebody()
  const { notification_ids, event_id } = await story.ask([ana], { within: '1h' })
  const id = notification_ids[0]
  await story.waitsFor(id, 'email')
  const path = await story.link(id)
  const before = await fingerprints(story.look)

  const page = await story.visit(path)
  assert.equal(page.statusCode, 200)
  assert.match(page.body, /<h1>Please answer<\/h1>/)
  assert.match(page.body, /The database is down/)
  assert.match(String(page.headers['content-security-policy']), /default-src 'none'/)
  assert.doesNotMatch(page.body, /<script|set-cookie/i)
  assert.deepEqual(await fingerprints(story.look), before)

  const done = await story.press(path)
  assert.match(done.body, /<h1>Thank you<\/h1>[^]*role="status"[^]*You answered at/)
  await until('its plan is over', async () => (await story.told(id)).finished_at !== null)
  const told = await story.told(id)
  assert.ok(told.acknowledged_at)
  assert.deepEqual([told.acknowledged_via, told.acknowledged_by], ['link', null])
  assert.deepEqual(story.reasons(told, 'answer'), [`${ana} answered (link)`])
  const { answer } = await story.event(event_id)
  assert.deepEqual(
    [answer.recipient_id, answer.via, answer.notification_id, answer.stopped],
    [ana, 'link', id, 0],
  )
  assert.match((await story.press(path)).body, /<h1>You have answered this<\/h1>/)
})

test('a link that is broken, or leads to nothing any more, looks like any other that does not work', async () => {
  const ana = await story.somebody()
  const { notification_ids } = await story.ask([ana], { within: '1h' })
  await story.waitsFor(notification_ids[0], 'email')
  const path = await story.link(notification_ids[0])
  const { links } = belfry.ctx
  const gone = { workspaceId: 1, eventId: '0198c0de-0000-7000-8000-000000000000', recipient: ana }
  const wrong = await story.visit('/unsubscribe/x')

  for (const url of ['/acknowledge/x', `${path}x`, new URL(links.acknowledge(gone)).pathname])
    for (const answer of [await story.visit(url), await story.press(url)]) {
      assert.equal(answer.statusCode, 404, url)
      assert.equal(answer.body, wrong.body)
    }
})

test('every channel can say where to answer', async () => {
  const channels = ['in_app', 'email', 'sms', 'telegram', 'slack', 'push', 'webhook']
  await given.eventType(belfry, 'db.down', { name: 'Database down', channels: ['email'] })
  const text = 'Answer: {{ acknowledge_url }}'
  const contents: Record<string, object> = {
    in_app: {
      title: 'Down',
      body: 'Now',
      actions: [{ label: 'OK', url: '{{ acknowledge_url }}' }],
    },
    email: { subject: 'Down', body: text },
    push: { title: 'Down', body: 'Now', url: '{{ acknowledge_url }}' },
    webhook: { body: { answer: '{{ acknowledge_url }}' } },
  }
  for (const channel of channels) {
    const url = `/templates/db.down/${channel}/default`
    const { status, body } = await belfry.ask('PUT', url, contents[channel] ?? { body: text })
    assert.ok(status < 300, `${channel}: ${JSON.stringify(body)}`)
    const preview = await belfry.ask('POST', `${url}/preview`, {})
    if (preview.status < 300)
      assert.match(JSON.stringify(preview.body), /example\.com\/acknowledge/, channel)
  }
})

test('the service says that somebody else has answered, once', async () => {
  const [ana, ben] = [await story.somebody(), await story.somebody({ data: { name: 'Ben' } })]
  const { notification_ids } = await story.ask([ana], { within: '1h' })
  const id = notification_ids[0]
  await story.waitsFor(id, 'email')
  const path = await story.link(id)

  const first = await story.answer(id, { by: ben })
  const again = await story.answer(id, { by: 'somebody else' })

  assert.equal(first.status, 200)
  assert.deepEqual([first.body.is_first, first.body.via, first.body.by], [true, 'api', ben])
  assert.deepEqual([again.status, again.body.is_first, again.body.by], [200, false, ben])
  assert.equal(again.body.acknowledged_at, first.body.acknowledged_at)
  const page = await story.visit(path)
  assert.match(page.body, /<h1>Already answered<\/h1>[^]*Ben answered at/)
  assert.doesNotMatch(page.body, /<form/)
})

test('what cannot be answered any more says so, with how it stands', async () => {
  const ana = await story.somebody()
  const { notification_ids } = await story.ask([ana], { within: '1h' })
  const id = notification_ids[0]
  await story.waitsFor(id, 'email')
  const path = await story.link(id)
  const { event_id } = await story.told(id)
  await belfry.ask('POST', `/events/${event_id}/cancel`)

  const { status, body } = await story.answer(id)
  assert.deepEqual([status, body.code, body.current_status], [409, 'wrong_status', 'delivered'])
  assert.match(body.detail, /it was cancelled/)
  for (const page of [await story.visit(path), await story.press(path)])
    assert.match(page.body, /An answer is no longer needed[^]*It was called off/)
  assert.equal((await story.told(id)).acknowledged_at, null)
  const none = '0198c0de-0000-7000-8000-000000000000'
  assert.equal((await story.answer(none)).status, 404)
  assert.equal((await story.answer(id, { whom: 'x' })).status, 422)
})

test('the first answer of several stops what the others wait for, and their feeds say so', async () => {
  const people = [await story.somebody(), await story.somebody(), await story.somebody()]
  const [ana, ben] = people as [string, string, string]
  const more = { channels: ['in_app'], fallback_channels: ['sms'] }
  const { event_id, notification_ids } = await story.ask(people, { within: '1h' }, more)

  const { body } = await belfry.ask(
    'POST',
    `/subscribers/${ben}/notifications/${notification_ids[1]}/acknowledge`,
  )

  assert.ok(body.acknowledged_at)
  assert.equal(body.answered.by, ben)
  // Right after the answer, whatever workers do.
  const open = await story.look.number(
    `select count(*) from belfry.plan_runs r join belfry.notifications n on n.id = r.notification_id
     where n.event_id = $1 and n.recipient <> $2`,
    [event_id, ben],
  )
  assert.equal(open, 0)
  await until('all of it is over', async () => {
    const { notifications } = await story.event(event_id)
    return notifications.processing === undefined
  })
  const feed = (await belfry.ask('GET', `/subscribers/${ana}/notifications`)).body.notifications
  assert.deepEqual([feed[0].acknowledged_at, feed[0].answered.by], [null, ben])
  const other = await story.told(notification_ids[0])
  assert.deepEqual([other.deliveries, other.acknowledged_at], [[], null])
  assert.deepEqual(story.reasons(other, 'answer'), [
    `${ben} answered (inbox), so nothing more is sent`,
  ])
  const event = await story.event(event_id)
  assert.deepEqual([event.answer.recipient_id, event.answer.stopped], [ben, 2])
  assert.match(story.reasons(event, 'answer')[0]!, new RegExp(`^${ben} answered .inbox.; of what`))
  const late = await story.answer(notification_ids[2])
  assert.deepEqual([late.body.is_first, late.body.recipient_id], [false, ben])
})

test('where each has to answer, one answer is one answer', async () => {
  const people = [await story.somebody(), await story.somebody()]
  const acknowledge = { within: '1h', by: 'each' }
  const more = { fallback_channels: ['sms'] }
  const { event_id, notification_ids } = await story.ask(people, acknowledge, more)
  await story.waitsFor(notification_ids[0], 'email')

  assert.equal((await story.answer(notification_ids[0])).body.is_first, true)

  assert.equal((await story.event(event_id)).answer, null)
  const other = await story.told(notification_ids[1])
  assert.deepEqual([other.finished_at, other.acknowledged_at], [null, null])
  assert.equal((await story.answer(notification_ids[1])).body.is_first, true)
})

test('those who follow hear who answered, and how', async () => {
  const ana = await story.somebody()
  const stream = await belfry.ask('POST', '/hooks', { url: 'http://127.0.0.1:9/nowhere' })
  assert.equal(stream.status, 201)
  const { notification_ids } = await story.ask([ana], { within: '1h' })
  await story.waitsFor(notification_ids[0], 'email')
  await story.answer(notification_ids[0], { by: 'the night watch' })

  let messages: Told[] = []
  await until('it is told', async () => {
    messages = await story.look.rows(
      "select body from belfry.hook_messages where type = 'notification.acknowledged'",
    )
    return messages.length > 0
  })
  const { data } = JSON.parse(messages[0].body)
  assert.deepEqual(
    [data.id, data.acknowledged_via, data.acknowledged_by],
    [notification_ids[0], 'api', 'the night watch'],
  )
})
