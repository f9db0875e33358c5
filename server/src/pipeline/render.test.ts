import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Channel } from '../domain/channel.ts'
import type { Content, EmailContent, InAppContent } from '../domain/content.ts'
import { noParts, type TemplateSource } from '../domain/template.ts'
import { compileTemplate, type Scope } from './render.ts'
import { checkTemplate } from './template-check.ts'

const event = { id: 'e1', type: 'order.shipped', created_at: '2026-11-21T12:00:00.000Z' }

function compile(channel: Channel, content: TemplateSource) {
  return compileTemplate({ channel, locale: 'default', version: 1, content })
}

function render(channel: Channel, content: TemplateSource, scope: Partial<Scope> = {}): Content {
  return compile(channel, content).render({ params: {}, event, ...scope })
}

/** What is within the body of the page that a Markdown e-mail becomes. */
function mail(body: string, x = ''): string {
  const { html } = render('email', { subject: 's', body }, { params: { x } }) as EmailContent
  const content = /<td class="bf-card"[^>]*>\n(.*?)\n<\/td>/s.exec(html)?.[1] ?? html
  return content.replace(/ style="[^"]*"/g, '')
}

const sharing: [string, Channel, TemplateSource, boolean][] = [
  ['nothing but parameters', 'sms', { body: '{{ params.id }} {{ id }}' }, false],
  ['the event', 'sms', { body: '{{ event.id }}' }, false],
  ['the subscriber', 'sms', { body: 'Hi {{ subscriber.data.name }}' }, true],
  ['the subscriber in a title', 'in_app', { title: '{{ subscriber.id }}', body: 'b' }, true],
  [
    'the subscriber in a link',
    'in_app',
    { title: 't', body: 'b', url: '/{{ subscriber.id }}' },
    true,
  ],
  [
    'the subscriber in the text part only',
    'email',
    { subject: 's', body: '<p>', text: '{{ subscriber.id }}' },
    true,
  ],
  ['the subscriber deep in JSON', 'webhook', { body: { a: [{ b: '{{ subscriber.id }}' }] } }, true],
  [
    'the subscriber in a key, which is not Liquid',
    'webhook',
    { body: { '{{ subscriber }}': 1 } },
    false,
  ],
]
for (const [name, channel, content, isPersonal] of sharing) {
  test(`a text is ${isPersonal ? 'personal' : 'shared by all'} when it reads ${name}`, () => {
    assert.equal(compile(channel, content).isPersonal, isPersonal)
  })
}

test('a template reads parameters by name and as params, the event and the subscriber', () => {
  const body = '{{ order }} {{ params.order }} {{ event.type }} {{ subscriber.id }}'
  const scope = {
    params: { order: 7, subscriber: 'not me', event: 'nor me' },
    subscriber: { id: 'ana' },
  }

  assert.deepEqual(render('sms', { body }, scope), { body: '7 7 order.shipped ana' })
})

const asText = [
  '<img src=x onerror=alert(1)>',
  'Tom & Jerry',
  '&lt;b&gt;',
  '**bold** _it_ ~~no~~ `code`',
  '[a](/b)',
  '![a](/b.png)',
  '# no heading',
  '- no list',
  '> no quote',
  'no heading\n===',
  'no heading\n---',
  'a | b\n--|--\n1 | 2',
  '\\*a\\',
]
const escaped: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }
for (const value of asText) {
  test(`a value in a Markdown e-mail stays text: ${JSON.stringify(value)}`, () => {
    assert.equal(
      mail('{{ x }}', value),
      `<p>${value.replace(/[&<>]/g, (found) => escaped[found]!)}</p>`,
    )
  })
}

test('a value reads the same in a piece of HTML within Markdown', () => {
  const body = 'Hello\n\n<div title="{{ x }}">{{ x }}</div>'

  const expected = 'Jean&#45;Luc &#34;x&#34;'
  assert.equal(
    mail(body, 'Jean-Luc "x"'),
    `<p>Hello</p>\n<div title="${expected}">${expected}</div>`,
  )
})

