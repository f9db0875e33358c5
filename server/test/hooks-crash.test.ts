// A process is killed without warning wherever it tells a hook something, and the stream of another goes on: whatever
// became of a notification is told, under one id, and a call is made twice only where nobody can say whether it was made.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Fault } from './faults.ts'
import { createLook, given, until, type Look } from './given.ts'
import { startProcess } from './process.ts'
import { createHttpSink, type HttpSink } from './sinks.ts'
import { openStream } from './stream-client.ts'
import { createTestContext, type TestContext } from './test-context.ts'

let t: TestContext
let look: Look
let people: HttpSink
let receiver: HttpSink
let url: string
const count = 40
const callsOfOneHook = 8 // of those under way when it dies nobody can say

before(async () => {
  t = await createTestContext()
  look = createLook(t.connection)
  people = await createHttpSink()
  receiver = await createHttpSink()
  await given.webhooks(t)
  await given.topic(t, 'all', await given.people(t, count, people.url))
  url = await t.app.listen({ port: 0 })
})
after(async () => {
  await t.close()
  await look.close()
  await people.close()
  await receiver.close()
})

// what is done, a part of its statement, when the process dies
const points: [string, string | null, Fault['when']][] = [
  ['reading results', 'select types, since::text as since', 'before'],
  ['storing what a hook is told', 'insert into belfry.hook_messages', 'after'],
  ['remembering how far it has read', 'set since = $', 'after'],
  ['a call was begun', null, 'after'],
  ['writing down how a call ended', 'insert into belfry.hook_attempts', 'before'],
  ['writing down how a call ended', 'insert into belfry.hook_attempts', 'after'],
]

for (const [point, statement, when] of points)
  test(`killed ${when} ${point}, a process leaves nothing untold`, async (story) => {
    const path = `/${when}-${point.replaceAll(' ', '-')}`
    const { body: hook } = await t.ask('POST', '/hooks', {
      url: receiver.url + path,
      types: ['delivery.delivered'],
    })
    story.after(() => t.ask('DELETE', `/hooks/${hook.id}`))
    const stream = await openStream(url, { token: t.key, path: '/stream?types=delivery.delivered' })
    story.after(() => stream.close())
    await until('it has begun', () => stream.position() !== null)
    const faults: Fault[] = statement === null ? [] : [{ statement, nth: 1, when, what: 'die' }]
    const aheadMs = t.clock.now().getTime() - Date.now()
    const victim = await startProcess(t, { faults, aheadMs, worker: { pollMs: 10 } })
    const direct = { to: [{ topic: 'all' }], channels: ['webhook'], message: 'Hello' }
    if (statement === null) {
      receiver.answer = () => (victim.kill('SIGKILL'), null)
    }
    await t.ask('POST', '/notifications', direct)
    assert.deepEqual(await victim.exited, { code: null, signal: 'SIGKILL' })

    receiver.answer = () => ({})
    const successor = t.work({ pollMs: 10, sweepMs: 30 })
    let looks = 0
    await until('the hook was told all', async () => {
      if (++looks % 20 === 0) t.clock.advance({ minutes: 1 }) // more than any lease
      const told = `select count(*) from belfry.hook_messages where hook_id = $1 and status = 'delivered'`
      return (await look.number(told, [hook.id])) === count
    })
    await successor.stop()

    const calls = receiver.requests.filter((request) => request.path === path)
    const messages = new Map(calls.map((call) => [call.headers['webhook-id'], call.body]))
    const told = [...messages.values()].map((body) => JSON.parse(body).data.id)
    assert.equal(told.length, count)
    assert.equal(new Set(told).size, count, 'each under one id')
    await until('the stream has told all', () => stream.heard.length >= count)
    assert.deepEqual(new Set(stream.heard.map(({ data }) => data.data.id)), new Set(told))
    assert.equal(stream.heard.length, count)
    assert.ok(calls.length <= count + callsOfOneHook, `${calls.length} calls`)
  })
