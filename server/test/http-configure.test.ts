// Templates and providers over HTTP.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createTestContext } from './test-context.ts'

const t = await createTestContext()
after(() => t.close())
before(() => t.ask('PUT', '/event-types/order.shipped', { channels: ['email'] }))

test('a template is kept in versions, per channel and language', async () => {
  const url = '/templates/order.shipped/email'
  const first = await t.ask('PUT', `${url}/pt-br`, { subject: 'A {{ order_id }}', body: 'B' })
  const same = await t.ask('PUT', `${url}/pt-BR`, { subject: 'A {{ order_id }}', body: 'B' })
  const second = await t.ask('PUT', `${url}/pt-BR`, { subject: 'A {{ order_id }}', body: 'C' })
  await t.ask('PUT', `${url}/default`, { subject: 'A', body: 'B' })

  assert.deepEqual([first.status, same.status, second.status], [201, 200, 200])
  assert.equal(first.body.locale, 'pt-BR')
  assert.deepEqual([same.body.version, second.body.version], [1, 2])
  assert.equal((await t.ask('GET', `${url}/pt-BR/versions`)).body.count, 2)
  const { body } = await t.ask('GET', '/templates?event_type=order.shipped&channel=email')
  assert.deepEqual(
    body.templates.map(({ locale, version }: Record<string, unknown>) => [locale, version]),
    [
      ['default', 1],
      ['pt-BR', 2],
    ],
  )
})

// channel, template, code, pointer, detail
const refusedTemplates: [string, object, string, string, RegExp][] = [
  ['email', { body: 'x' }, 'invalid_request', '/subject', /required/],
  ['email', { subject: 'a', body: 'b', html: 'c' }, 'invalid_request', '/html', /not known/],
  ['sms', { title: 'a', body: 'b' }, 'invalid_request', '/title', /not known/],
  ['email', { subject: 'a', body: 'line\n{{ x' }, 'invalid_template', '/body', /line 2, column 1/],
  ['in_app', { title: '{{ x | nonsense }}', body: 'b' }, 'invalid_template', '/title', /nonsense/],
  ['in_app', { title: '{% include "a" %}', body: 'b' }, 'invalid_template', '/title', /include/],
  ['webhook', { body: { a: ['{% if %}'] } }, 'invalid_template', '/body/a/0', /line 1/],
]
for (const [channel, body, code, pointer, detail] of refusedTemplates)
  test(`a template for ${channel} is refused: ${JSON.stringify(body)}`, async () => {
    const answer = await t.ask('PUT', `/templates/order.shipped/${channel}/default`, body)

    assert.equal(answer.body.code, code)
    assert.equal(answer.body.errors[0].pointer, pointer)
    assert.match(answer.body.errors[0].detail, detail)
  })

test('a template needs an event type, a channel and a language that exist', async () => {
  const body = { subject: 'a', body: 'b' }

  const noType = await t.ask('PUT', '/templates/nothing/email/default', body)
  assert.equal(noType.body.code, 'unknown_event_type')
  assert.equal((await t.ask('PUT', '/templates/order.shipped/fax/default', body)).status, 422)
  assert.equal((await t.ask('PUT', '/templates/order.shipped/email/x_', body)).status, 422)
})

const smtp = { host: '127.0.0.1', port: 1, secure: 'never', from: 'shop@example.com' }
const login = { user: 'shop', password: 'hunter2' }

test('the secrets of a provider go in and never come out', async () => {
  const made = await t.ask('POST', '/providers', {
    channel: 'email',
    kind: 'smtp',
    name: 'Post',
    settings: { host: 'smtp.example.com', from: 'shop@example.com', ...login },
  })
  assert.equal(made.status, 201, JSON.stringify(made.body))
  const url = `/providers/${made.body.id}`
  assert.deepEqual(made.body.secrets, ['password'])

  const patched = await t.ask('PATCH', url, {
    settings: { port: 2525, from: 'post@example.com', password: 'hunter2' },
  })
  assert.equal(patched.body.settings.port, 2525)
  const renamed = await t.ask('PATCH', url, { settings: { from: 'shop@example.com' } })
  assert.deepEqual(renamed.body.secrets, ['password'], 'a secret that is not given stays')
  const cleared = await t.ask('PATCH', url, { settings: { user: null, password: null } })
  assert.deepEqual(cleared.body.secrets, [])

  const client = await t.ctx.db.connect()
  const { rows } = await client.query('select settings::text, secrets from belfry.providers')
  await client.end()
  const all = [
    made.body,
    patched.body,
    await t.ask('GET', url),
    await t.ask('GET', '/providers'),
    rows,
  ]
  assert.ok(!JSON.stringify(all).includes('hunter2'))
  assert.equal((await t.ask('DELETE', url)).status, 204)
  assert.equal((await t.ask('GET', url)).status, 404)
})

const mail = { host: 'smtp.example.com', from: 'shop@example.com' }

