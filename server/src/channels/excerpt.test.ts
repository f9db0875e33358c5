import assert from 'node:assert/strict'
import { test } from 'node:test'
import { excerpt } from './excerpt.ts'

const cases: [string, string, string[], string][] = [
  ['control characters become spaces', 'a\r\n\tb\u001b[0m\u0000c', [], 'a b [0m c'],
  ['secrets are hidden wherever they stand', 'x s3cret y s3cret', ['s3cret'], 'x ••• y •••'],
  [
    'a secret across the cut is hidden',
    `${'a'.repeat(197)}s3cret`,
    ['s3cret'],
    `${'a'.repeat(197)}•••`,
  ],
  ['200 characters are kept', 'a'.repeat(300), [], 'a'.repeat(200)],
  ['half an emoji is none', `${'a'.repeat(199)}😀`, [], `${'a'.repeat(199)}\ufffd`],
]
for (const [name, text, secrets, expected] of cases) {
  test(`what the other side said: ${name}`, () => {
    assert.equal(excerpt(text, secrets), expected)
  })
}
