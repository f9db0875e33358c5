import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createLook, given, type Look } from '../../test/given.ts'
import { createTestContext, type TestContext } from '../../test/test-context.ts'
import { defaultWorkspaceId } from '../system.ts'
import { finish, notify } from './notify.ts'
import { withTextsAhead } from './texts-ahead.ts'

let belfry: TestContext
let look: Look

before(async () => {
  belfry = await createTestContext()
  look = createLook(belfry.connection)
  await given.subscriber(belfry, 'ana', { email: 'ana@example.com' })
})

after(async () => {
  await look.close()
  await belfry.close()
})

test('a delivery that begins while its worker stops is given back at once', async () => {
  const worker = belfry.work()
  const accepting = { workspaceId: defaultWorkspaceId, traceparent: null }
  const message = { to: ['ana'], channels: ['email' as const], body: 'Hello' }
  const { ctx } = belfry
  const notified = await withTextsAhead(ctx, (texts) =>
    ctx.db.transaction((tx) =>
      notify(ctx, tx, accepting, message, { takesAddresses: false, texts }),
    ),
  )
  assert.equal(notified.begun.length, 1)

  await worker.stop()
  await finish(belfry.ctx, notified, true)

  const [left] = await look.rows('select worker, attempt, due_at from belfry.queue')
  assert.deepEqual([left.worker, left.attempt], [null, 0])
  assert.ok(left.due_at <= belfry.clock.now())
})

test('one that was cancelled meanwhile ends as cancelled', async () => {
  const worker = belfry.work()
  const accepting = { workspaceId: defaultWorkspaceId, traceparent: null }
  const message = { to: ['ana'], channels: ['email' as const], body: 'Hello' }
  const { ctx } = belfry
  const notified = await withTextsAhead(ctx, (texts) =>
    ctx.db.transaction((tx) =>
      notify(ctx, tx, accepting, message, { takesAddresses: false, texts }),
    ),
  )
  const [id] = notified.notificationIds
  assert.equal(notified.begun.length, 1)

  await worker.stop()
  const { status } = await belfry.ask('POST', `/notifications/${id}/cancel`)
  await finish(belfry.ctx, notified, true)

  assert.equal(status, 409)
  const { body } = await belfry.ask('GET', `/notifications/${id}`)
  assert.deepEqual([body.status, body.reason, body.attempt_count], ['cancelled', 'cancelled', 0])
})

test('while the text of a message is rendered apart, no transaction is open', async (t) => {
  await given.eventType(belfry, 'slow', { channels: ['in_app', 'email'] })
  const subject = '{{ event.id }}' // known before the message is stored, and the same in the end
  const body = '<style>p { color: red }</style><p>{{ subscriber.id }}</p>'
  await given.template(belfry, 'slow', 'email', { subject, body })
  await given.template(belfry, 'slow', 'in_app', { title: 'Hi', body: 'Short' })
  const { renderer } = belfry.ctx
  const { render } = renderer
  const open: string[][] = []
  t.mock.method(renderer, 'render', async (...asked: Parameters<typeof render>) => {
    const seen = await look.rows(
      `select query from pg_stat_activity
       where datname = current_database() and state like 'idle in transaction%'`,
    )
    open.push(seen.map(({ query }) => query))
    return render(...asked)
  })
  const message = { to: ['ana', { id: 'ben', email: 'ben@example.com' }], template: 'slow' }

  const key = { 'idempotency-key': 'slow/1' }
  const channels = ['email', 'in_app']
  const { status, body: answer } = await belfry.ask(
    'POST',
    '/notifications',
    { ...message, channels },
    key,
  )

  assert.equal(status, 202, JSON.stringify(answer))
  assert.deepEqual(open, [[]])
  const texts = await look.rows(
    `select content->>'subject' subject, content->>'html' html from belfry.contents
     where content->>'subject' = $1 order by 2`,
    [answer.event_id],
  )
  assert.deepEqual(texts.map(({ subject }) => subject), [answer.event_id, answer.event_id]) // prettier-ignore
  assert.match(texts[0].html, /color: red.*ana/)
  assert.match(texts[1].html, /color: red.*ben/)
  const [{ count }] = await look.rows(`select count(*)::int from belfry.events where id = $1`, [
    answer.event_id,
  ])
  assert.equal(count, 1)
})