const addresses: [string, string, string][] = [
  ['{{ x }}', 'https://a.test/b-c_d?t=e==&u=1', 'https://a.test/b-c_d?t=e==&amp;u=1'],
  ['{{ x }}', 'see https://a.test/b-c_d, please', 'https://a.test/b-c_d'],
  ['{{ x }}', '(see https://a.test/b)', 'https://a.test/b'],
  ['{{ x }}', 'https://a.test/b_(c)', 'https://a.test/b_%28c%29'],
  [
    '{{ x }}',
    'https://a.test/)[b](https://c.test/)',
    'https://a.test/%29%5Bb%5D%28https://c.test/%29',
  ],
  ['[go]({{ x }})', 'https://a.test/b-c_d', 'https://a.test/b-c_d'],
  ['[go]({{ x }})', 'https://a.test/)b(', 'https://a.test/%29b%28'],
  ['[go]({{ x }})', 'mailto:a@b.test', 'mailto:a&#64;b.test'],
  ['[go]({{ x }})', '/orders/7', '/orders/7'],
  ['[go](/orders/{{ x }})', 'a-b', '/orders/a&#45;b'],
  ['[go]({{ x }})', 'javascript:alert(1)', '#'],
  ['[go]({{ x }})', 'JaVaScRiPt:alert`1`', '#'],
  ['[go]({{ x }})', 'javascript&colon;alert(1)', '#'],
  ['[go]({{ x }})', 'data:text/html,x', '#'],
  ['[go]({{ x }})', '//evil.test', '#'],
  ['[go](<{{ x }}>)', 'java\tscript:alert(1)', '#'],
  ['[go][1]\n\n[1]: {{ x }}', 'vbscript:x', '#'],
  ['[go](javascript:alert(1))', '', '#'],
  ['<{{ x }}>', 'javascript:alert(1)', ''],
]
for (const [body, value, href] of addresses) {
  test(`an address in a Markdown e-mail: ${body} with ${JSON.stringify(value)}`, () => {
    assert.equal(/href="([^"]*)"/.exec(mail(body, value))?.[1] ?? '', href)
  })
}

test('an image from nowhere is not fetched', () => {
  assert.match(mail('![a]({{ x }})', 'javascript:alert(1)'), /src="#"/)
})

test('an e-mail that begins with HTML is HTML: values are escaped, the text part is made from it', () => {
  const body = '\n<h1>{{ x }}</h1><p>Go to <a href="{{ link }}">the order</a></p>'
  const params = { x: '<b>&"', link: 'https://a.test/"><b>' }

  assert.deepEqual(render('email', { subject: 's', body }, { params }), {
    subject: 's',
    html: '\n<h1>&lt;b&gt;&amp;&#34;</h1><p>Go to <a href="https://a.test/&#34;&gt;&lt;b&gt;">the order</a></p>',
    text: '<b>&"\n\nGo to the order [https://a.test/"><b>]',
  })
})

test('the text part of a Markdown e-mail reads as text, its values as they are', () => {
  const body = '# Hello\n\n**{{ x }}** and *more*:\n\n- [one](https://a.test/1)\n- two\n'
  const rendered = render('email', { subject: 's', body }, { params: { x: 'a_b & c' } })

  assert.equal(
    (rendered as EmailContent).text,
    'Hello\n\na_b & c and more:\n\n * one [https://a.test/1]\n * two',
  )
})

const personalLinks = {
  unsubscribe_url: 'https://bf.test/unsubscribe/x',
  preferences_url: 'https://bf.test/p/x',
}
// body, a text part of its own, what the text part says of the personalLinks
const linked: [string, string | undefined, string][] = [
  [
    'Hello',
    undefined,
    `\n\n-- \nUnsubscribe: ${personalLinks.unsubscribe_url}\nNotification settings: ${personalLinks.preferences_url}\n`,
  ],
  [
    '[Stop]({{ unsubscribe_url }})',
    undefined,
    `\n\n-- \nNotification settings: ${personalLinks.preferences_url}\n`,
  ],
  ['<p>Hello</p>', undefined, ''],
  ['<p>Hello</p>', 'Hello', ''],
]
for (const [body, text, told] of linked)
  test(`the text part personalLinks to what the page personalLinks to: ${body}`, () => {
    const source = { subject: 's', body, ...(text !== undefined && { text }) }
    const rendered = render('email', source, { params: {}, ...personalLinks }) as EmailContent

    assert.ok(rendered.text.endsWith(told), rendered.text)
    for (const url of Object.values(personalLinks))
      assert.equal(rendered.text.includes(url), rendered.html.includes(url))
  })

