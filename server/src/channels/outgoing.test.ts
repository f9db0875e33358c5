import assert from 'node:assert/strict'
import type { LookupAddress } from 'node:dns'
import { createServer as createTcpServer, type AddressInfo } from 'node:net'
import { after, test } from 'node:test'
import { closedPort, createHttpSink, createSmtpSink } from '../../test/sinks.ts'
import { selfSigned } from '../../test/self-signed.ts'
import { createOutgoingClient, type OutgoingOptions, type OutgoingRequest } from './outgoing.ts'
import { readAllowedAddresses } from './public-address.ts'

const sink = await createHttpSink()
after(() => sink.close())

function createClient(options: Partial<OutgoingOptions> = {}) {
  const allowed = readAllowedAddresses(['127.0.0.1/32'])
  const client = createOutgoingClient({ allowed, userAgent: 'Belfry/test', ...options })
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.close() })
}

function post(url: string, given: Partial<OutgoingRequest> = {}): OutgoingRequest {
  return { method: 'POST', url, body: '{}', signal: new AbortController().signal, ...given }
}

/** A resolver that gives each of these answers in turn. */
function resolver(...answers: string[][]): NonNullable<OutgoingOptions['resolve']> {
  let asked = 0
  return (_hostname, answer) => {
    const addresses = answers[asked++ % answers.length]!
    const found: LookupAddress[] = addresses.map((address) => ({
      address,
      family: address.includes(':') ? 6 : 4,
    }))
    answer(null, found)
  }
}

test('an answer comes with its status, headers and text', async () => {
  await using client = createClient()
  sink.answer = () => ({ status: 418, headers: { 'x-pot': 'tea' }, body: 'grün' })

  const answer = await client.request(post(`${sink.url}/a?b=c`, { headers: { 'x-a': 'b' } }))

  assert.equal(answer.kind, 'answered')
  const { status, body, isComplete, headers } = answer as typeof answer & { kind: 'answered' }
  assert.deepEqual([status, body, isComplete, headers['x-pot']], [418, 'grün', true, 'tea'])
  const request = sink.requests.at(-1)!
  assert.deepEqual([request.method, request.path, request.body], ['POST', '/a?b=c', '{}'])
  assert.equal(request.headers['user-agent'], 'Belfry/test')
  assert.equal(request.headers['accept-encoding'], undefined, 'nothing that needs decompressing')
})

test('connections are used again', async () => {
  await using client = createClient()
  sink.answer = () => ({})

  for (let count = 0; count < 50; count++) await client.request(post(sink.url))

  assert.ok(sink.sockets.size <= 2, `${sink.sockets.size} connections`)
})

test('a redirect is an answer, not a second request (S-27)', async () => {
  await using client = createClient()
  sink.answer = () => ({ status: 307, headers: { location: `${sink.url}/elsewhere` } })
  const before = sink.requests.length

  const answer = await client.request(post(sink.url))

  assert.equal(answer.kind === 'answered' && answer.status, 307)
  assert.equal(sink.requests.length, before + 1)
})

test('an answer that is too long is cut, and its connection dropped', async () => {
  await using client = createClient()
  sink.answer = (_request, response) => {
    response.writeHead(200).write('x'.repeat(200_000)) // and no end
    return null
  }

  const answer = await client.request(post(sink.url, { maxResponseBytes: 1_000 }))

  assert.ok(answer.kind === 'answered' && !answer.isComplete)
  assert.deepEqual([answer.status, answer.body.length], [200, 1_000])
  await client.close()
  await sink.allClosed()
})

test('a status that came counts, although the body never ends', async () => {
  await using client = createClient()
  const deadline = new AbortController()
  sink.answer = (_request, response) => {
    response.writeHead(200).write('so far')
    response.write(' so good', () => setImmediate(() => deadline.abort()))
    return null
  }

  const answer = await client.request(post(sink.url, { signal: deadline.signal }))

  // The abort may overtake the status on its way; then nothing is known.
  if (answer.kind === 'answered') assert.ok(!answer.isComplete && answer.status === 200)
  else assert.equal(answer.kind, 'no_answer')
})

test('nothing was sent when the connection is refused', async () => {
  await using client = createClient()

  const answer = await client.request(post(`http://127.0.0.1:${await closedPort()}/`))

  assert.deepEqual(
    [answer.kind, 'code' in answer && answer.code],
    ['not_sent', 'connection_refused'],
  )
})

test('nothing was sent when TLS does not come about', async () => {
  await using client = createClient()

  const answer = await client.request(post(sink.url.replace('http:', 'https:')))

  assert.deepEqual([answer.kind, 'code' in answer && answer.code], ['not_sent', 'tls_failed'])
})

test('nothing was sent when the certificate is not good, and it is told why', async () => {
  await using client = createClient()
  const secured = await createSmtpSink({ options: { ...selfSigned, secure: true } })

  const answer = await client.request(post(`https://127.0.0.1:${secured.port}/`))

  await secured.allClosed()
  await secured.close()
  assert.deepEqual(answer, {
    kind: 'not_sent',
    code: 'bad_certificate',
    detail:
      'the certificate is signed by nobody but itself; ' +
      'if it is right, name its authority in NODE_EXTRA_CA_CERTS',
  })
})

