// `belfry pull`, `diff`, `push` and `lint` as a person runs them, on folders of files.
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import { belfry, type Ended } from './cli-process.ts'
import { createTestContext, type TestContext } from './test-context.ts'

let t: TestContext
let url: string
const folder = await mkdtemp(path.join(tmpdir(), 'belfry-catalog-'))
before(async () => {
  t = await createTestContext()
  url = await t.app.listen({ host: '127.0.0.1', port: 0 })
})
after(async () => {
  await t.close()
  await rm(folder, { recursive: true, force: true })
})

async function write(name: string, files: Record<string, string>): Promise<string> {
  const catalog = path.join(folder, name)
  for (const [file, text] of Object.entries(files)) {
    const full = path.join(catalog, file)
    await mkdir(path.dirname(full), { recursive: true })
    await writeFile(full, text)
  }
  return catalog
}

async function read(catalog: string): Promise<Record<string, string>> {
  const names = (await readdir(catalog, { recursive: true })).filter((name) =>
    /\.(yaml|liquid)$/.test(name),
  )
  const texts = await Promise.all(names.map((name) => readFile(path.join(catalog, name), 'utf8')))
  return Object.fromEntries(names.map((name, i) => [name, texts[i]!]))
}

const env = (more: Record<string, string> = {}) => ({
  dataDir: path.join(folder, 'data'),
  env: { BELFRY_API_KEY: t.key, ...more },
})
const run = (args: string[], more?: Record<string, string>): Promise<Ended> =>
  belfry([...args, '--url', url], env(more))

const shop = {
  'event-types/order.shipped.yaml': `# What the warehouse says.
channels: [in_app, email, webhook]
params:
  type: object
  properties: { order_id: { type: string } }
`,
  'event-types/order.shipped.email.default.liquid': `---
subject: Order {{ order_id }}
---
{% layout "shop" %}
Your order is on its way.

{% render "footer" %}
`,
  'event-types/order.shipped.in_app.default.liquid': `---
title: On its way
---
Order {{ order_id }}
`,
  'event-types/order.shipped.webhook.default.liquid': `order: "{{ order_id }}"
lines: [1, two, null]
`,
  'layouts/shop.liquid': '<html><body>{{ content }}</body></html>\n',
  'partials/footer.liquid': 'The shop\n',
  'translations/fr.yaml': 'messages:\n  order:\n    sent: Expédiée\n',
  'sources/shop.yaml': `auth: { kind: basic, username: shop, password: "\${env:SHOP_PASSWORD}" }
event: { type: order.shipped, params: { order_id: /id } }
`,
  'providers/email.My%20relay.yaml': `kind: smtp
settings:
  host: smtp.example.com
  user: shop
  password: \${env:SMTP_PASSWORD}
  from: shop@example.com
`,
}
const secrets = { SHOP_PASSWORD: 'correct horse', SMTP_PASSWORD: 'hunter2' }

test('what is pushed is told, and pushed again nothing changes', async () => {
  const catalog = await write('shop', shop)

  const tried = await run(['push', catalog, '--dry-run'], secrets)
  const pushed = await run(['push', catalog], secrets)
  const again = await run(['push', catalog, '--json'])

  assert.match(tried.words, /Would be: 9 created, 0 updated, 0 deleted, 0 unchanged/)
  assert.equal(pushed.code, 0, pushed.words)
  assert.match(pushed.out, /^\+ event type order\.shipped$/m)
  assert.match(pushed.words, /^9 created, 0 updated, 0 deleted, 0 unchanged$/m)
  const { counts, warnings } = JSON.parse(again.out)
  assert.deepEqual(counts, { created: 0, updated: 0, deleted: 0, unchanged: 9, kept: 0 })
  assert.match(JSON.stringify(warnings), /SHOP_PASSWORD is not set: the server keeps/)
  const { body } = await t.ask('GET', '/templates/order.shipped/webhook/default')
  assert.deepEqual(body.content, { body: { order: '{{ order_id }}', lines: [1, 'two', null] } })
})

test('a pull after that changes no byte, comments and all', async () => {
  const catalog = path.join(folder, 'shop')
  const before = await read(catalog)

  const pulled = await run(['pull', catalog])

  assert.equal(pulled.code, 0, pulled.words)
  assert.match(pulled.words, /^0 written, 0 removed, 9 unchanged/)
  assert.deepEqual(await read(catalog), before)
  assert.equal((await run(['diff', catalog, '--exit-code'])).code, 0)
})

