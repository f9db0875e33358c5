import assert from 'node:assert/strict'
import { test } from 'node:test'
import { urlOf } from './request-url.ts'

const base = 'https://example.com/belfry'

test('values reach the path as they are, whatever they contain', () => {
  const url = urlOf(base, '/topics/{key}/members', { key: 'org:o1#owner/ä?' })

  assert.equal(url, `${base}/topics/org%3Ao1%23owner%2F%C3%A4%3F/members`)
})

test('filters are sent as the API reads them, and those without a value are not sent', () => {
  const since = new Date('2026-06-01T12:00:00Z')

  const url = urlOf(base, '/events', {}, { type: 'a&b', limit: 5, since, cursor: undefined })

  assert.equal(url, `${base}/events?type=a%26b&limit=5&since=2026-06-01T12%3A00%3A00.000Z`)
})

// Each would ask for something else: the whole list, or what lies above.
for (const id of ['', '.', '..', undefined]) {
  test(`${JSON.stringify(id) ?? 'undefined'} is refused as an id`, () => {
    const values = { id } as { id: string } // as JavaScript may give it
    assert.throws(() => urlOf(base, '/subscribers/{id}', values), TypeError)
  })
}

test('an id of three dots is an id', () => {
  assert.equal(
    new URL(urlOf(base, '/subscribers/{id}', { id: '...' })).pathname,
    '/belfry/subscribers/...',
  )
})