test('nothing was sent when the host has no address', async () => {
  await using client = createClient({
    resolve: (_hostname, answer) =>
      answer(Object.assign(new Error('no'), { code: 'ENOTFOUND' }), []),
  })

  const answer = await client.request(post('https://nowhere.example/'))

  assert.deepEqual([answer.kind, 'code' in answer && answer.code], ['not_sent', 'dns_failed'])
})

test('nothing was sent when the connection takes too long', async () => {
  await using client = createClient({ connectTimeoutMs: 20, resolve: () => {} })

  const answer = await client.request(post('https://slow.example/'))

  assert.deepEqual([answer.kind, 'code' in answer && answer.code], ['not_sent', 'connect_timeout'])
})

test('a request that waits for its connection ends with its signal, and was not sent', async () => {
  await using client = createClient({ resolve: () => {} })
  const signal = AbortSignal.timeout(20)

  const answer = await client.request(post('https://slow.example/', { signal }))

  assert.deepEqual([answer.kind, 'code' in answer && answer.code], ['not_sent', 'timeout'])
  assert.equal(
    sink.requests.some(({ headers }) => headers.host === 'slow.example'),
    false,
  )
})

test('a connection lost after the request was written leaves open whether it arrived', async () => {
  await using client = createClient()
  sink.answer = (_request, response) => response.socket?.destroy() as unknown as null

  const answer = await client.request(post(sink.url))

  assert.deepEqual([answer.kind, 'code' in answer && answer.code], ['no_answer', 'connection_lost'])
})

test('an answer that is not HTTP leaves open whether the request arrived', async () => {
  await using client = createClient()
  const server = createTcpServer((socket) => socket.on('data', () => socket.end('220 hello\r\n')))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo

  const answer = await client.request(post(`http://127.0.0.1:${port}/`))

  server.close()
  assert.deepEqual([answer.kind, 'code' in answer && answer.code], ['no_answer', 'bad_answer'])
})

test('a kept connection that the other side closed is replaced', async () => {
  await using client = createClient()
  sink.answer = () => ({})
  await client.request(post(sink.url))
  for (const socket of sink.sockets) socket.destroy()
  await sink.allClosed()

  const answer = await client.request(post(sink.url))

  assert.equal(answer.kind, 'answered')
})

test('a header that cannot be written is a request that was not sent', async () => {
  await using client = createClient()

  const answer = await client.request(post(sink.url, { headers: { a: 'b\r\nc: d' } }))

  assert.deepEqual([answer.kind, 'code' in answer && answer.code], ['not_sent', 'invalid_request'])
})

const blocked: [string, string[]][] = [
  ['a public name that leads to this machine (S-24)', ['127.0.0.2']],
  ['one private address among public ones (S-25)', ['93.184.215.14', '127.0.0.2']],
  ['a private IPv6 address', ['::1']],
  ['an address with a zone', ['fe80::1%lo']],
]
for (const [name, addresses] of blocked) {
  test(`nothing is connected to: ${name}`, async () => {
    await using client = createClient({ resolve: resolver(addresses) })

    const answer = await client.request(post(`http://rebound.example:${sink.port}/`))

    assert.deepEqual(
      [answer.kind, 'code' in answer && answer.code],
      ['not_sent', 'blocked_address'],
    )
  })
}

test('a name is resolved once for each connection: rebinding finds no gap (S-25)', async () => {
  // 127.0.0.1 stands for a public address, 127.0.0.2 for what must not be reached.
  let asked = 0
  const resolve: OutgoingOptions['resolve'] = (_hostname, answer) => {
    asked += 1
    answer(null, [{ address: asked % 2 === 1 ? '127.0.0.1' : '127.0.0.2', family: 4 }])
  }
  await using client = createClient({ resolve })
  sink.answer = () => ({})
  const outcomes: string[] = []

  for (let count = 0; count < 200; count++) {
    const answer = await client.request(post(`http://n${count}.example:${sink.port}/`))
    outcomes.push('code' in answer ? answer.code : answer.kind)
  }

  assert.equal(asked, 200)
  assert.equal(outcomes.filter((outcome) => outcome === 'answered').length, 100)
  assert.equal(outcomes.filter((outcome) => outcome === 'blocked_address').length, 100)
})

test('a host that the operator lists may be private', async () => {
  const allowed = readAllowedAddresses(['hook.internal'])
  await using client = createClient({ allowed, resolve: resolver(['127.0.0.1']) })
  sink.answer = () => ({})

  const answer = await client.request(post(`http://hook.internal:${sink.port}/`))

  assert.equal(answer.kind, 'answered')
  assert.equal(sink.requests.at(-1)?.headers.host, `hook.internal:${sink.port}`)
})

test('a host name that does not resolve is an answer like any other, with the resolver of the system', async () => {
  const client = createOutgoingClient({ allowed: readAllowedAddresses([]), userAgent: 'test' })

  const answer = await client.request({
    method: 'POST',
    url: 'https://hook.invalid/',
    body: '{}',
    signal: AbortSignal.timeout(20_000),
  })

  assert.equal(answer.kind, 'not_sent')
  await client.close()
})
