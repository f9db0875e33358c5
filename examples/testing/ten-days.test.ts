// Ten days in a second: a schedule, a digest, quiet hours and a retry, tested as they are in production.
//
//   node --test examples/testing/ten-days.test.ts
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, test } from 'node:test'
import { createBelfry, type Belfry } from 'belfry'

const apiKey = 'bf_sk_OnlyForTestsOnlyForTestsOnlyForTests'
let dataDir: string
let belfry: Belfry

before(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'belfry-'))
  const roles = ['api', 'worker', 'scheduler'] as const
  belfry = await createBelfry({ isTest: true, dataDir, apiKey, port: 0, roles, logLevel: 'error' })

  await belfry.clock.advance({ to: '2031-03-03T08:00:00Z' }) // a Monday
  await api('PUT', '/subscribers/ana', { email: 'ana@example.com', timezone: 'Europe/Lisbon' })
  await api('PUT', '/subscribers/ben', { email: 'flaky@belfry.test', timezone: 'Asia/Tokyo' })
  await api('PUT', '/event-types/report', { channels: ['email'] })
  await api('PUT', '/templates/report/email/default', { subject: 'Your week', body: 'Ready.' })
  await api('PUT', '/event-types/comment', {
    plan: [{ digest: { window: '2d' } }, { send: ['email'] }],
  })
  await api('PUT', '/templates/comment/email/default', {
    subject: '{{ digest.count }} comments',
    body: '{% for one in digest.items %}{{ one.text }} {% endfor %}',
  })
})

after(async () => {
  await belfry.close()
  await rm(dataDir, { recursive: true })
})

beforeEach(() => api('DELETE', '/sandbox/messages'))

test('a schedule comes every Monday at nine where Ana is, and the program hears of each', async () => {
  const heard: string[] = []
  await belfry.on('report', (event) => void heard.push(event.createdAt.toISOString()))
  await api('PUT', '/schedules/weekly', {
    event: { type: 'report' },
    to: ['ana'],
    cron: '0 9 * * MON',
  })

  await belfry.clock.advance({ by: '10d' })
  await api('DELETE', '/schedules/weekly')

  const mondays = ['2031-03-03T09:00:00.000Z', '2031-03-10T09:00:00.000Z']
  assert.deepEqual(heard, mondays)
  assert.deepEqual(
    await emails(),
    mondays.map((at) => `${at} Your week`),
  )
})

test('a digest gathers two days of comments', async () => {
  await belfry.trigger('comment', { text: 'Nice!' }, { to: ['ana'] })
  await belfry.clock.advance({ by: '1d' })
  await belfry.trigger('comment', { text: 'Where?' }, { to: ['ana'] })

  await belfry.clock.advance({ by: '23h' })
  assert.deepEqual(await emails(), [])
  await belfry.clock.advance({ by: '1h' })

  assert.deepEqual(await emails(), ['2031-03-15T08:00:00.000Z 2 comments'])
})

test('what happens in the night waits for the morning, unless it is critical', async () => {
  await api('PATCH', '/preferences/ana', { quiet_hours: { start: '22:00', end: '07:30' } })
  await belfry.clock.advance({ to: '2031-03-16T23:00:00Z' })

  await belfry.trigger('report', {}, { to: ['ana'] })
  await belfry.trigger('report', {}, { to: ['ana'], level: 'critical' })
  await belfry.clock.advance({ by: '1d' })

  const [critical, other] = ['2031-03-16T23:00:00.000Z', '2031-03-17T07:30:00.000Z']
  assert.deepEqual(await emails(), [`${critical} Your week`, `${other} Your week`])
})

test('what could not be delivered is tried again', async () => {
  const { notificationIds } = await belfry.notify({
    to: ['ben'], // flaky@belfry.test fails the first time
    channels: ['email'],
    subject: 'Hello',
    body: 'Hello.',
    level: 'critical',
  })

  await belfry.clock.advance({ by: '1h' })

  const story = await belfry.follow(notificationIds[0]!)
  assert.deepEqual(
    story?.deliveries[0]?.attempts.map(({ outcome }) => outcome),
    ['retry', 'delivered'],
  )
})

/** What was sent by e-mail, in order: when, and its subject. */
async function emails(): Promise<string[]> {
  const { messages } = await api('GET', '/sandbox/messages?channel=email')
  type Message = { created_at: string; content: { subject: string } }
  return (messages as Message[])
    .map((message) => `${message.created_at} ${message.content.subject}`)
    .toReversed()
}

async function api(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
  const response = await fetch(`${belfry.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  assert.ok(response.ok, `${method} ${path} was answered ${response.status}: ${text}`)
  return text === '' ? {} : JSON.parse(text)
}
