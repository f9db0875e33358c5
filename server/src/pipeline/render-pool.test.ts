// Templates that would use up a process: they end, as errors of their own, and hold up nobody else.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { noParts } from '../domain/template.ts'
import type { Reader, RenderBatch, RenderResult } from './render-batch.ts'
import { RenderPool } from './render-pool.ts'
import type { BatchEnd, RenderProcess } from './render-process.ts'
import { compileTemplate } from './render.ts'

const pool = new RenderPool()
after(() => pool.close())

function batch(body: string, params: object = {}, readers: Reader[] = [{}]): RenderBatch {
  const unit = { channel: 'sms', locale: 'default', version: 1, content: { body }, parts: noParts }
  const event = { id: 'e1', type: 'a', created_at: '2026-11-21T12:00:00.000Z' }
  return { unit: unit as RenderBatch['unit'], scope: { params: { ...params }, event }, readers }
}

const doubled = (times: number) =>
  `{% assign z = "0123456789" %}${'{% capture z %}{{z}}{{z}}{% endcapture %}'.repeat(times)}{{ z | size }}`
const nested = (tag: string, end: string, times: number) => tag.repeat(times) + end.repeat(times)
const thousand = 'a'.repeat(3_000)

// what, template, parameters, what is said
const bombs: [string, string, object, RegExp][] = [
  [
    'S-40 an endless loop',
    '{%- for i in (1..50000000) -%}{%- endfor -%}',
    {},
    /limit exceeded|stopped/,
  ],
  [
    'S-41 nested loops',
    nested('{% for i in (1..1000) %}', '{% endfor %}', 3),
    {},
    /limit exceeded|stopped/,
  ],
  [
    'S-42 a list that doubles',
    `{% assign a = "a b" | split: " " %}${'{% assign a = a | concat: a %}'.repeat(32)}`,
    {},
    /limit exceeded|stopped/,
  ],
  ['S-43 a text that doubles', doubled(30), {}, /string length|stopped/],
  [
    'S-43 a text that doubles, and is shown',
    doubled(24).replace(' | size', ''),
    {},
    /more than 524288/,
  ],
  ['S-48 a date as wide as the memory', '{{ "now" | date: "%5000000d" }}', {}, /limit exceeded/],
  ['S-50 replace', '{{ s | replace: "a", s }}', { s: thousand }, /limit exceeded/],
  ['S-50 join', '{{ s | split: "" | join: s }}', { s: thousand }, /limit exceeded/],
]
for (const [what, body, params, said] of bombs)
  test(`a template bomb is an error of its own: ${what}`, async () => {
    const [result] = await pool.render(1, batch(body, params))

    assert.match((result as { error: string }).error, said)
    assert.equal((result as { isLimit: boolean }).isLimit, true)
  })

test('S-44 sorting a long list ends, one way or the other', async () => {
  const list = Array.from({ length: 200_000 }, (_, i) => (i * 7919) % 200_000)
  const startedMs = performance.now()

  await pool.render(2, batch('{{ list | sort | size }}', { list }))

  assert.ok(performance.now() - startedMs < 20_000)
})

const apart = [
  '{% for i in list %}{% endfor %}',
  '{% tablerow i in list %}{% endtablerow %}',
  '{% assign a = 1 %}',
  '{% capture a %}{% endcapture %}',
  '{% increment a %}',
  '{% cycle a, b %}',
  '{{ list | sort }}',
  '{{ list | uniq }}',
  '{{ s | strip_html }}',
  '{{ s | replace: s, s }}',
  '{% if list == list | sort %}{% endif %}',
  '{% if a %}{% if b %}{% for i in list %}{% endfor %}{% endif %}{% endif %}',
  '{% liquid assign a = 1 %}',
  '{{ a | date: b }}',
]
const here = [
  'no values at all',
  '{{ a }} {{ b | upcase | default: "x" | escape }}',
  '{% if a == 1 and b contains "x" %}{{ a }}{% elsif c %}b{% else %}c{% endif %}',
  '{% unless a %}{{ b }}{% endunless %}{% case a %}{% when 1 %}x{% endcase %}',
  '{% comment %}{% for %}{% endcomment %}{% raw %}{% for %}{% endraw %}{# x #}',
  '{{ when | date: "%Y-%m-%d" }}{% echo a %}',
  '{{ a | upcase | truncate: 20 }} '.repeat(40),
  '{{ when | date }} {{ when | date_to_string }} {{ when | date: "%A, %-d %B %Y, %H:%M" }}',
]
for (const [sources, isBounded] of [
  [apart, false],
  [here, true],
] as const)
  for (const body of sources)
    test(`${isBounded ? 'stays in the process' : 'is rendered apart'}: ${body}`, () => {
      const template = compileTemplate({
        channel: 'sms',
        locale: 'default',
        version: 1,
        content: { body },
      })

      assert.equal(template.isBounded, isBounded)
    })

