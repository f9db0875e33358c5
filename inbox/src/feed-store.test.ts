import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FeedItem } from './feed-item.ts'
import { FeedStore } from './feed-store.ts'

const at = '2026-05-05T09:00:00.000Z'
const item: FeedItem = {
  id: 'order-1',
  event_id: 'event-1',
  type: 'order',
  category: null,
  level: 'normal',
  thread_key: null,
  content: { title: 'Order 1 has shipped', body: 'It is on its way.' },
  created_at: at,
  seen_at: null,
  read_at: null,
  acknowledged_at: null,
  archived_at: null,
  answered: null,
  snoozed_until: null,
}

function storeWith(some: FeedItem): FeedStore {
  const store = new FeedStore()
  store.show({ filter: 'all', category: null })
  const counts = { unread_count: 1, unseen_count: 1 }
  store.takePage({ notifications: [some], next_cursor: null, ...counts }, true)
  return store
}

test('what was seen while something else was being done does not make that true', () => {
  const store = storeWith(item)
  const seen = store.begin(item.id, { seen_at: at })
  const archived = store.begin(item.id, { archived_at: at })

  seen.keep()
  const meanwhile = store.state.items
  archived.end() // the server did not agree

  assert.deepEqual(meanwhile, [])
  assert.deepEqual(store.state.items, [{ ...item, seen_at: at }])
})
