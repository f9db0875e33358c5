import assert from 'node:assert/strict'
import { test } from 'node:test'
import { safeUrl } from './safe-url.ts'

const base = 'https://shop.example/inbox'

// what a notification says, where its link leads
const urls: [string | undefined, string | null][] = [
  ['/orders/1', 'https://shop.example/orders/1'],
  ['?tab=1', 'https://shop.example/inbox?tab=1'],
  ['//other.example/a', 'https://other.example/a'],
  ['http://other.example/', 'http://other.example/'],
  ['mailto:ana@example.com', 'mailto:ana@example.com'],
  ['javascript:alert(1)', null],
  ['JavaScript:alert(1)', null],
  ['java\tscript:alert(1)', null],
  [' \u0001javascript:alert(1)', null],
  ['data:text/html,<script>alert(1)</script>', null],
  ['vbscript:a', null],
  ['blob:https://shop.example/a', null],
  ['file:///etc/passwd', null],
  ['https://', null],
  ['', null],
  [undefined, null],
]
for (const [url, expected] of urls)
  test(`${JSON.stringify(url)} leads ${expected === null ? 'nowhere' : `to ${expected}`}`, () => {
    assert.equal(safeUrl(url, base), expected)
  })
