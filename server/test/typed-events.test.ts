// `belfry types`: what the compiler then says about events.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { after, test } from 'node:test'
import { promisify } from 'node:util'
import { printEventTypes } from '../src/catalog/typescript.ts'
import { belfry } from './cli-process.ts'

const root = path.resolve(import.meta.dirname, '../..')
// Within the clone, where the compiler finds what is imported.
const folder = await mkdtemp(path.join(root, 'server/.typed-events-'))
after(() => rm(folder, { recursive: true, force: true }))

const node = {
  type: 'object',
  required: ['name'],
  properties: { name: { type: 'string' }, parent: { $ref: '#/$defs/node' } },
}
const schemas = new Map<string, Record<string, unknown> | null>([
  [
    'order.shipped',
    {
      type: 'object',
      required: ['order_id', 'lines'],
      properties: {
        order_id: { type: 'string', description: 'Ours, not */ the shop’s.' },
        express: { type: ['boolean', 'null'] },
        speed: { enum: ['fast', 'slow', 3] },
        lines: { type: 'array', items: { anyOf: [{ type: 'integer' }, { const: "it's" }] } },
        place: {
          type: 'array',
          prefixItems: [{ type: 'number' }, { type: 'number' }],
          items: false,
        },
        node: { $ref: '#/$defs/node' },
        extra: { type: 'object', additionalProperties: { type: 'number' } },
        both: {
          allOf: [
            { type: 'object', properties: { a: { type: 'string' } } },
            { type: 'object', properties: { b: { type: 'string' } } },
          ],
        },
      },
      $defs: { node },
    },
  ],
  ['anything', null],
  ['nothing', { type: 'object', additionalProperties: false }],
])

const opening = `import { createClient } from '../../client/src/client.ts'
import type { Events } from './events.ts'
const belfry = createClient<Events>({ url: 'http://127.0.0.1', key: 'k' })
const open = createClient({ url: 'http://127.0.0.1', key: 'k' })
const lines = [1, "it's"] as const
`

const right = [
  "belfry.trigger('order.shipped', { order_id: 'A', lines })",
  "belfry.trigger('order.shipped', { order_id: 'A', lines, express: null, speed: 3, place: [1, 2] })",
  "belfry.trigger('order.shipped', { order_id: 'A', lines, node: { name: 'a', parent: { name: 'b' } } })",
  "belfry.trigger('order.shipped', { order_id: 'A', lines, extra: { a: 1 }, both: { a: 'x', b: 'y' } })",
  "belfry.trigger('anything', { whatever: 1 })",
  "belfry.trigger('nothing', {})",
  "open.trigger('order.shiped', { whatever: 1 })",
  "belfry.notify({ to: ['ana'], channels: ['email'], message: 'Hello', params: { any: 1 } })",
  "belfry.notify({ to: ['ana'], channels: ['email'], template: 'order.shipped', params: { order_id: 'A', lines } })",
  "belfry.notify({ to: ['ana'], channels: ['email'], template: 'anything' })",
  "open.notify({ to: ['ana'], channels: ['email'], template: 'order.shiped', params: { any: 1 } })",
]
// each is refused by the compiler
const wrong = [
  "belfry.trigger('order.shiped', { order_id: 'A', lines })",
  "belfry.trigger('order.shipped', { lines })",
  "belfry.trigger('order.shipped', { order_id: 1, lines })",
  "belfry.trigger('order.shipped', { order_id: 'A', lines, oder: 1 })",
  "belfry.trigger('order.shipped', { order_id: 'A', lines: ['x'] })",
  "belfry.trigger('order.shipped', { order_id: 'A', lines, speed: 'slw' })",
  "belfry.trigger('order.shipped', { order_id: 'A', lines, place: [1, 2, 3] })",
  "belfry.trigger('order.shipped', { order_id: 'A', lines, node: { name: 'a', parent: {} } })",
  "belfry.trigger('nothing', { a: 1 })",
  "belfry.notify({ to: ['ana'], channels: ['email'], template: 'order.shiped' })",
  "belfry.notify({ to: ['ana'], channels: ['email'], template: 'order.shipped' })",
  "belfry.notify({ to: ['ana'], channels: ['email'], template: 'order.shipped', params: { lines } })",
  "belfry.notify({ to: ['ana'], channels: ['email'], template: 'nothing', params: { a: 1 } })",
]

test('the compiler takes what fits the event types, and refuses each thing that does not', async () => {
  await writeFile(path.join(folder, 'events.ts'), printEventTypes(schemas))
  const statements = [...right, ...wrong]
  await writeFile(
    path.join(folder, 'uses.ts'),
    `${opening}${statements.map((statement) => `void ${statement}\n`).join('')}`,
  )
  const config = { extends: '../../tsconfig.json', files: ['uses.ts'], include: [] }
  await writeFile(path.join(folder, 'tsconfig.json'), JSON.stringify(config))

  const tsc = path.join(root, 'node_modules/typescript/bin/tsc')
  const { stdout } = await promisify(execFile)(process.execPath, [
    tsc,
    '--project',
    folder,
    '--pretty',
    'false',
  ]).catch((error: { stdout: string }) => error)

  const refused = stdout
    .matchAll(/(\w+)\.ts\((\d+),\d+\): error/g)
    .map(([, file, line]) => `${file} ${line}`)
  const first = opening.split('\n').length + right.length
  assert.deepEqual(
    [...new Set(refused)],
    wrong.map((_, i) => `uses ${first + i}`),
    stdout,
  )
})

test('the types of the examples are those of their catalogs', async () => {
  for (const example of ['shop-alerts', 'product-events']) {
    const at = (name: string) => path.join(root, 'examples', example, name)
    const args = ['types', at('catalog'), '--out', at('events.ts'), '--check']

    const { code, words } = await belfry(args, { dataDir: folder })

    assert.equal(code, 0, words)
  }
})

test('a file that is not up to date is told of, and written when asked', async () => {
  const out = path.join(folder, 'stale.ts')
  const args = ['types', path.join(root, 'examples/product-events/catalog'), '--out', out]

  const stale = await belfry([...args, '--check'], { dataDir: folder })
  const written = await belfry(args, { dataDir: folder })
  const current = await belfry([...args, '--check'], { dataDir: folder })

  assert.deepEqual([stale.code, written.code, current.code], [1, 0, 0])
  assert.match(stale.words, /is not what the event types say/)
  assert.match(await readFile(out, 'utf8'), /'product\.created': \{/)
})
