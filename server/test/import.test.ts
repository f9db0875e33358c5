// `belfry import` as a person runs it: rows from files through the HTTP API, what is refused, and going on
// where an earlier run has ended.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { belfry, type Ended } from './cli-process.ts'
import { given } from './given.ts'
import { createTestContext, type TestContext } from './test-context.ts'

let t: TestContext
let url: string
const folder = await mkdtemp(join(tmpdir(), 'belfry-import-'))

before(async () => {
  t = await createTestContext()
  url = await t.app.listen({ host: '127.0.0.1', port: 0 })
})
after(async () => {
  await t.close()
  await rm(folder, { recursive: true, force: true })
})

const path = (name: string) => join(folder, name)
const read = (name: string) => readFile(path(name), 'utf8')

async function run(
  kind: string,
  name: string,
  text: string | Buffer,
  ...more: string[]
): Promise<Ended> {
  await writeFile(path(name), text)
  return again(kind, name, ...more)
}

function again(kind: string, name: string, ...more: string[]): Promise<Ended> {
  const args = [
    'import',
    kind,
    path(name),
    ...(more.includes('--url') ? [] : ['--url', url]),
    ...more,
  ]
  return belfry(args, { dataDir: path('none'), env: { BELFRY_API_KEY: t.key } })
}

const subscriber = async (id: string) =>
  (await t.ask('GET', `/subscribers/${encodeURIComponent(id)}`)).body

test('subscribers come from CSV with their addresses and data, as members of a topic', async () => {
  const { code, out } = await run(
    'subscribers',
    'people.csv',
    '\uFEFFid;email;phone;data.name;addresses.telegram\r\n' +
      'csv1;one@example.com;+12025550123;"One; the ""first""";42\r\n\r\ncsv2;;;;\r\n',
    '--topic',
    'from-csv',
  )

  assert.deepEqual([code, out], [0, '2 rows: 2 created, 0 changed, 2 new members, 0 refused\n'])
  const { email, phone, data, addresses } = await subscriber('csv1')
  assert.deepEqual(
    [email, phone, data, addresses],
    ['one@example.com', '+12025550123', { name: 'One; the "first"' }, { telegram: '42' }],
  )
  assert.equal((await subscriber('csv2')).email, null)
  assert.equal((await t.ask('GET', '/topics/from-csv')).body.member_count, 2)
})

test('an empty cell leaves what is there, and of a person who comes twice the later row counts', async () => {
  await given.subscriber(t, 'twice', { email: 'old@example.com', locale: 'pt' })

  const { out } = await run(
    'subscribers',
    'twice.csv',
    'id,email,locale\ntwice,first@example.com,\ntwice,second@example.com,\n',
    '--json',
  )

  assert.deepEqual(JSON.parse(out), {
    rows: 2,
    created: 0,
    updated: 2,
    added: 0,
    refused: 0,
    refused_file: null,
  })
  const { email, locale } = await subscriber('twice')
  assert.deepEqual([email, locale], ['second@example.com', 'pt'])
})