test('a text part of its own goes before any other', () => {
  const source = { subject: 's', body: '<p>{{ x }}</p>', text: 'plain {{ x }}' }

  assert.equal((render('email', source, { params: { x: '<' } }) as EmailContent).text, 'plain <')
})

test('a subject is one line, whatever the values', () => {
  const source = { subject: ' {{ x }}\t!\n', body: 'b' }

  const { subject } = render('email', source, {
    params: { x: 'a\r\nBcc: b@c.test\u0000' },
  }) as EmailContent

  assert.equal(subject, 'a Bcc: b@c.test !')
})

test('a template for a webhook keeps types, order and unknown members', () => {
  const body = {
    z: '{{ n }}',
    a: ['{{ list }}', '{{ gone }}', 'n={{ n }}'],
    b: true,
    c: null,
    d: 1.5,
    e: '{{ nil }}',
  }

  const rendered = render('webhook', { body }, { params: { n: 3, list: [{ x: 1 }] } })

  const expected = '{"body":{"z":3,"a":[[{"x":1}],null,"n=3"],"b":true,"c":null,"d":1.5,"e":null}}'
  assert.equal(JSON.stringify(rendered), expected)
})

const bodies: [unknown, string][] = [
  ['{{ list }}', '[1,2]'],
  ['{{ gone }}', 'null'],
  ['{{ empty }}', '""'],
  ['plain', '"plain"'],
  [7, '7'],
  [JSON.parse('{"__proto__":{"a":"{{ n }}"}}'), '{"__proto__":{"a":3}}'],
]
for (const [body, expected] of bodies) {
  test(`the body of a webhook may be any JSON: ${JSON.stringify(body)}`, () => {
    const rendered = render('webhook', { body }, { params: { n: 3, list: [1, 2] } })

    assert.equal(JSON.stringify(rendered), `{"body":${expected}}`)
  })
}

const links: [string, string | undefined][] = [
  ['https://a.test/', 'https://a.test/'],
  [' /orders/7\n', '/orders/7'],
  ['#top', '#top'],
  ['tel:+12025550123', 'tel:+12025550123'],
  ['javascript:alert(1)', undefined],
  ['java\tscript:alert(1)', undefined],
  ['\u0001javascript:alert(1)', undefined],
  ['data:text/html,x', undefined],
  ['//evil.test', undefined],
  ['', undefined],
]
for (const [url, expected] of links) {
  test(`the link of an in-app message: ${JSON.stringify(url)}`, () => {
    const source = { title: 't', body: 'b', url: '{{ url }}' }

    assert.equal((render('in_app', source, { params: { url } }) as InAppContent).url, expected)
  })
}

const problems: [string, Channel, TemplateSource, string[]][] = [
  ['none', 'email', { subject: '{{ a }}', body: 'b' }, []],
  ['two at once', 'email', { subject: '{{ a', body: '{{ a | shout }}' }, ['/subject', '/body']],
  ['deep in JSON', 'webhook', { body: { 'a/b~c': [1, '{% if %}'] } }, ['/body/a~1b~0c/1']],
  ['a forbidden tag', 'sms', { body: '{% include "x" %}' }, ['/body']],
]
for (const [name, channel, source, pointers] of problems) {
  test(`what is wrong with a template is said with its place: ${name}`, () => {
    assert.deepEqual(
      checkTemplate(channel, source, null, noParts).problems.map(({ pointer }) => pointer),
      pointers,
    )
  })
}
