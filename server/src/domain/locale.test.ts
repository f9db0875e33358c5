import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lookupOrder } from './locale.ts'

const orders: [string | null, string[]][] = [
  ['pt-BR', ['pt-BR', 'pt', 'default']],
  [
    'zh-Hant-CN-x-private1-private2',
    [
      'zh-Hant-CN-x-private1-private2',
      'zh-Hant-CN-x-private1',
      'zh-Hant-CN',
      'zh-Hant',
      'zh',
      'default',
    ],
  ],
  ['de-u-co-phonebk', ['de-u-co-phonebk', 'de-u-co', 'de', 'default']],
  ['en', ['en', 'default']],
  ['default', ['default']],
  [null, ['default']],
]
for (const [locale, order] of orders)
  test(`${locale ?? 'nobody in particular'} reads ${order.join(', else ')}`, () => {
    assert.deepEqual(lookupOrder(locale), order)
  })
