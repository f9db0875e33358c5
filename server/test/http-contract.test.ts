// Answers are what openapi.json says: no field missing, none that is not described, times as text.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import ajvFormats from 'ajv-formats'
import { createTestContext } from './test-context.ts'

const t = await createTestContext()
after(() => t.close())
await t.app.ready()

const ajv = new Ajv2020({ strict: false, allErrors: true })
ajvFormats.default(ajv)

type Content = Record<string, { schema: object }>
type Operation = { responses: Record<string, { content?: Content }> }
const document = JSON.parse(
  JSON.stringify(t.app.swagger()).replaceAll(
    '"type":"object","properties"',
    '"type":"object","additionalProperties":false,"properties"',
  ),
) as { paths: Record<string, Record<string, Operation>>; components: object }

const ids: Record<string, string> = {}
let token = ''
const soon = new Date(Date.now() + 3_600_000).toISOString()

// method, path as documented, values for it, body, status; in an order in which each finds its things
const calls: [string, string, Record<string, string>, unknown, number][] = [
  [
    'PUT',
    '/subscribers/{id}',
    { id: 'ana' },
    {
      email: 'ana@example.com',
      data: { a: 1 },
      addresses: { push: [{ kind: 'fcm', token: 't' }] },
    },
    201,
  ],
  ['PATCH', '/subscribers/{id}', { id: 'ana' }, { locale: 'pt' }, 200],
  ['GET', '/subscribers/{id}', { id: 'ana' }, undefined, 200],
  ['GET', '/subscribers', {}, undefined, 200],
  [
    'POST',
    '/subscribers/bulk',
    {},
    { subscribers: [{ id: 'ben' }, { id: 'x', email: 'no' }, 1] },
    200,
  ],
  ['POST', '/topics/{key}/members', { key: 'team' }, { subscribers: ['ana'] }, 200],
  ['PUT', '/topics/{key}/members', { key: 'team' }, { subscribers: ['ana', 'ben'] }, 200],
  ['DELETE', '/topics/{key}/members', { key: 'team' }, { subscribers: ['ben'] }, 200],
  ['GET', '/topics/{key}/members', { key: 'team' }, undefined, 200],
  ['GET', '/topics/{key}', { key: 'team' }, undefined, 200],
  ['GET', '/topics', {}, undefined, 200],
  [
    'PUT',
    '/event-types/{key}',
    { key: 'a' },
    { channels: ['in_app'], retry: { attempts: 1, delay: '1s', backoff: 'fixed' } },
    201,
  ],
  ['GET', '/event-types/{key}', { key: 'a' }, undefined, 200],
  ['GET', '/event-types/{key}/versions', { key: 'a' }, undefined, 200],
  ['GET', '/event-types', {}, undefined, 200],
  ['PUT', '/preferences', {}, { user_id: 'ana', level: 'CRITICAL' }, 200],
  [
    'PATCH',
    '/preferences/{subscriber_id}',
    { subscriber_id: 'ana' },
    { event_types: { a: { in_app: true } }, quiet_hours: { start: '22:00', end: '08:00' } },
    200,
  ],
  ['GET', '/preferences/{subscriber_id}', { subscriber_id: 'ana' }, undefined, 200],
  ['GET', '/preferences/{subscriber_id}/changes', { subscriber_id: 'ana' }, undefined, 200],
  ['PUT', '/preference-defaults', {}, { channels: { sms: false } }, 200],
  ['GET', '/preference-defaults', {}, undefined, 200],
  ...['PUT', 'GET', 'DELETE'].map(
    (method): [string, string, Record<string, string>, undefined, number] => [
      method,
      '/subscribers/{id}/subscriptions/{event_type}',
      { id: 'ana', event_type: 'a' },
      undefined,
      200,
    ],
  ),
  [
    'PUT',
    '/templates/{event_type}/{channel}/{locale}',
    { event_type: 'a', channel: 'in_app', locale: 'default' },
    { title: 'T', body: 'B' },
    201,
  ],
  ...templateCalls(),
  [
    'GET',
    '/templates/{event_type}/{channel}/{locale}',
    { event_type: 'a', channel: 'in_app', locale: 'default' },
    undefined,
    200,
  ],
  [
    'GET',
    '/templates/{event_type}/{channel}/{locale}/versions',
    { event_type: 'a', channel: 'in_app', locale: 'default' },
    undefined,
    200,
  ],
  ['GET', '/templates', {}, undefined, 200],
  [
    'PUT',
    '/sources/{key}',
    { key: 'shop' },
    {
      auth: { kind: 'hmac', secret: 'a secret of theirs', header: 'X-Signature' },
      event: { type: 'a', to: [{ id: '{{ body.id }}' }], require_audience: '/id' },
      response: { body: { id: '{{ event.id }}' } },
    },
    201,
  ],
  ['GET', '/sources/{key}', { key: 'shop' }, undefined, 200],
  ['GET', '/sources', {}, undefined, 200],
  ['POST', '/sources/{key}/test', { key: 'shop' }, { body: { id: 'ana' } }, 200],
  ['POST', '/sources/{key}/test', { key: 'shop' }, { body: {} }, 200],
  ['POST', '/webhooks/{source}', { source: 'shop' }, { id: 'ana' }, 401],
  ['GET', '/sources/{key}/requests', { key: 'shop' }, undefined, 200],
  ['DELETE', '/sources/{key}', { key: 'shop' }, undefined, 204],
  ['GET', '/provider-kinds', {}, undefined, 200],
  ['POST', '/providers', {}, { channel: 'email', kind: 'sandbox', name: 'S', settings: {} }, 201],
  ['PATCH', '/providers/{id}', ids, { priority: 2 }, 200],
  ['GET', '/providers/{id}', ids, undefined, 200],
  ['GET', '/providers', {}, undefined, 200],
  ['POST', '/providers/{id}/test', ids, { to: 'ana@example.com' }, 200],
  ['GET', '/sandbox/messages', {}, undefined, 200],
  ['DELETE', '/sandbox/messages', {}, undefined, 200],
  ['DELETE', '/providers/{id}', ids, undefined, 204],
  ['POST', '/keys', {}, { name: 'K', scopes: ['*'] }, 201],
  ['GET', '/keys', {}, undefined, 200],
  ['DELETE', '/keys/{id}', ids, undefined, 204],
  ['GET', '/stats', {}, undefined, 200],
  ['GET', '/health', {}, undefined, 200],
  ['GET', '/health/ready', {}, undefined, 200],
  [
    'POST',
    '/notifications',
    {},
    { to: ['ana'], channels: ['in_app'], body: 'B', level: 'critical' },
    202,
  ],
  ...feedCalls(),
  ['GET', '/me/preferences/form', {}, undefined, 200],
  ['PATCH', '/me/preferences/form', {}, { level: 'standard' }, 200],
  ['DELETE', '/topics/{key}', { key: 'team' }, undefined, 204],
  ['DELETE', '/subscribers/{id}', { id: 'ben' }, undefined, 204],
  ['GET', '/subscribers/{id}', { id: 'nobody' }, undefined, 404],
  ['PUT', '/subscribers/{id}', { id: 'ana' }, { email: 1 }, 422],
]