test('refused rows are told with line and reason, corrected in their file, and imported from there', async () => {
  const { code, out, words } = await run(
    'subscribers',
    'some.csv',
    'id,email,phone,data.note\nr1,r1@example.com,+12025550123,=1+1\nr2,nonsense,+12025550123,=2+2\nr3\n,r4@example.com,,\n',
  )

  assert.deepEqual([code, out], [1, '4 rows: 1 created, 0 changed, 3 refused\n'])
  assert.match(words, /some\.refused\.csv: correct them there/)
  const lines = (await read('some.refused.csv')).trimEnd().split('\n')
  assert.equal(lines[0], 'refused_line,refused_reason,id,email,phone,data.note')
  assert.match(lines[1]!, /^3,"?email must be[^]*,r2,nonsense,'\+12025550123,'=2\+2$/)
  assert.equal(lines[2], '4,"has 1 cells, and there are 4 columns",r3')
  assert.match(lines[3]!, /^5,"?id is required\.?"?,,r4@example\.com,,$/)

  const corrected = `${lines[0]}\n${lines[1]!.replace('nonsense', 'r2@example.com')}\n`
  const second = await run('subscribers', 'corrected.csv', corrected)
  assert.equal(second.code, 0, second.words)
  const { email, phone, data } = await subscriber('r2')
  assert.deepEqual([email, phone, data], ['r2@example.com', '+12025550123', { note: '=2+2' }])
})

test('NDJSON brings everything a subscriber can have, and null removes', async () => {
  await given.subscriber(t, 'nd1', { email: 'old@example.com' })
  const devices = [{ kind: 'fcm', token: 'token-1' }]
  const { code, out } = await run(
    'subscribers',
    'people.ndjson',
    `{"id":"nd1","email":null,"addresses":{"push":${JSON.stringify(devices)}}}\n{"id":\n[1]\n\n{"id":"nd2","emial":"x"}`,
    '--refused',
    path('bad.ndjson'),
  )

  assert.deepEqual([code, out], [1, '4 rows: 0 created, 1 changed, 3 refused\n'])
  const { email, addresses } = await subscriber('nd1')
  assert.deepEqual([email, addresses], [null, { push: devices }])
  const refused = (await read('bad.ndjson'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  assert.deepEqual(
    refused.map((row) => [row.refused_line, row.text ?? row.emial]),
    [
      [2, '{"id":'],
      [3, '[1]'],
      [5, 'x'],
    ],
  )
  assert.match(refused[2].refused_reason, /emial is not known here\. Did you mean "email"/)
})

test('members come with a topic each; who is no subscriber is refused by itself', async () => {
  for (const id of ['m1', 'm2']) await given.subscriber(t, id)

  const { code, out } = await run(
    'members',
    'members.csv',
    'id,topic\nm1,product:7#manager\nghost,product:7#manager\nm2,product:7#manager\nm1,other\nm2,\n',
  )

  assert.deepEqual([code, out], [1, '5 rows: 3 new members, 2 refused\n'])
  const refused = await read('members.refused.csv')
  assert.match(refused, /^3,"""ghost"" is no subscriber\.",ghost,product:7#manager$/m)
  assert.match(refused, /^6,"topic is missing: a column, or --topic\.",m2,$/m)
  const { body } = await t.ask('GET', '/topics/product:7%23manager/members')
  assert.deepEqual(
    body.members.map((member: { subscriber_id: string }) => member.subscriber_id),
    ['m1', 'm2'],
  )
})

test('a run that ended goes on where it was, and refuses nobody twice', async () => {
  const rows = Array.from({ length: 2_500 }, (_, i) =>
    i % 1_000 === 7 ? `go${i},nonsense` : `go${i},go${i}@example.com`,
  )
  const text = `id,email\n${rows.join('\n')}\n`
  await using door = await createDoor(url, 1)

  const first = await run('subscribers', 'many.csv', text, '--url', door.url)
  assert.equal(first.code, 1)
  assert.match(first.words, /answered 500/)
  assert.ok((await readdir(folder)).includes('many.csv.import.json'))

  door.open()
  const second = await again('subscribers', 'many.csv', '--url', door.url)

  assert.deepEqual(
    [second.code, second.out],
    [1, '2,500 rows: 2,497 created, 0 changed, 3 refused\n'],
  )
  assert.match(second.words, /Going on after line 1,001 /)
  assert.equal(door.passed(), 3, 'no batch was sent twice')
  const refused = (await read('many.refused.csv')).trimEnd().split('\n').slice(1)
  assert.deepEqual(
    refused.map((line) => line.split(',')[0]),
    ['9', '1009', '2009'],
  )
  assert.ok(!(await readdir(folder)).includes('many.csv.import.json'))
})

test('a file that has changed since is imported from its beginning', async () => {
  const text = (from: number) =>
    `id\n${Array.from({ length: 1_500 }, (_, i) => `changed${from + i}`).join('\n')}\n`
  await using door = await createDoor(url, 1)
  await run('subscribers', 'changed.csv', text(0), '--url', door.url)
  door.open()

  const { words, out } = await run('subscribers', 'changed.csv', text(10_000), '--url', door.url)

  assert.doesNotMatch(words, /Going on/)
  assert.equal(out, '1,500 rows: 1,500 created, 0 changed, 0 refused\n')
})

// what, the file, exit code, what is said
const notImported: [string, string | Buffer, number, RegExp][] = [
  ['a misspelt column', 'id,emial\nx,y\n', 2, /"emial" means nothing here\. Did you mean "email"/],
  ['an unknown channel', 'id,addresses.telegrm\n', 2, /Did you mean "addresses\.telegram"/],
  ['no ids', 'email\nx@example.com\n', 2, /no column "id"/],
  ['a column twice', 'id,email,email\n', 2, /"email" comes twice/],
  ['an empty file', '', 2, /is empty/],
  ['Latin-1', Buffer.from('id,data.name\nlatin,Jos\xe9\n', 'latin1'), 1, /not UTF-8/],
  [
    'an open quote',
    `id,data.a\nopen,"x\n${'y\n'.repeat(200_000)}`,
    1,
    /after line 1 cannot be read: a quote/,
  ],
]
for (const [what, text, exitCode, said] of notImported)
  test(`${what} ends an import with what to do`, async () => {
    const { code, words } = await run('subscribers', 'bad.csv', text, '--restart')

    assert.equal(code, exitCode, words)
    assert.match(words, said)
    assert.doesNotMatch(words, /\n {4}at /)
  })

test('a Belfry that is not there, or does not know the key, is told', async () => {
  const closed = await createDoor(url, 0)
  await closed[Symbol.asyncDispose]()
  const env = { BELFRY_API_KEY: `bf_sk_${'x'.repeat(40)}` }
  await writeFile(path('one.csv'), 'id\nx\n')

  const wrongKey = await belfry(['import', 'subscribers', path('one.csv'), '--url', url], {
    dataDir: path('none'),
    env,
  })
  const noKey = await belfry(['import', 'subscribers', path('one.csv'), '--url', url], {
    dataDir: path('none'),
  })

  assert.deepEqual([wrongKey.code, noKey.code], [1, 1])
  assert.match(wrongKey.words, /answered 401/)
  assert.match(noKey.words, /There is no key[^]*BELFRY_API_KEY/)
})

/** In front of Belfry: lets `count` requests pass, answers the others with 500 until it is opened. */
async function createDoor(to: string, count: number) {
  let left = count
  let passed = 0
  const server = createServer((request, response) => {
    void (async () => {
      if (left-- <= 0) return response.writeHead(500).end('{}')
      passed++
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      const answer = await fetch(`${to}${request.url}`, {
        method: request.method!,
        headers: {
          authorization: request.headers.authorization!,
          'content-type': 'application/json',
        },
        body: Buffer.concat(chunks),
      })
      response.writeHead(answer.status).end(await answer.text())
    })()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    open: () => (left = Infinity),
    passed: () => passed,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