test('what a pull writes into an empty folder says the same', async () => {
  const catalog = path.join(folder, 'empty')
  const pulled = await run(['pull', catalog])
  const again = await run(['push', catalog, '--json'])
  const lint = await belfry(['lint', catalog], { dataDir: path.join(folder, 'data') })

  assert.equal(pulled.code, 0, pulled.words)
  assert.equal(JSON.parse(again.out).counts.unchanged, 9)
  assert.equal(lint.code, 0, lint.out)
  const files = await read(catalog)
  assert.deepEqual(Object.keys(files).toSorted(), Object.keys(shop).toSorted())
  assert.doesNotMatch(JSON.stringify(files), /hunter2|correct horse|retention/)
  const name = 'event-types/order.shipped.email.default.liquid'
  assert.equal(files[name], shop[name])
})

test('a change on one side goes to the other; on both sides nobody loses theirs unasked', async () => {
  const [ana, ben] = [path.join(folder, 'ana'), path.join(folder, 'ben')]
  await run(['pull', ana])
  await run(['pull', ben])
  const file = 'partials/footer.liquid'

  await write('ana', { [file]: 'The old shop\n' })
  const pushed = await run(['push', ana])
  assert.match(pushed.words, /0 created, 1 updated, 0 deleted, 8 unchanged/)

  await write('ben', { 'layouts/shop.liquid': '<html>{{ content }}</html>\n' })
  const refused = await run(['push', ben])
  assert.equal(refused.code, 1)
  assert.match(
    refused.words,
    /1 part changed on the server since your last pull:\n {2}partial footer \(version 2, by "test", /,
  )
  assert.match(refused.words, /belfry pull/)

  const pulled = await run(['pull', ben])
  assert.match(pulled.words, /^1 written, 0 removed/)
  assert.equal((await read(ben))[file], 'The old shop\n')
  assert.match((await run(['push', ben])).words, /0 created, 1 updated/)

  await write('ana', { 'layouts/shop.liquid': '<p>{{ content }}</p>\n' })
  const both = await run(['pull', ana])
  assert.equal(both.code, 1)
  assert.match(both.words, /1 file would lose what was changed here:\n {2}layout shop/)
  const diff = await run(['diff', ana, '--exit-code'])
  assert.equal(diff.code, 1)
  assert.match(diff.out, /layouts\/shop\.liquid {2}changed on both sides/)
  assert.match(diff.out, /^ {2}- <html>\{\{ content \}\}<\/html>\n {2}\+ <p>/m)
  assert.equal((await run(['push', ana, '--force'])).code, 0)
})

test('what changes while a push is on its way stops it, but not one that may undo everything', async () => {
  const catalog = path.join(folder, 'ana')
  let changes = 0
  // In front of the server: before it hears of a push somebody else changes something.
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await text(request)
    if (request.method === 'PUT')
      await t.ask('PUT', '/partials/other', { body: `Change ${++changes}` })
    const answered = await t.ask(request.method!, request.url!, body && JSON.parse(body))
    response.writeHead(answered.status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(answered.body))
  }
  const meanwhile = createServer((request, response) => void answer(request, response))
  await new Promise<void>((resolve) => meanwhile.listen(0, '127.0.0.1', resolve))
  const options = ['--url', `http://127.0.0.1:${(meanwhile.address() as AddressInfo).port}`]
  await write('ana', { 'partials/footer.liquid': 'The shop of Ana\n' })

  const stopped = await belfry(['push', catalog, ...options], env())
  const forced = await belfry(['push', catalog, '--force', ...options], env())
  meanwhile.close()

  assert.equal(stopped.code, 1)
  assert.match(stopped.words, /not what it was when you read it.*partial other/)
  assert.match(forced.words, /0 created, 1 updated/)
  assert.equal(changes, 2)
  await t.ask('DELETE', '/partials/other')
})

test('a file that is gone is kept on the server, and deleted when asked', async () => {
  const catalog = path.join(folder, 'ana')
  await rm(path.join(catalog, 'translations/fr.yaml'))

  const kept = await run(['push', catalog])
  const pruned = await run(['push', catalog, '--prune'])
  await run(['pull', path.join(folder, 'ben')])

  assert.match(kept.words, /; 1 only on the server \(--prune/)
  assert.match(pruned.out, /^- translations fr$/m)
  assert.ok(!('translations/fr.yaml' in (await read(path.join(folder, 'ben')))))
})

test('what the server refuses is told with file and line, and nothing is stored', async () => {
  const catalog = await write('bad', {
    'event-types/order.shipped.sms.default.liquid': 'Hello\n{{ oder_id }}\n',
    'partials/new.liquid': 'x\n',
  })

  const { code, out } = await run(['push', catalog])

  assert.equal(code, 1)
  assert.match(
    out,
    /bad\/event-types\/order\.shipped\.sms\.default\.liquid:2:4: "oder_id" is no declared name\. Did you mean "order_id"/,
  )
  assert.equal((await t.ask('GET', '/partials/new')).status, 404)
})

test('--workspace does not go with --url', async () => {
  const { code, words } = await run(['pull', folder, '--workspace', 'other'])

  assert.equal(code, 2)
  assert.match(words, /the key tells the workspace/)
})