for (const [what, body] of [
  ['a date of many parts', `{{ a | date: "${'%A'.repeat(250)}" }}`],
  ['many dates', '{{ a | date: "%A" }}'.repeat(250)],
  ['a text of many pieces', `{{ a ${'| append: a '.repeat(1_500)}}}`],
  ['a text that is split again and again', '{{ a | split: "," | join: ";" }}'.repeat(60)],
  ['many dates of a built-in format', '{{ a | date_to_string }}'.repeat(50)],
] as const)
  test(`${what} may take longer than others can wait, and is rendered apart`, () => {
    const template = { channel: 'sms', locale: 'default', version: 1, content: { body } } as const

    assert.equal(compileTemplate(template).isBounded, false)
  })

test('a partial that is rendered in partials a thousand times over is rendered apart', () => {
  const partials = {
    a: 'x'.repeat(10),
    b: '{% render "a" %}'.repeat(50),
    c: '{% render "b" %}'.repeat(50),
  }
  const template = (body: string) =>
    compileTemplate(
      { channel: 'sms', locale: 'default', version: 1, content: { body } },
      { ...noParts, partials },
    )

  assert.equal(template('{% render "b" %}').isBounded, true)
  assert.equal(template('{% render "c" %}').isBounded, false)
})

test('an e-mail with a style sheet, or a very long one, is rendered apart', () => {
  const mail = (body: string) =>
    compileTemplate({
      channel: 'email',
      locale: 'default',
      version: 1,
      content: { subject: 's', body },
    })

  assert.equal(mail('Hello').isBounded, true)
  assert.equal(mail('<style>p { color: red }</style><p>Hello').isBounded, false)
  assert.equal(mail('a'.repeat(8_001)).isBounded, false)
})

/** A process that does as the test says, text by text. */
function fakeProcess(
  behave: (reader: Reader, count: number) => RenderResult | BatchEnd,
): RenderProcess {
  let isAlive = true
  let count = 0
  return {
    get isAlive() {
      return isAlive
    },
    async render({ readers }, onResult) {
      for (const reader of readers) {
        const result = behave(reader, ++count)
        if (typeof result === 'string') {
          isAlive = false
          return result
        }
        onResult(result)
      }
      return 'done'
    },
    stop: () => void (isAlive = false),
  }
}

const written = (reader: Reader) => ({ content: { body: String(reader.subscriber?.['id']) } })
const people = Array.from({ length: 5 }, (_, i) => ({ subscriber: { id: `p${i}` } }))

test('a text that is stopped once is tried once more, and everybody gets theirs', async () => {
  let started = 0
  const once = new RenderPool(() => {
    const isFirst = ++started === 1
    return fakeProcess((reader, count) => (isFirst && count === 3 ? 'stopped' : written(reader)))
  })

  const results = await once.render(1, batch('x', {}, people))

  assert.deepEqual(results, people.map(written))
  assert.equal(started, 2)
})

test('a template that is stopped twice is not tried again for a while, and others are', async () => {
  let started = 0
  const never = new RenderPool(() => {
    started++
    return fakeProcess((reader) => (reader.locale === 'slow' ? 'stopped' : written(reader)))
  })

  const results = await never.render(
    1,
    batch(
      'x',
      {},
      people.map((one) => ({ ...one, locale: 'slow' })),
    ),
  )
  const again = await never.render(1, batch('x', {}, people))
  const other = await never.render(1, batch('y', {}, people))

  assert.equal(started, 3, 'twice for the first, once for the other')
  assert.ok([...results, ...again].every((result) => 'error' in result && result.isLimit))
  assert.deepEqual(other, people.map(written))
})

test('those who wait for a template that is stopped meanwhile do not try it again', async () => {
  let started = 0
  const pool = new RenderPool(() => {
    started++
    return fakeProcess(() => 'stopped')
  })

  const all = [1, 2, 3, 4, 5].map(() => pool.render(1, batch('x', {}, people)))
  await Promise.all(all)

  assert.equal(started, 3, 'two that were stopped, and one that found it so')
})

test('a workspace has one process at a time: whose texts stand still, holds up nobody else', async () => {
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  let busy = 0
  let most = 0
  const slow = new RenderPool(() => ({
    isAlive: true,
    async render({ readers, scope }, onResult) {
      most = Math.max(most, ++busy)
      if (scope.params['isSlow']) await released
      readers.forEach((reader) => onResult(written(reader)))
      busy--
      return 'done'
    },
    stop() {},
  }))

  const stuck = [1, 2, 3].map(() => slow.render(1, batch('x', { isSlow: true }, people)))
  const neighbour = await slow.render(2, batch('x', {}, people))
  const mostWhileStuck = most
  release()
  await Promise.all(stuck)

  assert.deepEqual(neighbour, people.map(written))
  assert.equal(mostWhileStuck, 2)
})