// kind, its settings, what would lead its secrets elsewhere, the secret that must be given again
const moves: [string, Record<string, unknown>, Record<string, unknown>, string][] = [
  ['smtp', { ...mail, ...login }, { host: 'elsewhere.example.com' }, 'password'],
  ['smtp', { ...mail, ...login }, { port: 2525 }, 'password'],
  [
    'webhook',
    { url: 'https://example.com', headers: { authorization: 'Bearer 3c9f2b' } },
    { url: 'https://elsewhere.example.com' },
    'headers',
  ],
]
for (const [kind, settings, change, secret] of moves)
  test(`the ${secret} of a provider cannot be led elsewhere by ${JSON.stringify(change)}`, async () => {
    const channel = kind === 'smtp' ? 'email' : 'webhook'
    const provider = { channel, kind, name: JSON.stringify(change), settings }
    const { body } = await t.ask('POST', '/providers', provider)
    const url = `/providers/${body.id}`

    const refused = await t.ask('PATCH', url, { settings: change })
    const kept = await t.ask('GET', url)
    const known = { ...change, [secret]: settings[secret] }
    const moved = await t.ask('PATCH', url, { settings: known })

    assert.equal(refused.status, 422)
    assert.equal(refused.body.errors[0].pointer, `/settings/${secret}`)
    assert.deepEqual(kept.body.settings, body.settings)
    assert.deepEqual([moved.status, moved.body.secrets], [200, [secret]])
  })

// body, code, pointer
const refusedProviders: [Record<string, unknown>, string, string][] = [
  [{ kind: 'smpt' }, 'invalid_request', '/kind'],
  [{ channel: 'in_app' }, 'invalid_request', '/channel'],
  [{ channel: 'sms' }, 'invalid_request', '/kind'],
  [{ settings: {} }, 'invalid_provider_settings', '/settings/host'],
  [{ settings: { ...smtp, hots: 1 } }, 'invalid_provider_settings', '/settings/hots'],
  [
    { channel: 'webhook', kind: 'webhook', settings: { url: 'http://169.254.169.254/' } },
    'invalid_provider_settings',
    '/settings/url',
  ],
]
for (const [change, code, pointer] of refusedProviders)
  test(`a provider is refused: ${JSON.stringify(change)}`, async () => {
    const body = { channel: 'email', kind: 'smtp', name: 'No', settings: { host: 'h' }, ...change }
    const answer = await t.ask('POST', '/providers', body)

    assert.equal(answer.body.code, code, JSON.stringify(answer.body))
    assert.ok(answer.body.errors.some((error: { pointer: string }) => error.pointer === pointer))
  })

test('two providers of a channel cannot have one name', async () => {
  const body = { channel: 'sms', kind: 'sandbox', name: 'One', settings: {} }
  const first = await t.ask('POST', '/providers', body)
  const other = await t.ask('POST', '/providers', { ...body, name: 'Two' })

  assert.equal((await t.ask('POST', '/providers', body)).body.code, 'already_exists')
  const renamed = await t.ask('PATCH', `/providers/${other.body.id}`, { name: 'One' })
  assert.equal(renamed.body.code, 'already_exists')
  assert.equal(first.status, 201)
})

test('trying a provider out tells what happens, and sends one message when asked to', async () => {
  const body = { channel: 'email', kind: 'sandbox', name: 'Try', settings: {} }
  const { id } = (await t.ask('POST', '/providers', body)).body

  const checked = await t.ask('POST', `/providers/${id}/test`)
  assert.deepEqual([checked.body.is_ok, checked.body.outcome], [null, 'unchecked'])
  const headers = { 'idempotency-key': 'try' }
  const sent = await t.ask('POST', `/providers/${id}/test`, { to: 'ana@example.com' }, headers)
  assert.equal(sent.body.outcome, 'delivered')
  const again = await t.ask('POST', `/providers/${id}/test`, { to: 'ana@example.com' }, headers)
  assert.equal(again.headers['idempotency-replayed'], 'true')
  assert.equal((await t.ask('POST', `/providers/${id}/test`, { to: 'ana' })).status, 422)

  const { body: caught } = await t.ask('GET', '/sandbox/messages?to=ana@example.com')
  assert.equal(caught.count, 1)
})

test('trying out a webhook without a message says that nothing was sent', async () => {
  const settings = { secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' }
  const given = { channel: 'webhook', kind: 'webhook', name: 'Untried', settings }
  const { id } = (await t.ask('POST', '/providers', given)).body

  const { body } = await t.ask('POST', `/providers/${id}/test`)

  assert.deepEqual([body.is_ok, body.outcome], [null, 'unchecked'])
  assert.match(body.detail, /Nothing was sent/)
})

test('a provider cannot be tried out again and again', async () => {
  const body = { channel: 'push', kind: 'sandbox', name: 'Scan', settings: {} }
  const { id } = (await t.ask('POST', '/providers', body)).body

  const answers = []
  for (let i = 0; i < 11; i++) answers.push(await t.ask('POST', `/providers/${id}/test`))

  const last = answers.at(-1)!
  assert.equal(last.body.code, 'rate_limited')
  assert.ok(Number(last.headers['retry-after']) > 0)
})
