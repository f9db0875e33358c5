import assert from 'node:assert/strict'
import { test } from 'node:test'
import { channels, type Channel } from '../domain/channel.ts'
import type { Event } from '../domain/event.ts'
import type { TemplateSource } from '../domain/template.ts'
import { chooseTemplate, contentWithoutTemplate, failedContent, scopeOf } from './content.ts'
import { renderOne } from './render-batch.ts'
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
  scheduledLocal: null,
  timezone: null,
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
  [['zh-Hant', 'zh', 'en'], 'zh-Hant-TW', 'zh-Hant'],
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

  const subscriber = { id: 'ana' }
  const rendered = renderOne(template('en', 'sms', { body }), scopeOf(event, null), { subscriber })

  assert.deepEqual(rendered, { content: { body: '7 e1 2026-11-21T12:00:00.000Z ana' } })
})

test('a webhook without a template carries the facts', () => {
  assert.deepEqual(contentWithoutTemplate(event, 'webhook', null), {
    content: {
      body: { type: 'order.shipped', timestamp: '2026-11-21T12:00:00.000Z', data: { order: 7 } },
    },
    error: null,
  })
})

test('a direct message as a webhook carries its words and parameters', () => {
  const message = { channels: ['webhook' as const], subject: 'Hi', body: 'there' }

  const { content } = contentWithoutTemplate({ ...event, type: null, message }, 'webhook', null)

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
      text: '1 < 2',
    },
  ],
]
for (const [channel, expected] of words) {
  test(`the words of a direct message on ${channel}`, () => {
    const message = { channels: [channel], subject: 'Hi\nyou', body: '1 < 2' }

    const { content, error } = contentWithoutTemplate(
      { ...event, type: null, message },
      channel,
      null,
    )

    const { html, ...rest } = content as { html?: string }
    assert.deepEqual([rest, error], [expected, null])
    if (channel === 'email') assert.match(html!, />1 &lt; 2<\/p>/)
  })
}

test('a direct message cannot bring HTML or a link that runs into an e-mail', () => {
  const body = '<script>alert(1)</script> [a](javascript:alert(1)) " onclick=x'
  const message = { channels: ['email' as const], body }

  const { content } = contentWithoutTemplate({ ...event, type: null, message }, 'email', null)

  const { html } = content as { html: string }
  assert.doesNotMatch(html, /<script|href="javascript|" onclick/)
})

for (const channel of channels.filter((name) => name !== 'webhook')) {
  test(`without a template for ${channel} something is sent, and the event says why`, () => {
    const { content, error } = contentWithoutTemplate(event, channel, null)

    assert.match(JSON.stringify(content), /the template was not found/)
    assert.equal(error, `no template for order.shipped on ${channel}`)
  })
}

test('a direct message whose template is gone says so', () => {
  const message = { channels: ['sms' as const], template: 'welcome' }

  const { error } = contentWithoutTemplate({ ...event, type: null, message }, 'sms', null)

  assert.equal(error, 'no template for welcome on sms')
})

const fallback = { title: 'Sorry', body: 'Something is wrong on our side.' }

for (const channel of channels) {
  test(`the text instead of one that failed on ${channel}`, () => {
    const failed = template('en', channel, sourceFor(channel))

    const usual = failedContent(failed, null, 'line 1, column 3: no')
    const own = failedContent(failed, fallback, 'no')

    assert.match(JSON.stringify(usual.content), /There was an error processing this notification/)
    assert.equal(usual.error, `template ${channel}/en v3: line 1, column 3: no`)
    assert.match(JSON.stringify(own.content), /Something is wrong on our side/)
  })
}

test('an event type has its own words for a template that is not there', () => {
  const { content } = contentWithoutTemplate(event, 'in_app', fallback)

  assert.deepEqual(content, fallback)
})

function sourceFor(channel: Channel): TemplateSource {
  return channel === 'email' ? { subject: 's', body: 'b' } : { title: 't', body: 'b' }
}
