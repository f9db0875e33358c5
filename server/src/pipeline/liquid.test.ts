import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { compileText, type Escaping } from './liquid.ts'

const render = (source: string, scope: object = {}, escaping: Escaping = 'none') =>
  compileText(source, escaping).render(scope)

const thousand = 'a'.repeat(3_000)
const doubled = `{% assign z = "0123456789" %}${'{% capture z %}{{z}}{{z}}{% endcapture %}'.repeat(24)}{{z}}`
const nestedLoops = `${'{% for i in (1..1000) %}'.repeat(3)}${'{% endfor %}'.repeat(3)}`
const manyTimes =
  '{% assign a = "a b" | split: " " %}' + '{% assign a = a | concat: a %}'.repeat(32)

const stopped: [string, string, object, RegExp][] = [
  [
    'S-40 an endless loop',
    '{%- for i in (1..50000000) -%}{%- endfor -%}',
    {},
    /memory alloc limit/,
  ],
  ['S-41 nested loops', nestedLoops, {}, /render limit/],
  ['S-42 a list that doubles', manyTimes, {}, /limit exceeded/],
  ['S-43 a text that doubles', doubled, {}, /the output has more than 524288 characters/],
  [
    'S-48 a date as wide as the memory',
    '{{ "now" | date: "%5000000d" }}',
    {},
    /memory alloc limit/,
  ],
  ['S-50 replace', '{{ s | replace: "a", s }}', { s: thousand }, /memory alloc limit/],
  ['S-50 join', '{{ s | split: "" | join: s }}', { s: thousand }, /memory alloc limit/],
  [
    'a value beyond the longest output',
    '{{ s }}',
    { s: 'a'.repeat(512 * 1024 + 1) },
    /more than 524288/,
  ],
]
for (const [name, source, scope, expected] of stopped) {
  test(`a template cannot use up the process: ${name}`, () => {
    const { render } = compileText(source)

    assert.throws(() => render(scope), expected)
  })
}

test('S-49 a long text passes through a filter in reasonable time', () => {
  const startedMs = performance.now()

  render('{{ s | strip_html }}', { s: '<script'.repeat(50_000) })

  assert.ok(performance.now() - startedMs < 1_000)
})

const unparsable: [string, string, RegExp][] = [
  ['S-45 nested too deep', '{% if x %}'.repeat(3_000) + '{% endif %}'.repeat(3_000), /call stack/],
  ['S-46 a file of ours', '{% include "package.json" %}', /tag "include" not found/],
  ['S-46 a file of the system', '{% render "../../etc/passwd" %}', /there is no partial/],
  ['S-51 a layout', '{% layout "a" %}', /tag "layout" not found/],
  ['S-51 a block', '{% block a %}{% endblock %}', /tag "block" not found/],
  ['S-47 a filter of Object', '{{ 1 | valueOf }}', /undefined filter: valueOf/],
  ['S-47 a tag of Object', '{% constructor %}', /tag "constructor" not found/],
  ['an expression as text', '{{ a | where_exp: "x", "x" }}', /undefined filter: where_exp/],
  ['a way around escaping', '{{ a | raw }}', /undefined filter: raw/],
  ['an unknown filter', '{{ a | shout }}', /undefined filter: shout/],
  ['an output without end', 'Hello {{ name', /line 1, column 7: .*not closed/],
  ['a tag without end', '{% if a %}', /not closed/],
  ['too long', 'a'.repeat(100_001), /parse length limit/],
]
for (const [name, source, expected] of unparsable) {
  test(`a template is refused: ${name}`, () => {
    assert.throws(() => compileText(source), expected)
  })
}

test('a template may have a hundred thousand characters, and put out half a megabyte', () => {
  assert.equal(render('a'.repeat(100_000)).length, 100_000)
  assert.equal(render('{{ s }}', { s: 'a'.repeat(512 * 1024) }).length, 512 * 1024)
})

const silent: [string, string][] = [
  [
    'S-47 the constructor',
    '{{ a.constructor.name }}{{ a.__proto__ }}{{ list | map: "constructor" }}',
  ],
  ['S-52 names of Object', '{{ __proto__ }}{{ constructor }}{{ toString }}{{ hasOwnProperty }}'],
  ['what is missing', '{{ missing }}{{ missing.deeper }}{{ a[0].b }}'],
]
for (const [name, source] of silent) {
  test(`a template prints nothing for ${name}`, () => {
    assert.equal(render(source, { a: { b: 1 }, list: [{}] }), '')
  })
}