for (const [method, path, values, body, status] of calls)
  test(`${method} ${path} answers ${status} as described`, async () => {
    const url = path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
      encodeURIComponent(values[name] ?? ids[name]!),
    )

    const answer = await t.ask(method, url, body, {
      ...(path.startsWith('/me/') && { authorization: `Bearer ${token}` }),
    })

    assert.equal(answer.status, status, JSON.stringify(answer.body))
    if (status === 201 && answer.body.id) ids.id = answer.body.id
    if (answer.body.notification_ids) ids.notification_id = answer.body.notification_ids[0]
    if (answer.body.token) token = answer.body.token
    const { responses } = document.paths[path]![method.toLowerCase()]!
    const content = (responses[status] ?? responses[status < 500 ? '4XX' : '5XX'])?.content
    if (status === 204) return assert.equal(answer.body, '')
    const { schema } = Object.values(content!)[0]!
    const validate = ajv.compile({ ...schema, components: document.components })
    assert.ok(validate(answer.body), JSON.stringify(validate.errors))
  })

/** Versions, previews, and what templates share. */
function templateCalls(): typeof calls {
  const key = { event_type: 'a', channel: 'in_app', locale: 'default' }
  const path = '/templates/{event_type}/{channel}/{locale}'
  const shared = [
    ['/layouts', { name: 'x' }, { body: '{{ content }}' }],
    ['/partials', { name: 'x' }, { body: 'B' }],
    ['/translations', { locale: 'pt-BR' }, { messages: { a: { b: 'C' } } }],
  ] as const
  return [
    ['GET', `${path}/versions/{version}`, { ...key, version: '1' }, undefined, 200],
    ['POST', `${path}/versions/{version}/restore`, { ...key, version: '1' }, undefined, 200],
    ['DELETE', path, key, undefined, 204],
    ['POST', `${path}/versions/{version}/restore`, { ...key, version: '1' }, undefined, 200],
    ['POST', '/templates/preview', {}, { channel: 'sms', template: { body: 'B' } }, 200],
    ...shared.flatMap(([list, name, body]): typeof calls => {
      const one = `${list}/{${Object.keys(name)[0]}}`
      return [
        ['PUT', one, name, body, 201],
        ['GET', one, name, undefined, 200],
        ['GET', list, {}, undefined, 200],
        ['GET', `${one}/versions`, name, undefined, 200],
        ['DELETE', one, name, undefined, 204],
        ['POST', `${one}/versions/{version}/restore`, { ...name, version: '1' }, undefined, 200],
      ]
    }),
  ]
}

/** Both ways to the same feed, with something in it. */
function feedCalls(): typeof calls {
  const ways: [string, Record<string, string>][] = [
    ['/subscribers/{id}/notifications', { id: 'ana' }],
    ['/me/notifications', {}],
  ]
  const item = ['seen', 'read', 'unread', 'acknowledge', 'archive', 'unarchive', 'unsnooze']
  return [
    ['POST', '/subscribers/{id}/token', { id: 'ana' }, {}, 201],
    ...ways.flatMap(([path, who]): typeof calls => [
      ['GET', path, who, undefined, 200],
      ['GET', `${path}/counts`, who, undefined, 200],
      ...item.map((word): (typeof calls)[number] => [
        'POST',
        `${path}/{notification_id}/${word}`,
        who,
        undefined,
        200,
      ]),
      ['POST', `${path}/{notification_id}/snooze`, who, { until: soon }, 200],
      ['POST', `${path}/seen`, who, { ids: ['01a1fbb4-bd9c-7130-a956-2f575e613672'] }, 200],
      ['POST', `${path}/read-all`, who, {}, 200],
      ['POST', `${path}/archive-all`, who, { category: 'a' }, 200],
    ]),
  ]
}
