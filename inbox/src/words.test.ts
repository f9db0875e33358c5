import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Operations } from '@belfry/client'
import type { FeedItem } from './feed-item.ts'
import { loadLanguage } from './languages.ts'
import type { PreferenceForm } from './preference-form.ts'
import { wordsOf } from './words.ts'

const now = new Date('2026-11-18T12:00:00Z')
const ago = (ms: number) => new Date(now.getTime() - ms)

// language, how many came, what is said
const arrivals: [string, number, string][] = [
  ['en', 1, '1 new notification'],
  ['en-GB', 3, '3 new notifications'],
  ['fr', 0, '0 nouvelle notification'],
  ['de', 2, '2 neue Mitteilungen'],
  ['ar', 2, 'إشعاران جديدان'],
  ['nl', 2, '2 new notifications'],
  ['no language at all', 2, '2 new notifications'],
]
for (const [lang, count, text] of arrivals)
  test(`${count} in ${lang}: ${text}`, async () => {
    await loadLanguage(lang)

    assert.equal(wordsOf(lang).count('arrived', count), text)
  })

test('words of a page go before those of the language', async () => {
  await loadLanguage('de')

  const words = wordsOf('de', { title: 'Neuigkeiten' })

  assert.deepEqual([words.text('title'), words.text('archive')], ['Neuigkeiten', 'Archivieren'])
})

test('more than 99 is said as 99+, and times as people say them', () => {
  const words = wordsOf('en')

  assert.deepEqual([words.badge(99), words.badge(100)], ['99', '99+'])
  assert.equal(words.since(ago(5_000), now), 'now')
  assert.equal(words.since(ago(-5_000), now), 'now')
  assert.equal(words.since(ago(59 * 60_000), now), '59 min. ago')
  assert.equal(words.since(ago(26 * 3_600_000), now), 'yesterday')
  assert.equal(words.since(ago(30 * 86_400_000), now), 'Oct 19')
  assert.equal(words.since(ago(400 * 86_400_000), now), 'Oct 14, 2025')
})

test('what the inbox takes a feed and preferences for is what the API says', () => {
  // The compiler compares: this runs only so that it stands in a test.
  type Answer = Operations['listMyFeed']['answer']['notifications'][number]
  const item = (value: Answer): FeedItem => value
  const form = (value: Operations['getMyPreferenceForm']['answer']): PreferenceForm => value

  assert.deepEqual([typeof item, typeof form], ['function', 'function'])
})
