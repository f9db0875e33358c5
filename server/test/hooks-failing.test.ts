// A hook that fails: it is left alone for longer and longer, loses nothing by it, and is switched off only for a trouble
// that lasts. And one whose place among results is of another database, or whose address has changed.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { given, until } from './given.ts'
import {
  attemptsOf,
  makeHook,
  tellHookStories,
  tellSomebody,
  toldTo,
  type Made,
} from './hook-story.ts'

const story = tellHookStories()
const only = { types: ['notification.delivered'] }
const shown = async ({ id }: Made) => (await story.trial.ask('GET', `/hooks/${id}`)).body
const later = (by: string) => story.trial.advance({ by })

test('a receiver that is down is asked now and then, by one message, and told all when it is back', async () => {
  story.receiver.answer = () => ({ status: 503 })
  const made = await makeHook(story, '/down', only)
  const count = 8

  for (let i = 0; i < count; i++) await tellSomebody(story)
  await later('1h')
  const calls = toldTo(story, '/down').length
  const { not_before, failing_since } = await shown(made)
  const log: { next_attempt_at: string | null }[] = await attemptsOf(story, made)
  const planned = log.flatMap(({ next_attempt_at }) => next_attempt_at ?? [])
  story.receiver.answer = () => ({})
  await later('4h')

  assert.ok(calls >= 5 && calls <= 8, `${calls} calls in an hour`)
  assert.ok(Date.parse(not_before) > Date.parse(failing_since))
  assert.ok(planned.length > 0 && planned.every((at) => at >= not_before))
  const taken = (await attemptsOf(story, made, '?limit=100')).filter(
    ({ outcome }: { outcome: string }) => outcome === 'delivered',
  )
  assert.equal(
    new Set(taken.map(({ message_id }: { message_id: string }) => message_id)).size,
    count,
  )
  const { not_before: none, failing_since: well } = await shown(made)
  assert.deepEqual([none, well], [null, null])
})

test('who has something told again need not wait for it, nor who gives another address', async () => {
  story.receiver.answer = ({ path }) => ({ status: path === '/new' ? 200 : 503 })
  const made = await makeHook(story, '/down', only)
  const calls = () => toldTo(story, '/down').length
  await tellSomebody(story)
  await later('4d')

  await tellSomebody(story)
  await tellSomebody(story)
  const held = calls()
  const since = '2030-01-01T00:00:00Z'
  await story.trial.ask('POST', `/hooks/${made.id}/replay`, { since })
  await later('1s')
  const replayed = calls()
  await story.trial.ask('PATCH', `/hooks/${made.id}`, { url: `${story.receiver.url}/new` })
  await later('1m')

  assert.deepEqual([held, replayed], [11, 12])
  assert.equal(toldTo(story, '/new').length, 3)
})

test('a failure now and another one in a week do not switch a hook off', async () => {
  story.receiver.answer = () => ({ status: 503 })
  const made = await makeHook(story, '/quiet', only)
  await tellSomebody(story)
  await later('6d') // all attempts of the only message failed, and then there was nothing to tell

  story.receiver.answer = () => ({ status: toldTo(story, '/quiet').length === 11 ? 503 : 200 })
  await tellSomebody(story)
  const afterOne = await shown(made)
  await later('1h')

  assert.equal(afterOne.enabled, true)
  assert.ok(
    Date.parse(await story.trial.now()) - Date.parse(afterOne.failing_since) < 2 * 3_600_000,
  )
  assert.equal(toldTo(story, '/quiet').length, 12)
  assert.equal((await shown(made)).failing_since, null)
})

test('a receiver that asks for patience, and was called only a few times, is not switched off', async () => {
  story.receiver.answer = () => ({ status: 503, headers: { 'retry-after': '86400' } })
  const made = await makeHook(story, '/patient', only)

  await tellSomebody(story)
  await later('6d')

  assert.ok(toldTo(story, '/patient').length < 10)
  assert.equal((await shown(made)).enabled, true)
})

test('a hook of a database that was restored elsewhere begins anew, and is told so', async () => {
  const made = await makeHook(story, '/moved')
  const named = await makeHook(story, '/named', only)
  const far = 2n ** 40n + 99n
  await story.look.rows(
    `insert into belfry.results (workspace_id, xid, type, at, hook_id, reason)
     values ($1, $2::text::xid8, 'hook.disabled', now(), gen_random_uuid(), 'gone')`,
    [story.trial.id, String(far - 1n)],
  )
  await story.look.rows(`update belfry.hooks set since = $2::pg_snapshot where workspace_id = $1`, [
    story.trial.id,
    `${far}:${far}:`,
  ])

  await later('1s')
  await tellSomebody(story)

  const told = toldTo(story, '/moved').map(({ body }) => JSON.parse(body))
  const resets = told.filter(({ type, data }) => type === 'hook.reset' && data.id === made.id)
  assert.equal(resets.length, 1)
  assert.equal(resets[0].data.reason, 'restored')
  assert.ok(told.some(({ type }) => type === 'notification.delivered'))
  assert.equal(told.filter(({ type }) => type === 'hook.disabled').length, 0)
  assert.equal(toldTo(story, '/named').length, 1)
  for (const hook of [made, named]) assert.notEqual((await shown(hook)).reset_at, null)
  const isLogged = ({ hookId, msg }: Record<string, unknown>) =>
    hookId === named.id && /anew/.test(String(msg))
  assert.ok(story.t.logged.some(isLogged))
})

test('that an address is gone does not switch off a hook that has got another one meanwhile', async () => {
  const { t, receiver } = story
  let answerNow = () => {}
  receiver.answer = ({ path }, response) => {
    if (path !== '/left') return {}
    answerNow = () => response.writeHead(410).end()
    return null
  }
  await given.webhooks(t)
  await given.subscriber(t, 'ana', { addresses: { webhook: `${story.people.url}/ana` } })
  const { body: hook } = await t.ask('POST', '/hooks', { url: `${receiver.url}/left`, ...only })
  const worker = t.work({ pollMs: 10 })
  await t.ask('POST', '/notifications', { to: ['ana'], channels: ['webhook'], message: 'Hi' })
  await until('it is called', () => toldTo(story, '/left').length === 1)

  await t.ask('PATCH', `/hooks/${hook.id}`, { url: `${receiver.url}/found` })
  answerNow()
  await until('that was written down', async () => {
    return (await t.ask('GET', `/hooks/${hook.id}/attempts`)).body.count > 0
  })
  t.clock.advance({ seconds: 10 })
  await until('it is told at its new address', () => toldTo(story, '/found').length === 1)
  await worker.stop()

  const { body } = await t.ask('GET', `/hooks/${hook.id}`)
  assert.deepEqual([body.enabled, body.failing_since], [true, null])
})
