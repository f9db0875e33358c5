// Streams say the version they speak: in their first answer, which is the only one they have.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { after, before, test } from 'node:test'
import { text } from 'node:stream/consumers'
import { newestApiVersion } from '../src/domain/api-version.ts'
import { given } from './given.ts'
import { openSocket, openStream } from './stream-client.ts'
import { createTestContext, type TestContext } from './test-context.ts'

let t: TestContext
let url: string
const oldest = '2026-11-20'
const inOldest = { 'belfry-version': oldest }

before(async () => {
  t = await createTestContext()
  url = await t.app.listen({ host: '127.0.0.1', port: 0 })
  await given.subscriber(t, 'ana')
})
after(() => t.close())

type Headers = Record<string, unknown>
type Way = { token: string; path: string; headers?: Record<string, string> }

const ways: Record<string, (way: Way) => Promise<Headers>> = {
  async stream(way) {
    const stream = await openStream(url, way)
    stream.close()
    return stream.headers
  },
  async ws(way) {
    const { socket, headers } = await openSocket(url, way)
    socket.terminate()
    return headers
  },
}

for (const [name, open] of Object.entries(ways))
  test(`/me/${name} speaks the version of the token, or the one that is asked for`, async () => {
    const tokenIn = async (headers: Record<string, string>) =>
      (await t.ask('POST', '/subscribers/ana/token', {}, headers)).body.token as string
    const path = `/me/${name}`
    const said = async (way: Omit<Way, 'path'>) => (await open({ ...way, path }))['belfry-version']
    const [token, old] = [await tokenIn({}), await tokenIn(inOldest)]

    assert.equal(await said({ token }), newestApiVersion)
    assert.equal(await said({ token: old }), oldest)
    assert.equal(await said({ token, headers: inOldest }), oldest)
    assert.equal(await said({ token: old, headers: { 'belfry-version': newestApiVersion } }), newestApiVersion) // prettier-ignore
    const { deprecation, sunset } = await open({ token: old, path })
    assert.ok(deprecation && sunset)
    const newest = await open({ token, path })
    assert.ok(!('deprecation' in newest))
  })

for (const [name, open] of Object.entries(ways))
  test(`/subscribers/{id}/${name} speaks the version of the key`, async () => {
    const path = `/subscribers/ana/${name}`
    const said = await open({ token: t.key, path })
    const older = await open({ token: t.key, path, headers: inOldest })

    assert.equal(said['belfry-version'], newestApiVersion)
    assert.equal(older['belfry-version'], oldest)
  })

test('a WebSocket that is refused is answered in a version too, and one that there is not is refused', async () => {
  const refused = async (headers: Record<string, string>) => {
    const request = httpRequest(`${url}/me/ws`, {
      headers: {
        connection: 'upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
        ...headers,
      },
      agent: false,
    }).end()
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    const { code } = JSON.parse(await text(response)) as { code: string }
    return [code, response.headers['belfry-version']]
  }

  assert.deepEqual(await refused({}), ['unauthenticated', newestApiVersion])
  assert.deepEqual(await refused(inOldest), ['unauthenticated', oldest])
  const wrong = await refused({ 'belfry-version': '2020-01-01' })
  assert.deepEqual(wrong, ['unknown_version', newestApiVersion])
})
