// Every resource of @belfry/client reaches its route: each call answers what its type says it does.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createClient } from '../../client/src/client.ts'
import { createTestContext } from './test-context.ts'

const t = await createTestContext()
const url = await t.app.listen({ host: '127.0.0.1', port: 0 })
t.work()
after(() => t.close())

const client = createClient({ url, key: t.key })

test('subscribers are created, changed, listed and deleted', async () => {
  const { created, results } = await client.subscribers.upsertMany([{ id: 'ana' }, { id: '' }])
  const ben = await client.subscribers.upsert('org/ben', { locale: 'pt-PT', data: { name: 'Ben' } })
  const changed = await client.subscribers.update('org/ben', { locale: null })
  const { items } = await client.subscribers.list().page()
  const exported = await client.subscribers.export('org/ben')
  await client.subscribers.delete('org/ben')

  assert.match(exported, /^\{"kind":"subscriber","id":"org\/ben"/)
  assert.equal((await client.subscribers.erase('ana')).status, 'success')
  await client.subscribers.upsert('ana', {})
  assert.equal(created, 1)
  assert.equal(results[1]?.status, 'refused')
  assert.deepEqual([ben.id, ben.locale, changed.locale], ['org/ben', 'pt-PT', null])
  assert.deepEqual(items.map(({ id }) => id).toSorted(), ['ana', 'org/ben'])
  await assert.rejects(client.subscribers.get('org/ben'), { code: 'not_found' })
})

test('what would happen is explained, and what has happened', async () => {
  await client.eventTypes.put('order.late', { channels: ['in_app'] })
  await client.subscribers.upsert('dan', {})
  const what = { type: 'order.late', params: {}, to: ['dan'] }
  const ahead = await client.explain(what, { limit: 1 })
  const { event_id } = await client.events.create(what, { waitSeconds: 5 })
  const past = await client.explain({ event_id, recipient_id: 'dan' })

  assert.deepEqual([ahead.is_dry_run, past.is_dry_run], [true, false])
  assert.match(ahead.people[0]!.sentences[1]!, /^In the app at once/)
  assert.match(past.people[0]!.sentences[0]!, /^dan got it in the app at /)
})

test('topics have members that come and go', async () => {
  const key = 'product:42#watcher'
  await client.subscribers.upsert('cleo', {})
  const { added } = await client.topics.members.add(key, ['ana', 'cleo'])
  const { removed } = await client.topics.members.remove(key, ['ana'])
  const { member_count: count } = await client.topics.get(key)
  const topics = await client.topics.list().page()
  await client.topics.delete(key)

  assert.deepEqual([added, removed, count], [2, 1, 1])
  assert.deepEqual(
    topics.items.map((topic) => topic.key),
    [key],
  )
  await assert.rejects(client.topics.get(key), { code: 'not_found' })
})

test('event types and templates have versions', async () => {
  const key = { event_type: 'order.shipped', channel: 'email', locale: 'default' } as const
  await client.eventTypes.put(key.event_type, { channels: ['email'] })
  const type = await client.eventTypes.put(key.event_type, { channels: ['email', 'in_app'] })
  const template = await client.templates.put(key, {
    subject: 'Shipped',
    body: 'Order {{ order }}',
  })

  assert.deepEqual([type.version, template.version], [2, 1])
  assert.equal((await client.eventTypes.get(key.event_type)).version, 2)
  assert.deepEqual((await client.templates.get(key)).content, template.content)
  assert.equal((await client.eventTypes.versions(key.event_type).page()).items.length, 2)
  assert.equal((await client.templates.versions(key).page()).items.length, 1)
  assert.equal((await client.templates.list({ channel: 'email' }).page()).items.length, 1)
})

test('preferences are changed, shown and remembered', async () => {
  await client.subscribers.upsert('eva', {})
  await client.eventTypes.put('product.new', { channels: ['in_app', 'email'], opt_in: true })
  await client.preferences.defaults.put({ channels: { sms: false } })
  const changed = await client.preferences.update('eva', { channels: { email: false } })
  const subscribed = await client.subscriptions.subscribe('eva', 'product.new')
  const critical = await client.preferences.setLevel('eva', 'CRITICAL')
  const left = await client.subscriptions.unsubscribe('eva', 'product.new')

  assert.deepEqual([changed.channels, critical.level], [{ email: false }, 'critical'])
  assert.deepEqual(subscribed.channels, { in_app: true, email: false })
  assert.equal(left.is_subscribed, false)
  assert.deepEqual(await client.subscriptions.get('eva', 'product.new'), left)
  assert.equal((await client.preferences.get('eva')).level, 'critical')
  assert.deepEqual((await client.preferences.defaults.get()).channels, { sms: false })
  assert.equal((await client.preferences.changes('eva').page()).items.length, 4)
})

test('a message waits in the sandbox and its notification tells the story', async () => {
  const ana = { id: 'ana', email: 'ana@example.com' }
  const { event_id } = await client.trigger('order.shipped', { order: 42 }, { to: [ana] })
  const caught = client.sandbox.list({ to: ana.email }, { waitSeconds: 30 })
  const [message] = (await caught.page()).items
  assert.ok(message)

  const story = await client.notifications.get(message.notification_id)
  const feed = await client.subscribers.feed('ana').page()

  assert.equal(story.event_id, event_id)
  assert.equal(message.content['subject'], 'Shipped')
  assert.equal(feed.items[0]?.event_id, event_id)
  const { read_at } = await client.subscribers.markRead('ana', feed.items[0].id)
  assert.ok(read_at)
  const { id } = feed.items[0]
  assert.equal((await client.subscribers.markUnread('ana', id)).read_at, null)
  assert.equal((await client.subscribers.feedCounts('ana')).unread_count, feed.items.length)
  assert.notEqual((await client.subscribers.archive('ana', id)).archived_at, null)
  assert.ok((await client.subscribers.acknowledge('ana', id)).acknowledged_at)
  assert.equal((await client.notifications.acknowledge(id)).is_first, false)
  const until = new Date(Date.now() + 3_600_000)
  const snoozed = await client.subscribers.snooze('ana', id, until)
  assert.equal(snoozed.snoozed_until, until.toISOString())
  assert.equal((await client.subscribers.unsnooze('ana', id)).snoozed_until, null)
  assert.equal((await client.subscribers.markManySeen('ana', [id])).count, 1)
  assert.equal((await client.subscribers.markAllRead('ana')).count, feed.items.length)
  assert.equal(
    (await client.subscribers.archiveAll('ana', { only_read: true })).count,
    feed.items.length,
  )
  assert.ok((await client.sandbox.clear()).deleted >= 1)
})

test('an event is waited for, and said again', async () => {
  const { event, event_id: id } = await client.events.create(
    { type: 'order.shipped', to: ['ana'] },
    { waitSeconds: 20 },
  )
  const again = await client.events.replay(id, { waitSeconds: 20 })
  const times = { since: event!.created_at, until: new Date(Date.now() + 60_000).toISOString() }
  const counted = await client.events.replayMany({ ...times, dry_run: true })

  assert.equal(event?.status, 'processed')
  assert.equal(again.event?.replay_of, id)
  assert.equal(counted.replayed, 1)
})

test('providers are created, tried, changed and deleted', async () => {
  const { provider_kinds: kinds } = await client.providers.kinds()
  const provider = await client.providers.create({
    channel: 'webhook',
    kind: 'webhook',
    name: 'receiver',
    settings: { url },
  })
  const changed = await client.providers.update(provider.id, { priority: 7 })
  const tried = await client.providers.test(provider.id)
  const paused = await client.providers.pause(provider.id, { reason: 'maintenance' })
  const probed = await client.providers.probe(provider.id)
  const resumed = await client.providers.resume(provider.id)
  const { items } = await client.providers.list().page()
  await client.providers.delete(provider.id)

  assert.ok(kinds.some(({ kind }) => kind === 'webhook'))
  assert.equal(changed.priority, 7)
  assert.deepEqual(
    [paused, probed, resumed].map(({ health }) => [health.state, health.reason]),
    [
      ['paused', 'maintenance'],
      ['paused', 'maintenance'],
      ['closed', null],
    ],
  )
  assert.deepEqual([tried.is_ok, tried.outcome], [null, 'unchecked'])
  assert.deepEqual(
    items.map(({ id }) => id),
    [provider.id],
  )
  await assert.rejects(client.providers.get(provider.id), { code: 'not_found' })
})

test('sources are created, used, listed and deleted', async () => {
  const source = await client.sources.put('shop', {
    auth: { kind: 'key' },
    event: { type: 'order.shipped', to: ['ana'] },
  })
  const again = { idempotencyKey: 'webhook-1' }
  const first = await client.webhooks.send('shop', { order: 1 }, again)
  const second = await client.webhooks.send(
    'shop',
    { order: 1 },
    { ...again, workspace: 'default' },
  )
  const tried = await client.sources.test('shop', { body: { order: 2 } })
  const requests = await client.sources.requests('shop').page()
  const { items } = await client.sources.list().page()
  await client.sources.delete('shop')

  assert.equal(source.path, '/webhooks/shop')
  assert.deepEqual(second, first)
  assert.deepEqual([tried.outcome, tried.recipient_count], ['accepted', 1])
  assert.deepEqual(
    requests.items.map(({ outcome }) => outcome),
    ['repeated', 'accepted'],
  )
  assert.deepEqual(
    items.map(({ key }) => key),
    ['shop'],
  )
  await assert.rejects(client.sources.get('shop'), { code: 'not_found' })
})

test('a key is made, works as far as its scopes go, and is revoked', async () => {
  const { id, key } = await client.keys.create({ name: 'Checkout', scopes: ['events:write'] })
  const checkout = createClient({ url, key })
  await checkout.trigger('order.shipped', {}, { to: ['ana'] })
  await assert.rejects(checkout.stats(), { code: 'insufficient_scope', status: 403 })

  await client.keys.revoke(id)

  await assert.rejects(checkout.stats(), { code: 'unauthenticated', status: 401 })
  const { items } = await client.keys.list().page()
  assert.ok(items.some((listed) => listed.id === id && listed.revoked_at !== null))
})

test('a client learns how the system is doing', async () => {
  assert.equal((await client.health()).status, 'healthy')
  assert.equal((await client.readiness()).status, 'ready')
  assert.ok(Array.isArray((await client.stats()).queues))
  const metrics = await client.call('getMetrics', { query: {} })
  assert.match(typeof metrics === 'string' ? metrics : '', /^# HELP/)

  t.ctx.isDraining = true
  assert.equal((await client.readiness()).status, 'not_ready')
  t.ctx.isDraining = false
})
