// A subscriber with a token of their own: what it reaches, for how long, and everything that is no token.
import assert from 'node:assert/strict'
import { createHmac, createSecretKey } from 'node:crypto'
import { after, test } from 'node:test'
import { SignJWT, UnsecuredJWT } from 'jose'
import { given } from './given.ts'
import { createKey, createTestContext } from './test-context.ts'

const t = await createTestContext()
after(() => t.close())
await given.subscriber(t, 'ana')
await given.subscriber(t, 'ben')

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

async function tokenFor(id: string, body: unknown = {}): Promise<string> {
  const made = await t.ask('POST', `/subscribers/${id}/token`, body)
  assert.equal(made.status, 201, JSON.stringify(made.body))
  return made.body.token
}

test('with a token a person sees and changes their own preferences, and nobody else’s', async () => {
  const token = await tokenFor('ana')

  const changed = await t.ask(
    'PATCH',
    '/me/preferences',
    { channels: { sms: false } },
    bearer(token),
  )
  const shown = await t.ask('GET', '/me/preferences', undefined, bearer(token))

  assert.equal(changed.status, 200, JSON.stringify(changed.body))
  assert.deepEqual(shown.body, changed.body)
  assert.equal(shown.body.channels.sms, false)
  assert.equal((await t.ask('GET', '/preferences/ana')).body.channels.sms, false)
  assert.notEqual((await t.ask('GET', '/preferences/ben')).body.channels.sms, false)
  const { body } = await t.ask('GET', '/preferences/ana/changes')
  assert.equal(body.changes[0].by.kind, 'subscriber')
})

test('a token reaches nothing but what is below /me, and a secret key nothing there', async () => {
  const token = await tokenFor('ana')

  for (const url of ['/subscribers/ana', '/preferences/ana', '/notifications', '/keys', '/stats'])
    assert.equal((await t.ask('GET', url, undefined, bearer(token))).status, 403, url)
  const others = await t.ask('GET', '/subscribers/ben/notifications', undefined, bearer(token))
  assert.equal(others.body.code, 'insufficient_scope')
  assert.equal((await t.ask('GET', '/stats', undefined, bearer(`${token}x`))).status, 401)
  assert.equal((await t.ask('GET', '/me/preferences')).status, 401)
})

test('a token is over when it says so, give or take 30 seconds', async () => {
  const made = await t.ask('POST', '/subscribers/ana/token', { expires_in: '1m' })
  const answers: number[] = []
  for (const seconds of [0, 85, 10]) {
    t.clock.advance({ seconds })
    const { status } = await t.ask('GET', '/me/preferences', undefined, bearer(made.body.token))
    answers.push(status)
  }

  assert.deepEqual(answers, [200, 200, 401])
})

const now = () => Math.floor(t.clock.now().getTime() / 1_000)
const key = createSecretKey(Buffer.alloc(32, 7))
const claims = { workspace: 1, sub: 'ana', aud: 'inbox', iat: now(), exp: now() + 600 }
const own = t.ctx.secrets.tokenKey
const signed = (body: object, header: object = {}, by: Uint8Array | typeof key = own) =>
  new SignJWT({ ...claims, iat: now(), exp: now() + 600, ...body })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT', kid: '1', ...header })
    .sign(by)

/** Signed as HS256 would be, whatever the header says. */
function forged(header: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const text = `${part(header)}.${part(claims)}`
  return `${text}.${createHmac('sha256', own).update(text).digest('base64url')}`
}

const noTokens: [string, () => Promise<string> | string][] = [
  ['nothing', () => ''],
  ['no JWT', () => 'a.b.c'],
  ['one signed by somebody else', () => signed({}, {}, key)],
  ['one without a signature', () => new UnsecuredJWT(claims).encode()],
  ['one for another use', () => signed({ aud: 'api' })],
  ['one that is over', () => signed({ exp: now() - 31 })],
  ['one that never ends', () => signed({ exp: undefined })],
  ['one of no workspace', () => signed({ workspace: undefined })],
  ['one of a workspace that is no number', () => signed({ workspace: '1' })],
  ['one of nobody', () => signed({ sub: undefined })],
  ['one with another key id', () => signed({}, { kid: '../../x' })],
  ['another algorithm', () => signed({}, { alg: 'HS512' })],
  ['another algorithm in name only', () => forged({ alg: 'RS256', kid: '1' })],
  ['one of a megabyte', () => signed({ x: 'x'.repeat(6_000) })],
  [
    'a changed one',
    async () => (await signed({})).replace(/.$/, (last) => (last === 'A' ? 'E' : 'A')),
  ],
]
for (const [what, make] of noTokens)
  test(`it is no token: ${what}`, async () => {
    const answer = await t.ask('GET', '/me/preferences', undefined, bearer(await make()))

    assert.equal(answer.status, 401, JSON.stringify(answer.body))
    assert.equal(answer.body.code, 'unauthenticated')
  })

test('a token that only lacks nothing is one', async () => {
  const answer = await t.ask('GET', '/me/preferences', undefined, bearer(await signed({})))

  assert.equal(answer.status, 200)
})

test('a token of somebody who is deleted meanwhile finds nobody', async () => {
  await given.subscriber(t, 'cleo')
  const token = await tokenFor('cleo')
  await t.ask('DELETE', '/subscribers/cleo')

  assert.equal((await t.ask('GET', '/me/preferences', undefined, bearer(token))).status, 404)
})

// what is asked for, the status
const refused: [string, unknown, number][] = [
  ['nobody', {}, 404],
  ['ana', { expires_in: '16m' }, 422],
  ['ana', { expires_in: '0s' }, 422],
  ['ana', { expires_in: 'soon' }, 422],
]
for (const [id, body, status] of refused)
  test(`no token is made for ${id} with ${JSON.stringify(body)}`, async () => {
    assert.equal((await t.ask('POST', `/subscribers/${id}/token`, body)).status, status)
  })

test('making tokens needs a scope of its own', async () => {
  const reader = await createKey(t.ctx, ['subscribers:write'])

  const answer = await t.ask('POST', '/subscribers/ana/token', {}, bearer(reader))

  assert.deepEqual([answer.status, answer.body.scope], [403, 'tokens:write'])
})
