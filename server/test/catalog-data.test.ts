// Data sources in files: linted where they stand, pushed with their secrets, and pulled without.
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { printProblems } from '../src/catalog/folder.ts'
import { lintFolder } from '../src/catalog/lint.ts'
import { loadConfig } from '../src/config.ts'
import { belfry } from './cli-process.ts'
import { createService } from './data-story.ts'
import { createLook, given, untilQuiet } from './given.ts'
import { createTestContext, type TestContext } from './test-context.ts'

let t: TestContext
let url: string
const root = await mkdtemp(path.join(tmpdir(), 'belfry-data-'))
const service = await createService()
before(async () => {
  t = await createTestContext()
  url = await t.app.listen({ host: '127.0.0.1', port: 0 })
  t.work()
  await given.subscriber(t, 'ana', {})
})
after(async () => {
  await t.close()
  await service.close()
  await rm(root, { recursive: true, force: true })
})

const typeFile = 'event-types/order.shipped.yaml'
const textFile = 'event-types/order.shipped.in_app.default.liquid'
const type = (headers: string, host = service.url) => `channels: [in_app]
data:
  order: { url: "${host}/orders/{{ params.order_id }}", timeout: 2s, cache: 60s, required: true${headers} }
params: { type: object, properties: { order_id: { type: string } } }
`
const text = '---\ntitle: Shipped\n---\n{{ data.order.total }}\n'

async function write(name: string, files: Record<string, string>): Promise<string> {
  const folder = path.join(root, name)
  await mkdir(path.join(folder, 'event-types'), { recursive: true })
  for (const [file, text] of Object.entries(files)) await writeFile(path.join(folder, file), text)
  return folder
}

const run = (args: string[], more: Record<string, string> = {}) =>
  belfry([...args, '--url', url], {
    dataDir: path.join(root, 'none'),
    env: { BELFRY_API_KEY: t.key, ...more },
  })

const lint = async (folder: string) =>
  printProblems((await lintFolder(loadConfig({}, {}), folder, new Date())).problems, '')

// what, the files, how its one problem begins
const mistakes: [string, Record<string, string>, RegExp][] = [
  [
    'a misspelt parameter',
    {
      [typeFile]: type('')
        .replace('order_id }}', 'ordr_id }}')
        .replace('params: { type: object,', 'params: { type: object, additionalProperties: false,'),
    },
    /^event-types\/order\.shipped\.yaml:3:17: data\/order\/url: reads "ordr_id", .*Did you mean "order_id"/,
  ],
  [
    'a misspelt field',
    { [typeFile]: type(', cahce: 60s') },
    /^event-types\/order\.shipped\.yaml:3:\d+: data\/order\/cahce: is not known here\. Did you mean "cache"/,
  ],
  [
    'a secret in a file',
    { [typeFile]: type(', headers: { authorization: "Bearer x" }') },
    /^event-types\/order\.shipped\.yaml:3:\d+: data\/order\/headers\/authorization: is a secret: write \$\{env:NAME\}/,
  ],
  [
    'a text that reads another source',
    { [typeFile]: type(''), [textFile]: '---\ntitle: x\n---\n{{ data.ordr }}\n' },
    /^event-types\/order\.shipped\.in_app\.default\.liquid:4:4: .*"data\.ordr" is no declared name\. Did you mean "order"/,
  ],
]
for (const [what, files, begins] of mistakes)
  test(`${what} is told with its place`, async () => {
    const problems = await lint(
      await write(`lint-${mistakes.findIndex(([one]) => one === what)}`, files),
    )

    assert.equal(problems.length, 1, problems.join('\n'))
    assert.match(problems[0]!, begins)
  })

test('which addresses may be called is not known without a server', async () => {
  const files = { [typeFile]: type('', 'http://orders.internal'), [textFile]: text }

  const folder = await write('internal', files)
  const pushed = await run(['push', folder])

  assert.deepEqual(await lint(folder), [])
  assert.equal(pushed.code, 1)
  assert.match(
    pushed.out,
    /order\.shipped\.yaml:3:\d+: data\/order\/url: orders\.internal is not a public address/,
  )
})

test('headers are pushed from the environment, pulled without, and kept', async () => {
  const files = {
    [typeFile]: type(', headers: { authorization: "${env:ORDERS_TOKEN}" }'),
    [textFile]: text,
  }
  const folder = await write('pushed', files)

  const missing = await run(['push', folder])
  const first = await run(['push', folder], { ORDERS_TOKEN: 'CANARY-1' })
  const again = await run(['push', folder])
  const changed = await run(['push', folder], { ORDERS_TOKEN: 'CANARY-2' })
  const pulled = await write('pulled', {})
  const pull = await run(['pull', pulled])
  const back = await run(['push', pulled])

  assert.equal(missing.code, 1, 'there is no value that could be kept')
  assert.match(missing.out, /authorization: needs its value/)
  assert.equal(first.code, 0, first.words)
  assert.match(again.out + again.words, /same|nothing|up to date|unchanged/i)
  assert.equal(changed.code, 0, changed.words)
  assert.equal(pull.code, 0, pull.words)
  const file = await readFile(path.join(pulled, typeFile), 'utf8')
  assert.match(file, /authorization: null|authorization:$|"authorization": null/m)
  assert.doesNotMatch(file, /CANARY/)
  assert.equal(back.code, 0, back.words)

  await given.event(t, 'order.shipped', { params: { order_id: 'C-1' }, to: ['ana'] })
  const look = createLook(t.connection)
  await untilQuiet(look)
  await look.close()
  assert.equal(service.requests.at(-1)!.headers.authorization, 'CANARY-2')
})

test('a pull over files leaves the name of the variable where it was', async () => {
  const files = {
    [typeFile]: type(', headers: { authorization: "${env:ORDERS_TOKEN}" }'),
    [textFile]: text,
  }
  const folder = await write('kept', files)
  await t.ask('PUT', '/templates/order.shipped/in_app/default', { title: 'New', body: 'x' })

  const pull = await run(['pull', folder, '--force'])
  const diff = await run(['diff', folder], { ORDERS_TOKEN: 'CANARY-2' })

  assert.equal(pull.code, 0, pull.words)
  assert.match(
    await readFile(path.join(folder, typeFile), 'utf8'),
    /authorization.*\$\{env:ORDERS_TOKEN\}/,
  )
  assert.equal(diff.code, 0, diff.out + diff.words)
})
