// BELFRY_CATALOG: a folder that is applied when a process starts, before it answers.
import assert from 'node:assert/strict'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { applyAtStart } from '../src/catalog/start.ts'
import { belfry, startServer } from './cli-process.ts'
import { createTestContext } from './test-context.ts'

const folder = await mkdtemp(path.join(tmpdir(), 'belfry-start-'))
// Run by root, PostgreSQL is another user: it could not enter, and would put its data elsewhere.
await chmod(folder, 0o711)
after(() => rm(folder, { recursive: true, force: true }))

const catalog = path.join(folder, 'catalog')
await mkdir(path.join(catalog, 'event-types'), { recursive: true })
const file = path.join(catalog, 'event-types/order.shipped.in_app.default.liquid')
await writeFile(path.join(catalog, 'event-types/order.shipped.yaml'), 'channels: [in_app]\n')
await writeFile(file, '---\ntitle: On its way\n---\nIt has left us.\n')

const key = `bf_sk_${'k'.repeat(40)}`

test('a server that starts has the catalog; started again it changes nothing', async () => {
  const options = {
    dataDir: path.join(folder, 'data'),
    env: { BELFRY_CATALOG: catalog, BELFRY_API_KEY: key },
  }
  const versions: number[] = []
  for (const said of [/2 changed, 0 unchanged/, /0 changed, 2 unchanged/]) {
    const server = await startServer(options)
    const { url } = await server.line('ready')
    const answer = await fetch(`${url}/templates/order.shipped/in_app/default`, {
      headers: { authorization: `Bearer ${key}` },
    })
    versions.push(((await answer.json()) as { version: number }).version)
    await server.line('step', said)
    server.kill('SIGTERM')
    await server.ended
  }

  assert.deepEqual(versions, [1, 1])
})

test('a catalog that is broken stops the start, with file and line', async () => {
  await writeFile(file, '---\ntitle: On its way\n---\n{{ order_id | capitalise }}\n')

  const { code, out, words } = await belfry(['start', '--port', '0'], {
    dataDir: path.join(folder, 'data'),
    env: { BELFRY_CATALOG: catalog },
  })

  assert.equal(code, 1)
  assert.match(words, /order\.shipped\.in_app\.default\.liquid:4:\d+: .*Did you mean "capitalize"/)
  assert.doesNotMatch(out, /Running:/)
})

test('several processes that start at once apply it once', async () => {
  await writeFile(file, '---\ntitle: On its way\n---\nIt has left us.\n')
  const t = await createTestContext()
  try {
    const processes = [t.ctx, await t.another(), await t.another(), await t.another()]
    const applied = await Promise.all(processes.map((ctx) => applyAtStart(ctx, 1, catalog)))

    const changed = applied.map(({ changes }) => changes.length).toSorted((a, b) => a - b)
    assert.deepEqual(changed, [0, 0, 0, 2])
    const { body } = await t.ask('GET', '/event-types/order.shipped/versions')
    assert.equal(body.count, 1)
  } finally {
    await t.close()
  }
})