test('S-52 parameters may have the names of members of Object', () => {
  const scope: object = JSON.parse('{"constructor": "c", "toString": "t", "__proto__": "p"}')

  assert.equal(render('{{ constructor }}{{ toString }}{{ __proto__ }}', scope), 'ctp')
})

const reading: [string, string[]][] = [
  ['{{ subscriber.id }}', ['subscriber']],
  ['{{ params[subscriber.id] }}', ['params', 'subscriber']],
  ['{{ "x" | append: subscriber.id }}', ['subscriber']],
  ['{% assign id = subscriber.id %}{{ id }}', ['subscriber']],
  ['{% for s in subscriber.data.items limit: n %}{{ s }}{% endfor %}', ['subscriber', 'n']],
  ['{% for i in (1..subscriber.n) %}{% endfor %}', ['subscriber']],
  ['{% if a == subscriber.id %}{% endif %}', ['a', 'subscriber']],
  ['{% case subscriber.id %}{% when b %}{% endcase %}', ['subscriber', 'b']],
  ['{% unless subscriber %}{% endunless %}', ['subscriber']],
  ['{% cycle subscriber.id, "b" %}', ['subscriber']],
  ['{% liquid echo subscriber.id %}', ['subscriber']],
  ['{{ ["subscriber"].id }}', ['subscriber']],
  ['{{ a | where: "x", subscriber.id }}', ['a', 'subscriber']],
  ['{% assign subscriber = "x" %}{{ subscriber }}', []],
  ['{% raw %}{{ subscriber.id }}{% endraw %}', []],
  ['no names at all', []],
]
for (const [source, names] of reading) {
  test(`it is known what a template reads: ${source}`, () => {
    assert.deepEqual(compileText(source).names, new Set(names))
  })
}

const values: [string, unknown][] = [
  ['{{ n }}', 3],
  [' {{ n }} ', 3],
  ['{{ n | plus: 1 }}', 4],
  ['{{ list }}', [{ a: 1 }]],
  ['{{ yes }}', true],
  ['{{ n == 3 }}', true],
  ['{{ nothing }}', null],
  ['{{ missing }}', undefined],
  ['{{ nil }}', null],
  ['{{ (1..3) }}', [1, 2, 3]],
  ['{{ missing | default: n }}', 3],
  ['no. {{ n }}', 'no. 3'],
  ['{{ n }}{{ n }}', '33'],
  ['{{- n -}}', '3'],
  ['', ''],
]
for (const [source, expected] of values) {
  test(`a text that is one bare expression is its value: ${source || 'empty'}`, () => {
    const scope = { n: 3, list: [{ a: 1 }], yes: true, nothing: null }

    assert.deepEqual(compileText(source).evaluate(scope), expected)
  })
}

test('what cannot be stored is taken out of values too, however deep it is', () => {
  const halves = compileText('{{ name | split: "" }}').evaluate({ name: 'a😀\0' })

  assert.equal(JSON.stringify(halves), '["a","\uFFFD","\uFFFD",""]')
})

test('a value may not be longer than a text may', () => {
  const list = Array.from({ length: 600 }, () => 'x'.repeat(1_000))

  assert.throws(() => compileText('{{ list }}').evaluate({ list }), /more than 524288 characters/)
})

const htmlSources = [
  '{{ x }}',
  '{% echo x %}',
  '{% cycle x, x %}',
  '{{ x | upcase }}',
  '{{ list | join: x }}',
  '{{ list }}',
  '{{ x | default: "" }}',
]
for (const source of htmlSources) {
  test(`a value cannot become HTML: ${source}`, () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('<', '>', '"', "'", '&', 'a', ';', '#') }),
        (x) => {
          assert.doesNotMatch(
            render(source, { x, list: [x, x] }, 'html'),
            /[<>"']|&(?!amp;|lt;|gt;|#34;|#39;|AMP;)/,
          )
        },
      ),
    )
  })
}
