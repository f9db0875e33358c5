// Files and server say the same, whatever they say: random catalogs there and back again.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { fileOf, partOfFile, printPart, readPart } from '../src/catalog/part-files.ts'
import {
  documentOf,
  fingerprintOf,
  partAt,
  partsOf,
  type Fields,
  type PartId,
  type Parts,
} from '../src/catalog/parts.ts'
import { createTestContext, type TestContext } from './test-context.ts'

let t: TestContext
before(async () => {
  t = await createTestContext()
})
after(() => t.close())

// Anything that may stand in a text, above all what YAML and front matter take for something else.
const word = fc.oneof(
  fc.constantFrom(
    'yes',
    'no',
    '~',
    'null',
    '---',
    '---\n',
    '- a',
    '# x',
    'a: b',
    "'",
    '"',
    '1e3',
    '0x1f',
    '\n',
    '\r\n',
    '\t',
    ' ',
    '|',
    '{a: 1}',
    '&a',
    '*a',
    '!a',
    '…',
    '\u2028',
    '\ufeff',
    '2026-01-01',
  ),
  fc.string({ unit: 'grapheme', maxLength: 12 }).filter((text) => !/[{}%\0]/.test(text)),
)
const text = fc
  .array(word, { minLength: 1, maxLength: 6 })
  .map((words) => words.join(''))
  .filter((all) => all !== '')
const line = text.filter((one) => one.length <= 200)
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc
      .double({ noNaN: true, noDefaultInfinity: true })
      .filter((n) => !Object.is(n, -0) && (!Number.isInteger(n) || Number.isSafeInteger(n))),
    text,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(
      text.filter((key) => key !== '__proto__' && key !== '<<'),
      tie('value'),
      { maxKeys: 3 },
    ),
  ),
})).value
const key = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.:-]{0,8}$/)
const name = fc.stringMatching(/^[a-z0-9][a-z0-9_-]{0,8}$/)
const locale = fc.constantFrom('default', 'en', 'fr', 'pt-BR', 'zh-Hant')

const someChannels = fc.uniqueArray(fc.constantFrom('in_app', 'email', 'sms', 'webhook'), {
  minLength: 1,
})
const duration = fc.constantFrom('90s', '10m', '2d')
const plan = fc
  .record({
    throttle: fc.option(fc.record({ limit: fc.integer({ min: 1, max: 9 }), per: duration })),
    condition: fc.option(fc.constantFrom('no', 'a > 1', "b == 'yes: no'")),
    unless: fc.constantFrom('read', { event: 'no', key: '{{ a }}' }, { event: '1e3' }),
    window: fc.oneof(duration, fc.constant({ every: 'week', on: 'friday', at: '08:00' })),
    last: fc.constantFrom('email', 'sms'),
  })
  .map(({ throttle, condition, unless, window, last }) => [
    ...(throttle ? [{ throttle }] : []),
    { send: ['in_app'] },
    { wait: { for: '30m', unless } },
    // A word of plans; nobody awaits a step.
    // oxlint-disable-next-line unicorn/no-thenable
    ...(condition ? [{ if: condition, then: [{ send: ['webhook'] }] }] : []),
    { digest: { window, key: '{{ a }}' } },
    { send: [last] },
  ])
const way = fc.oneof(
  someChannels.map((channels) => ({ channels })),
  plan.map((plan) => ({ plan })),
)
const eventType = fc
  .tuple(
    way,
    fc.record(
      {
        name: line,
        category: fc.string({ minLength: 1, maxLength: 9, unit: 'grapheme-ascii' }),
        level: fc.constantFrom('standard', 'critical'),
        retention: fc.constantFrom('72h', '30d'),
        audience: fc.array(fc.constantFrom('ana', 'no', { topic: 'all#staff' }), { maxLength: 2 }),
        params: fc
          .record(
            {
              type: fc.constant('object'),
              description: text,
              enum: fc.array(json, { minLength: 1, maxLength: 2 }),
            },
            { requiredKeys: ['type'] },
          )
          .filter(
            ({ enum: values }) =>
              !values || new Set(values.map(fingerprintOf)).size === values.length,
          ),
        retry: fc.constantFrom(null, { attempts: 2, delay: '3s', backoff: 'fixed' }),
      },
      { requiredKeys: [] },
    ),
  )
  .map(([how, rest]) => ({ ...how, ...rest }))
