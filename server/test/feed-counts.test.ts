// Whatever people do with their feed, in whatever order: its parts, its counts and its order are those of a
// plain model of it.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { wakeSnoozed } from '../src/pipeline/feed.ts'
import { given } from './given.ts'
import { createTestContext } from './test-context.ts'

const t = await createTestContext()
after(() => t.close())
t.work()
await given.eventType(t, 'order', { category: 'orders', channels: ['in_app'] })
await given.eventType(t, 'news', { channels: ['in_app'] })
for (const type of ['order', 'news'])
  await given.template(t, type, 'in_app', { title: 'T', body: type })

type Item = {
  id: string
  category: string | null
  isSeen: boolean
  isRead: boolean
  isArchived: boolean
  snoozedUntil: number | null
}
type Step =
  | { kind: 'item'; action: string; index: number }
  | { kind: 'snooze'; index: number; minutes: number }
  | { kind: 'all'; action: 'read-all' | 'archive-all'; category?: string; only_read?: boolean }
  | { kind: 'event'; type: 'order' | 'news' }
  | { kind: 'time'; minutes: number }

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('item' as const),
    action: fc.constantFrom('seen', 'read', 'unread', 'archive', 'unarchive', 'unsnooze'),
    index: fc.nat(20),
  }),
  fc.record({
    kind: fc.constant('snooze' as const),
    index: fc.nat(20),
    minutes: fc.integer({ min: 1, max: 60 }),
  }),
  fc.record(
    {
      kind: fc.constant('all' as const),
      action: fc.constantFrom('read-all' as const, 'archive-all' as const),
      category: fc.constantFrom('orders', 'none', 'nobody'),
    },
    { requiredKeys: ['kind', 'action'] },
  ),
  fc.record({ kind: fc.constant('event' as const), type: fc.constantFrom('order', 'news') }),
  fc.record({ kind: fc.constant('time' as const), minutes: fc.integer({ min: 1, max: 90 }) }),
)

/** A feed as one would write it down. The newest first. */
class Model {
  items: Item[] = []

  at(index: number): Item | undefined {
    return this.items[index % Math.max(1, this.items.length)]
  }

  do(action: string, item: Item, until: number | null = null): void {
    if (action === 'seen') item.isSeen = true
    if (action === 'read') item.isSeen = item.isRead = true
    if (action === 'unread') item.isRead = false
    if (action === 'archive') [item.isArchived, item.snoozedUntil] = [true, null]
    if (action === 'unarchive') item.isArchived = false
    if (action === 'snooze')
      Object.assign(item, { isSeen: false, isRead: false, isArchived: false, snoozedUntil: until })
    if (action === 'unsnooze' && item.snoozedUntil !== null) this.#comeBack(item)
  }

  all(action: string, category: string | undefined): void {
    for (const item of this.shown('all'))
      if (category === undefined || (item.category ?? 'none') === category)
        this.do(action === 'read-all' ? 'read' : 'archive', item)
  }

  wake(nowMs: number): void {
    const over = this.items.filter(
      ({ snoozedUntil }) => snoozedUntil !== null && snoozedUntil <= nowMs,
    )
    for (const item of over.toSorted((a, b) => a.snoozedUntil! - b.snoozedUntil!)) {
      item.isSeen = item.isRead = false
      this.#comeBack(item)
    }
  }

  shown(filter: string): Item[] {
    return this.items.filter((item) => {
      if (filter === 'archived') return item.isArchived
      if (filter === 'snoozed') return item.snoozedUntil !== null
      if (item.isArchived || item.snoozedUntil !== null) return false
      return filter === 'all' || !item.isRead
    })
  }

  #comeBack(item: Item): void {
    item.snoozedUntil = null
    this.items = [item, ...this.items.filter((other) => other !== item)]
  }
}

let people = 0

async function tell(model: Model, type: 'order' | 'news', id: string): Promise<void> {
  const event = { type, to: [id] }
  const { body } = await t.ask('POST', '/events', event, { prefer: 'wait=30' })
  const { body: found } = await t.ask('GET', `/notifications?event_id=${body.event_id}`)
  const category = type === 'order' ? 'orders' : null
  model.items.unshift({
    id: found.notifications[0].id,
    category,
    isSeen: false,
    isRead: false,
    isArchived: false,
    snoozedUntil: null,
  })
}

async function take(url: string, id: string, model: Model, step: Step): Promise<void> {
  if (step.kind === 'event') return tell(model, step.type, id)
  if (step.kind === 'time') {
    t.clock.advance({ minutes: step.minutes })
    while (await wakeSnoozed(t.ctx));
    return model.wake(t.clock.now().getTime())
  }
  if (step.kind === 'all') {
    const { kind: _kind, action, ...body } = step
    const { status } = await t.ask('POST', `${url}/${action}`, body)
    assert.equal(status, 200)
    return model.all(action, step.category)
  }
  const item = model.at(step.index)
  if (!item) return
  const action = step.kind === 'snooze' ? 'snooze' : step.action
  const minutes = step.kind === 'snooze' ? step.minutes : 0
  const until = new Date(t.clock.now().getTime() + minutes * 60_000)
  const body = step.kind === 'snooze' ? { until: until.toISOString() } : undefined
  const answer = await t.ask('POST', `${url}/${item.id}/${action}`, body)
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  model.do(action, item, until.getTime())
  assert.equal(answer.body.read_at !== null, item.isRead)
  assert.equal(answer.body.seen_at !== null, item.isSeen)
}

async function compare(url: string, model: Model): Promise<void> {
  for (const filter of ['all', 'unread', 'archived', 'snoozed']) {
    const ids: string[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const rest: string = cursor && `&cursor=${cursor}`
      const { body } = await t.ask('GET', `${url}?filter=${filter}&limit=3${rest}`)
      for (const { id } of body.notifications) ids.push(id)
      cursor = body.next_cursor
    }
    assert.deepEqual(
      ids,
      model.shown(filter).map(({ id }) => id),
      filter,
    )
  }
  const unread = model.shown('unread')
  const count = (items: Item[]) => ({
    unread_count: items.length,
    unseen_count: items.filter(({ isSeen }) => !isSeen).length,
  })
  const categories = ['orders', null].flatMap((category) => {
    const within = unread.filter((item) => item.category === category)
    return within.length > 0 ? [{ category, ...count(within) }] : []
  })
  const { body } = await t.ask('GET', `${url}/counts`)
  assert.deepEqual(body, { ...count(unread), categories })
  const { body: orders } = await t.ask('GET', `${url}?category=orders`)
  assert.deepEqual(
    orders.notifications.map(({ id }: { id: string }) => id),
    model
      .shown('all')
      .filter(({ category }) => category === 'orders')
      .map(({ id }) => id),
  )
}

test('parts, order and counts are right after whatever was done', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
      const id = `p${people++}`
      const url = `/subscribers/${id}/notifications`
      await given.subscriber(t, id)
      const model = new Model()
      for (const type of ['order', 'news', 'order'] as const) await tell(model, type, id)

      for (const each of steps) await take(url, id, model, each)

      await compare(url, model)
    }),
    { numRuns: 25 },
  )
})
