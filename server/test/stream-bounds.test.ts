// What one client can cost: one that never reads is cut off, and the others do not notice.
import assert from 'node:assert/strict'
import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import { after, test } from 'node:test'
import { given, until } from './given.ts'
import { openStream } from './stream-client.ts'
import { createTestContext } from './test-context.ts'

const t = await createTestContext()
const url = await t.app.listen({ port: 0 })
after(() => t.close())

async function tokenFor(id: string): Promise<string> {
  await given.subscriber(t, id)
  return (await t.ask('POST', `/subscribers/${id}/token`, {})).body.token
}

/** Asks for something and never reads a byte of the answer. */
async function neverReading(head: string[]): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  await once(socket, 'connect')
  socket.pause()
  socket.write(`${['GET', ...head].join(' ').replace(/ \|/g, '\r\n')}\r\n\r\n`)
  return socket
}

const ways: [string, (token: string) => string[]][] = [
  ['a stream', (token) => ['/me/stream HTTP/1.1', `|Host: a`, `|Authorization: Bearer ${token}`]],
  [
    'a WebSocket',
    (token) => [
      '/me/ws HTTP/1.1',
      '|Host: a',
      '|Connection: Upgrade',
      '|Upgrade: websocket',
      '|Sec-WebSocket-Version: 13',
      '|Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      `|Sec-WebSocket-Protocol: belfry.v1, bearer.${token}`,
    ],
  ],
]
for (const [what, head] of ways)
  test(`${what} that is never read is cut off, and little is kept for it until then`, async (story) => {
    const token = await tokenFor('ana')
    const reader = await openStream(url, { token })
    await reader.next(({ event }) => event === 'counts')
    const stuck = await neverReading(head(token))
    story.after(() => stuck.destroy())
    story.after(() => reader.close())
    await until('both follow', () => t.ctx.streams.count === 2)
    const message = 'x'.repeat(15_000)
    let sent = 0

    while (t.ctx.streams.count === 2 && sent < 1_500) {
      const direct = { to: ['ana'], channels: ['in_app'], message: `${sent++} ${message}` }
      const { status } = await t.ask('POST', '/notifications', direct)
      assert.equal(status, 202)
      await reader.next(
        ({ event, data }) =>
          event === 'notification.created' && data.content.body.startsWith(`${sent - 1} `),
      )
      reader.heard.splice(
        0,
        reader.heard.length,
        ...reader.heard.map((one) => ({ ...one, data: null })),
      )
    }

    assert.equal(t.ctx.streams.count, 1, `not cut off after ${sent} messages`)
    // What the kernel takes for a client that does not read, and no more than a little beside it.
    assert.ok(sent * message.length < 16_000_000, `cut off after ${sent} messages`)
    await t.ask('POST', '/notifications', {
      to: ['ana'],
      channels: ['in_app'],
      message: 'still here',
    })
    await reader.next(
      ({ event, data }) => event === 'notification.created' && data?.content.body === 'still here',
    )
    reader.close()
    stuck.destroy()
    await until('all are gone', () => t.ctx.streams.count === 0)
  })

// a request that is refused before it becomes a WebSocket, the status
const refusedUpgrades: [string, string[], number][] = [
  ['without a token', [], 401],
  ['with a token only, and no protocol', ['|Sec-WebSocket-Protocol: bearer.x'], 401],
  ['with a token that is none', ['|Sec-WebSocket-Protocol: belfry.v1, bearer.a.b.c'], 401],
  ['with a query it does not know', ['?surprise=1'], 422],
]
for (const [what, more, status] of refusedUpgrades)
  test(`no WebSocket is opened ${what}`, async () => {
    const token = await tokenFor('ben')
    const [query, lines] = more[0]?.startsWith('?')
      ? [more[0], [`|Sec-WebSocket-Protocol: belfry.v1, bearer.${token}`]]
      : ['', more]
    const socket = await neverReading([
      `/me/ws${query} HTTP/1.1`,
      '|Host: a',
      '|Connection: Upgrade',
      '|Upgrade: websocket',
      '|Sec-WebSocket-Version: 13',
      '|Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      ...lines,
    ])
    let text = ''
    socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    socket.resume()
    await once(socket, 'close')

    assert.match(text, new RegExp(`^HTTP/1.1 ${status} `))
    assert.match(text, /application\/problem\+json/)
    assert.equal(JSON.parse(text.slice(text.indexOf('\r\n\r\n'))).status, status)
  })

test('bytes that are no WebSocket frame end it, and nothing else', async () => {
  const token = await tokenFor('cleo')
  const socket = await neverReading(ways[1]![1](token))
  await until('it is open', () => t.ctx.streams.count === 1)

  socket.write(Buffer.from([0xff, 0xff, 0xff, 0xff, 0x00, 0x01]))
  socket.resume()
  await once(socket, 'close')

  await until('it is forgotten', () => t.ctx.streams.count === 0)
  assert.equal((await t.ask('GET', '/health')).status, 200)
})

test('what asks for another protocol elsewhere is answered in this one', async () => {
  const socket = await neverReading([
    '/health HTTP/1.1',
    '|Host: a',
    '|Connection: Upgrade, close',
    '|Upgrade: h2c',
  ])
  let text = ''
  socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  socket.resume()
  await once(socket, 'close')

  assert.match(text, /^HTTP\/1.1 200 /)
})
