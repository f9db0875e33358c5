import assert from 'node:assert/strict'
import { test } from 'node:test'
import { channels, type Channel } from '../domain/channel.ts'
import type { Event } from '../domain/event.ts'
import type { TemplateSource } from '../domain/event-type.ts'
import { chooseTemplate, renderContent } from './content.ts'
import { compileTemplate } from './render.ts'

const event: Event = {
  workspaceId: 1,
  id: 'e1',
  type: 'order.shipped',
  typeVersion: 1,
  level: 'standard',
  audience: [],
  params: { order: 7 },
  message: null,
  scheduledAt: null,
  expiresAt: null,
  threadKey: null,
  traceparent: null,
  replayOf: null,
  createdAt: new Date('2026-11-21T12:00:00Z'),
}

const template = (
  locale: string,
  channel: Channel = 'sms',
  content: TemplateSource = { body: locale },
) => compileTemplate({ channel, locale, version: 3, content })

const choices: [string[], string | null, string | null][] = [
  [['pt-BR', 'pt', 'default'], 'pt-BR', 'pt-BR'],
  [['pt', 'default'], 'pt-BR', 'pt'],
  [['pt-PT', 'default'], 'pt-BR', 'default'],
  [['en', 'default', 'de'], null, 'default'],
  [['de', 'en'], 'fr', 'en'],
  [['de', 'fr'], null, 'de'],
  [['zh-Hant', 'zh', 'en'], 'zh-Hant-TW', 'zh'],
  [[], 'de', null],
]
for (const [locales, wanted, chosen] of choices) {
  test(`of ${locales.join(', ') || 'no templates'}, ${wanted ?? 'nobody in particular'} reads ${chosen}`, () => {
    const templates = [
      template('x', 'email', { subject: 's', body: 'b' }),
      ...locales.map((locale) => template(locale)),
    ]

    assert.equal(chooseTemplate(templates, 'sms', wanted)?.locale ?? null, chosen)
  })
}

test('a template gets the parameters, the event, and the subscriber when there is one', () => {
  const body = '{{ order }} {{ event.id }} {{ event.created_at }} {{ subscriber.id }}'

  const { content, error } = renderContent(event, 'sms', template('en', 'sms', { body }), {
    id: 'ana',
  })

  assert.equal(error, null)
  assert.deepEqual(content, { body: '7 e1 2026-11-21T12:00:00.000Z ana' })
})

test('a webhook without a template carries the facts', () => {
  assert.deepEqual(renderContent(event, 'webhook', null, null), {
    content: {
      body: { type: 'order.shipped', timestamp: '2026-11-21T12:00:00.000Z', data: { order: 7 } },
    },
    error: null,
  })
})

test('a direct message as a webhook carries its words and parameters', () => {
  const message = { channels: ['webhook' as const], subject: 'Hi', body: 'there' }

  const { content } = renderContent({ ...event, type: null, message }, 'webhook', null, null)

  const data = { subject: 'Hi', body: 'there', order: 7 }
  assert.deepEqual(content, {
    body: { type: 'message', timestamp: '2026-11-21T12:00:00.000Z', data },
  })
})

const words: [Channel, object][] = [
  ['in_app', { title: 'Hi\nyou', body: '1 < 2' }],
  ['push', { title: 'Hi\nyou', body: '1 < 2' }],
  ['sms', { body: '1 < 2' }],
  ['telegram', { body: '1 < 2' }],
  [
    'email',
    {
      subject: 'Hi you',
      html: '<!doctype html><html><body><p>1 &lt; 2</p>\n</body></html>',
      text: '1 < 2',
    },
  ],
]
for (const [channel, expected] of words) {
  test(`the words of a direct message on ${channel}`, () => {
    const message = { channels: [channel], subject: 'Hi\nyou', body: '1 < 2' }

    assert.deepEqual(renderContent({ ...event, type: null, message }, channel, null, null), {
      content: expected,
      error: null,
    })
  })
}

test('a direct message cannot bring HTML or a link that runs into an e-mail', () => {
  const body = '<script>alert(1)</script> [a](javascript:alert(1)) " onclick=x'
  const message = { channels: ['email' as const], body }

  const { content } = renderContent({ ...event, type: null, message }, 'email', null, null)

  const { html } = content as { html: string }
  assert.doesNotMatch(html, /<script|href="javascript|" onclick/)
})

for (const channel of channels.filter((name) => name !== 'webhook')) {
  test(`without a template for ${channel} something is sent, and the event says why`, () => {
    const { content, error } = renderContent(event, channel, null, null)

    assert.match(JSON.stringify(content), /the template was not found/)
    assert.equal(error, `no template for order.shipped on ${channel}`)
  })
}

test('a direct message whose template is gone says so', () => {
  const message = { channels: ['sms' as const], template: 'welcome' }

  const { error } = renderContent({ ...event, type: null, message }, 'sms', null, null)

  assert.equal(error, 'no template for welcome on sms')
})

for (const channel of channels) {
  test(`a template that fails on ${channel} does not stop the notification, and the event says why`, () => {
    const forever = '{%- for i in (1..50000000) -%}{%- endfor -%}'
    const source =
      channel === 'email'
        ? { subject: 's', body: forever }
        : { title: 't', body: channel === 'webhook' ? { a: forever } : forever }

    const { content, error } = renderContent(event, channel, template('en', channel, source), null)

    assert.match(JSON.stringify(content), /There was an error processing this notification/)
    assert.match(error ?? '', new RegExp(`^template ${channel}/en v3: memory alloc limit exceeded`))
  })
}