const templates = fc.record({
  email: fc.dictionary(
    locale,
    fc.record({ subject: line, body: text, text }, { requiredKeys: ['subject', 'body'] }),
    { maxKeys: 2, noNullPrototype: true },
  ),
  sms: fc.dictionary(locale, fc.record({ body: text }), { maxKeys: 2, noNullPrototype: true }),
  in_app: fc.dictionary(locale, fc.record({ title: line, body: text }), {
    maxKeys: 1,
    noNullPrototype: true,
  }),
  webhook: fc.dictionary(locale, fc.record({ body: json }), { maxKeys: 1, noNullPrototype: true }),
})
const catalog = fc
  .array(fc.record({ key, eventType, templates }), { maxLength: 3 })
  .chain((types) =>
    fc.record({
      event_types: fc.constant(Object.fromEntries(types.map((one) => [one.key, one.eventType]))),
      templates: fc.constant(Object.fromEntries(types.map((one) => [one.key, one.templates]))),
      partials: fc.dictionary(name, fc.record({ body: text }), {
        maxKeys: 2,
        noNullPrototype: true,
      }),
      translations: fc.dictionary(
        locale,
        fc.record({
          messages: fc.dictionary(name, fc.constantFrom('Hi', 'no', 'ça va: bien'), {
            maxKeys: 2,
            noNullPrototype: true,
          }),
        }),
        { maxKeys: 1, noNullPrototype: true },
      ),
    }),
  )

function filesOf(parts: Parts): Map<string, string> {
  return new Map(
    [...parts].map(([part, value]) => [fileOf(partAt(part)), printPart(partAt(part), value)]),
  )
}

function readAll(files: Map<string, string>): Parts {
  return new Map(
    [...files].map(([file, content]) => {
      const id = partOfFile(file)
      assert.ok('kind' in id, JSON.stringify(id))
      const read = readPart(id, content)
      assert.ok('value' in read, JSON.stringify({ file, content, read }))
      return [
        `/${id.kind}/${id.names.map((one) => one.replaceAll('~', '~0').replaceAll('/', '~1')).join('/')}`,
        read.value as Fields,
      ]
    }),
  )
}

test('what is written to files is read again as it was', () => {
  fc.assert(
    fc.property(catalog, (document) => {
      const { parts } = partsOf(document)
      const read = readAll(filesOf(parts))

      assert.equal(fingerprintOf(documentOf(read)), fingerprintOf(documentOf(parts)))
      assert.deepEqual(filesOf(read), filesOf(parts))
    }),
    { numRuns: 300 },
  )
})

for (const body of [' ---\n', ' a\n\n', '---\n\n\n', ['a\n\n'], { a: ' \n\n' }])
  test(`a webhook of ${JSON.stringify(body)} is read again as it was`, () => {
    const id: PartId = { kind: 'templates', names: ['order', 'webhook', 'default'] }

    assert.partialDeepStrictEqual(readPart(id, printPart(id, { body })), { value: { body } })
  })

test('a push after a pull changes nothing, and a pull after a push no byte', async () => {
  await fc.assert(
    fc.asyncProperty(catalog, async (document) => {
      const { status, body } = await t.ask('PUT', '/catalog?prune=true', { catalog: document })
      // Some texts are Liquid that cannot be used, or JSON that no request may have.
      if (status !== 200) return fc.pre(![400, 422].includes(status))
      const { body: pulled } = await t.ask('GET', '/catalog')
      const files = filesOf(partsOf(pulled.catalog).parts)

      const again = documentOf(readAll(files))
      const pushed = await t.ask('PUT', '/catalog?prune=true', {
        catalog: again,
        revision: body.revision,
      })
      const { body: last } = await t.ask('GET', '/catalog')

      assert.deepEqual(pushed.body.changes, [], JSON.stringify(pushed.body))
      assert.deepEqual(filesOf(partsOf(last.catalog).parts), files)
    }),
    { numRuns: 60 },
  )
})
