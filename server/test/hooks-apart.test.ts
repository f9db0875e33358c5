// What hooks keep apart and refuse: workspaces, addresses that are not public, secrets that are none.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  attemptsOf,
  isSignedWith,
  makeHook,
  tellHookStories,
  tellSomebody,
  toldTo,
  type Made,
} from './hook-story.ts'
import { createTestWorkspace, inhabit } from './test-workspace.ts'

const story = tellHookStories()
const only = { types: ['notification.delivered'] }
const shown = async ({ id }: Made) => (await story.trial.ask('GET', `/hooks/${id}`)).body

test('a hook is tried out without a trace', async () => {
  story.receiver.answer = () => ({ status: 500, body: 'no' })
  const made = await makeHook(story, '/tried')

  const failed = await story.trial.ask('POST', `/hooks/${made.id}/test`)
  story.receiver.answer = () => ({})
  const { body } = await story.trial.ask('POST', `/hooks/${made.id}/test`)

  assert.equal(failed.body.is_ok, false)
  assert.equal(failed.body.detail, 'HTTP 500: no')
  assert.equal(body.is_ok, true)
  assert.equal(JSON.parse(toldTo(story, '/tried')[0]!.body).type, 'hook.test')
  assert.ok(isSignedWith(made.secret, toldTo(story, '/tried')[0]!))
  assert.deepEqual(await attemptsOf(story, made), [])
  assert.equal((await shown(made)).failing_since, null)
})

const refused: [string, unknown, string][] = [
  ['a private address', { url: 'http://10.0.0.1/' }, '/url'],
  ['a cloud metadata service', { url: 'http://169.254.169.254/latest' }, '/url'],
  ['a number for an address', { url: 'http://2130706434/' }, '/url'],
  ['a mapped address', { url: 'http://[::ffff:a9fe:a9fe]/' }, '/url'],
  ['a scheme that is none', { url: 'file:///etc/passwd' }, '/url'],
  ['a user and password', { url: 'https://a:b@example.com/' }, '/url'],
  ['a port of a database', { url: 'https://example.com:5432/' }, '/url'],
  ['a weak secret', { url: 'https://example.com/', secret: 'whsec_YQ==' }, '/secret'],
  ['an unknown type', { url: 'https://example.com/', types: ['delivery.lost'] }, '/types/0'],
  ['an unknown field', { url: 'https://example.com/', name: 'x' }, '/name'],
]
for (const [what, body, pointer] of refused)
  test(`${what} is refused`, async () => {
    const answer = await story.trial.ask('POST', '/hooks', body)

    assert.equal(answer.status, 422)
    assert.equal(answer.body.errors[0].pointer, pointer)
  })

test('a hook that leads to a private address by now is not called (S-24)', async () => {
  const made = await makeHook(story, '/moved', only)
  await story.look.rows(`update belfry.hooks set url = 'http://127.0.0.2:1/' where id = $1`, [
    made.id,
  ])
  const host = await makeHook(story, '/named', only)
  await story.look.rows(`update belfry.hooks set url = 'http://localhost:9/' where id = $1`, [
    host.id,
  ])

  await tellSomebody(story)

  for (const one of [made, host])
    assert.match((await attemptsOf(story, one))[0].code, /url_not_allowed|blocked_address/)
})

test('workspaces are apart: their hooks are not seen, not changed, and hear nothing of each other', async () => {
  const made = await makeHook(story, '/mine')
  const own = story.trial
  story.trial = await createTestWorkspace(story.t, 'stranger')
  await inhabit(story.trial, story.people.url)
  await makeHook(story, '/theirs')

  await tellSomebody(story)

  assert.equal(toldTo(story, '/mine').length, 0)
  assert.equal(toldTo(story, '/theirs').length, 2)
  for (const [method, path, body] of [
    ['GET', '', undefined],
    ['PATCH', '', { enabled: false }],
    ['DELETE', '', undefined],
    ['GET', '/attempts', undefined],
    ['POST', '/rotate', undefined],
    ['POST', '/test', undefined],
    ['POST', '/replay', { since: '2020-01-01T00:00:00Z' }],
  ] as const) {
    const answer = await story.trial.ask(method, `/hooks/${made.id}${path}`, body)
    assert.equal(answer.status, 404, `${method} ${path}`)
  }
  assert.equal((await own.ask('GET', `/hooks/${made.id}`)).body.enabled, true)
})

test('the same request to make a hook gets the same hook and secret, and a deleted one is told nothing', async () => {
  const key = { 'idempotency-key': 'hook-1' }
  const body = { url: `${story.receiver.url}/once` }
  const [first, second] = [
    await story.trial.ask('POST', '/hooks', body, key),
    await story.trial.ask('POST', '/hooks', body, key),
  ]
  await story.trial.ask('DELETE', `/hooks/${first.body.id}`)

  await tellSomebody(story)

  assert.deepEqual(second.body, first.body)
  assert.equal(story.receiver.requests.length, 0)
  assert.equal((await story.trial.ask('GET', `/hooks/${first.body.id}`)).status, 404)
})
