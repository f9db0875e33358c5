// /embed as browsers and caches get it, and how much each part weighs.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { createTestContext } from './test-context.ts'

const t = await createTestContext()
after(() => t.close())

const fetchEmbed = (headers: Record<string, string> = {}, name = 'inbox.js') =>
  t.app.inject({ method: 'GET', url: `/embed/${name}`, headers })

test('the inbox is a script that pages of every origin may load, and that caches keep', async () => {
  const { statusCode, headers, body } = await fetchEmbed()

  assert.equal(statusCode, 200)
  assert.equal(headers['content-type'], 'text/javascript; charset=utf-8')
  assert.equal(headers['access-control-allow-origin'], '*')
  assert.equal(headers['cross-origin-resource-policy'], 'cross-origin')
  assert.match(String(headers['cache-control']), /public, max-age=\d+/)
  assert.match(body, /belfry-bell/)
})

test('it is sent once: who has it hears that it has not changed', async () => {
  const first = await fetchEmbed()

  const again = await fetchEmbed({ 'if-none-match': String(first.headers.etag) })
  const other = await fetchEmbed({ 'if-none-match': '"of yesterday"' })

  assert.deepEqual([again.statusCode, again.body], [304, ''])
  assert.equal(again.headers.etag, first.headers.etag)
  assert.equal(other.statusCode, 200)
})

test('it is compressed as the browser takes it', async () => {
  const { rawPayload: plain } = await fetchEmbed()

  const zipped = await fetchEmbed({ 'accept-encoding': 'gzip' })
  const small = await fetchEmbed({ 'accept-encoding': 'gzip, deflate, br' })
  const none = await fetchEmbed({ 'accept-encoding': 'br;q=0, identity' })

  assert.deepEqual(gunzipSync(zipped.rawPayload), plain)
  assert.deepEqual(brotliDecompressSync(small.rawPayload), plain)
  assert.equal(none.headers['content-encoding'], undefined)
  for (const { headers } of [zipped, small, none]) assert.equal(headers.vary, 'Accept-Encoding')
})

test('what is loaded later has a name of its own for every content, and is kept for ever', async () => {
  const names = partsOf((await fetchEmbed()).body)
  assert.equal(names.length, 4)

  for (const name of names) {
    const { statusCode, headers } = await fetchEmbed({}, name)
    assert.equal(statusCode, 200, name)
    assert.equal(headers['access-control-allow-origin'], '*')
    assert.equal(headers['cache-control'], 'public, max-age=31536000, immutable')
  }
})

test('a page that was opened before an upgrade gets the parts of now, and nobody keeps them', async () => {
  const name = partsOf((await fetchEmbed()).body).find((name) => name.startsWith('preference'))!

  const { body, headers } = await fetchEmbed({}, name.replace(/\w{8}\.js$/, '00000000.js'))

  assert.equal(body, (await fetchEmbed({}, name)).body)
  assert.equal(headers['cache-control'], 'no-store')
})

for (const name of ['nothing.js', 'nothing-00000000.js', '..%2finbox.js', 'inbox.js.map'])
  test(`there is no ${name}`, async () => {
    const { statusCode, body } = await fetchEmbed({}, name)

    assert.deepEqual([statusCode, JSON.parse(body).code], [404, 'not_found'])
  })

/** What a script may load later. */
function partsOf(script: string): string[] {
  return [...script.matchAll(/import\("\.\/([^"]+)"\)/g)].map(([, name]) => name!)
}

async function weigh(name: string): Promise<number> {
  const { rawPayload } = await fetchEmbed({ 'accept-encoding': 'gzip' }, name)
  return rawPayload.length
}

test('the bell and the inbox in English weigh at most 20,000 bytes, in one request', async () => {
  const { body } = await fetchEmbed()

  // Nothing but what is loaded later is outside of it.
  assert.doesNotMatch(body, /\bfrom\s*["']|\bimport\s*["']/)
  const bytes = await weigh('inbox.js')
  assert.ok(bytes <= 20_000, `${bytes} bytes`)
})

// what is loaded later, at most so many bytes of gzip: as the guide has it
const later: [RegExp, number][] = [
  [/^preference-centre-/, 4_000],
  [/^strings-arabic-/, 1_500],
  [/^strings-french-/, 1_500],
  [/^strings-german-/, 1_500],
]
for (const [pattern, most] of later)
  test(`${pattern.source.slice(1, -1)} weighs at most ${most} bytes`, async () => {
    const name = partsOf((await fetchEmbed()).body).find((name) => pattern.test(name))!

    const bytes = await weigh(name)

    assert.ok(bytes <= most, `${bytes} bytes`)
  })
