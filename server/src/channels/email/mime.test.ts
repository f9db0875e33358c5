import assert from 'node:assert/strict'
import { test } from 'node:test'
import PostalMime from 'postal-mime'
import { buildShared, contentProblem, createMimeCache, ownHeaders } from './mime.ts'

const from = { name: 'Büro Acme', address: 'no-reply@acme.example' }
const date = new Date('2026-06-01T12:00:00Z')
const own = { to: 'ana@example.com', messageId: '<1@acme.example>', date }

const written: ReadonlySet<string> = new Set([
  'auto-submitted',
  'content-transfer-encoding',
  'content-type',
  'date',
  'from',
  'message-id',
  'mime-version',
  'subject',
  'to',
])

const contents: [string, { subject: string; html: string; text: string }][] = [
  ['plain text', { subject: 'Hello', html: '<p>Hi</p>', text: 'Hi\n' }],
  [
    'other scripts and emoji',
    {
      subject: 'Ihre Bestellung für „Zoë“ 📦 ist da',
      html: '<p>日本語 – ünï</p>',
      text: 'Привет 📦\n',
    },
  ],
  ['a long subject', { subject: 'ä word '.repeat(60).trim(), html: '<p>a</p>', text: 'a\n' }],
  [
    'lines longer than SMTP allows',
    { subject: 'x', html: `<p>${'long '.repeat(1_000)}</p>`, text: `${'y'.repeat(5_000)}\n` },
  ],
  [
    'dots that would end the message',
    { subject: '.', html: '.\n.<br>\n..', text: '.\r\n.\r\nafter\n' },
  ],
  [
    'something that looks like headers',
    { subject: 'x', html: 'x', text: 'Bcc: evil@z.test\n\nx\n' },
  ],
  ['nothing but a subject', { subject: 'x', html: '', text: '' }],
]
for (const [name, content] of contents) {
  test(`an e-mail reads as it was written: ${name}`, async () => {
    const bytes = Buffer.concat([ownHeaders(own), await buildShared(content, from)])

    const mail = await PostalMime.parse(bytes)

    assert.equal(mail.subject, content.subject)
    assert.equal(unwrapped(mail.html), unwrapped(content.html))
    assert.equal(unwrapped(mail.text), unwrapped(content.text))
    assert.deepEqual(mail.from, from)
    assert.deepEqual(mail.to, [{ name: '', address: own.to }])
    assert.equal(mail.messageId, own.messageId)
    assert.equal(mail.date, date.toISOString())
    assert.deepEqual(mail.attachments, [])
    const keys = mail.headers.map(({ key }) => key)
    assert.equal(new Set(keys).size, keys.length, 'no header twice')
    assert.ok(
      mail.headers.some(({ key, value }) => key === 'auto-submitted' && value === 'auto-generated'),
    )
    assert.deepEqual(
      keys.filter((key) => !written.has(key)),
      [],
      'no others',
    )
    const lines = bytes.toString('latin1').split('\r\n')
    assert.ok(
      lines.every((line) => line.length <= 998 && !/[\r\n]/.test(line)),
      'lines of SMTP',
    )
  })
}

function unwrapped(text: string | undefined): string {
  return (text ?? '').replaceAll('\r\n', '\n').trim()
}

const refused: [string, { subject: unknown; html: unknown; text: unknown }][] = [
  ['a line break in the subject (S-63)', { subject: 'Hi\r\nBcc: evil@z.test', html: '', text: '' }],
  ['a NUL in the subject (S-63)', { subject: 'Hi\0', html: '', text: '' }],
  ['a C1 control in the subject (S-63)', { subject: 'Hi\u0085', html: '', text: '' }],
  [
    'an object that names a file (S-65)',
    { subject: 'x', html: { path: '/etc/hostname' }, text: '' },
  ],
]
for (const [name, content] of refused) {
  test(`content is not made into an e-mail: ${name}`, () => {
    assert.equal(typeof contentProblem(content as Parameters<typeof contentProblem>[0]), 'string')
  })
}

test('what recipients share is built once, and forgotten when it is unused', async () => {
  const shared = createMimeCache(from, 2)
  const content = { subject: 'x', html: 'x', text: 'x' }

  const first = shared('a', content)
  assert.equal(shared('a', content), first)
  void shared('b', content)
  assert.equal(shared('a', content), first, 'used again just now')
  void shared('c', content)
  assert.equal(shared('a', content), first, 'b was unused for longest')
  void shared('d', content)
  void shared('e', content)
  assert.notEqual(shared('a', content), first)
  await first
})

test('the link to unsubscribe is a header, unless it is longer than a line may be', () => {
  const url = 'https://notify.example.com/unsubscribe/abc.def'
  const headersWith = (unsubscribeUrl?: string) =>
    ownHeaders({ ...own, unsubscribeUrl })
      .toString()
      .split('\r\n')
      .slice(3, -1)

  assert.deepEqual(headersWith(url), [
    `List-Unsubscribe: <${url}>`,
    'List-Unsubscribe-Post: List-Unsubscribe=One-Click',
  ])
  assert.deepEqual(headersWith(), [])
  assert.equal(headersWith(url.padEnd(978, 'x')).length, 2)
  assert.deepEqual(headersWith(url.padEnd(979, 'x')), [])
})
