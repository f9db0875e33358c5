// Plays the messages: at the right local hour, forced, cancelled, listed, counted.
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { BelfryError, type Client } from '@belfry/client'
import { reachBelfry } from '../belfry.ts'
import { people } from './people.ts'

type Message = Parameters<typeof send>[2]
type Metrics = { total: number; servers: Record<string, Server> }
type Server = {
  total: number
  channels: Record<string, { total: number; statuses: Record<string, number> }>
}

const patienceMs = 20_000

async function play(): Promise<void> {
  const reached = await reachBelfry()
  const { client } = reached
  await client.subscribers.upsertMany(people)
  console.log(`${people.length} people in ${people.length} time zones`)
  await refuseNonsense(client)
  await readTheClockOnTheWall(client)
  await waitForTheMorning(client)
  await force(client)
  await cancel(client)
  await list(client)
  await count(client, reached)
  console.log('\nAll as it should be.')
}

function send(
  client: Client,
  channel: 'push' | 'email',
  body: Parameters<typeof client.call<'createChannelNotification'>>[1]['body'],
) {
  return client.call('createChannelNotification', { path: { channel }, body })
}

/** Resolves with what was answered to a request that should be refused. */
async function refused(request: Promise<unknown>): Promise<BelfryError> {
  try {
    await request
  } catch (error) {
    if (error instanceof BelfryError) return error
    throw error
  }
  throw new Error('it was not refused')
}

// what is wrong with a message, and the field that must be named
const nonsense: [string, Message][] = [
  ['/content', { recipient_id: 'nia', content: ' ' }],
  ['/recipient_id', { recipient_id: 'no-address', content: 'Hi' }],
  ['/timezone', { recipient_id: 'nia', content: 'Hi', timezone: 'Europe/Lisbonn' }],
  ['/timezone', { recipient_id: 'nia', content: 'Hi', timezone: '+02:00' }],
  [
    '/scheduled_time',
    { recipient_id: 'nia', content: 'Hi', scheduled_time: '2020-01-01T10:00:00' },
  ],
  ['/scheduled_time', { recipient_id: 'nia', content: 'Hi', scheduled_time: 'tomorrow' }],
  ['/priority', { recipient_id: 'nia', content: 'Hi', priority: 11 }],
]

async function refuseNonsense(client: Client): Promise<void> {
  for (const [pointer, message] of nonsense) {
    const { status, errors } = await refused(send(client, 'email', message))
    assert.ok(status === 400 || status === 422)
    assert.equal(errors[0]?.pointer, pointer, JSON.stringify(errors))
  }
  console.log(`${nonsense.length} bad messages refused, each with the field that is wrong`)
}

/** Half past three on a winter's day in New York. */
async function readTheClockOnTheWall(client: Client): Promise<void> {
  const day = `${new Date().getUTCFullYear() + 1}-01-15`
  const utc = `${day}T20:30:00.000Z`
  const message = {
    recipient_id: 'nia',
    content: 'The shop opens',
    scheduled_time: `${day}T15:30:00`,
  }
  for (const [channel, word] of [
    ['push', 'Push'],
    ['email', 'Email'],
  ] as const) {
    const answer = await send(client, channel, message)
    assert.equal(answer.status, 'success')
    assert.equal(answer.message, `${word} notification scheduled`)
    const seen = await client.notifications.get(answer.notification_id)
    assert.equal(seen.timezone, 'America/New_York', 'her own zone')
    assert.equal(seen.scheduled_time, utc)
    assert.equal(seen.local_scheduled_time, `${day}T15:30:00-05:00`)
    assert.equal(seen.appropriate_delivery, true)
    assert.equal(seen.estimated_delivery_time, utc)
    assert.deepEqual([seen.status, seen.attempt_count], ['scheduled', 0])
    await client.notifications.cancel(seen.id)
  }
  console.log('15:30 in New York in winter is 20:30 UTC, by push and by email')
}

/** Where it is night, a message waits for eight o'clock; what is critical does not. */
async function waitForTheMorning(client: Client): Promise<void> {
  const timezone = zoneAtNight()
  const seen = await client.notifications.get(await sendAtNight(client, 'night'))
  assert.deepEqual([seen.status, seen.appropriate_delivery], ['scheduled', false])
  const estimate = new Date(seen.estimated_delivery_time ?? 0)
  assert.equal(clockIn(timezone, estimate), '08:00')
  const hours = (estimate.getTime() - Date.now()) / 3_600_000
  assert.ok(hours > 0 && hours < 8, `in ${hours} hours`)
  await client.notifications.cancel(seen.id)

  const alarm = await client.notify({
    to: [{ id: 'guard', email: 'guard@example.com', timezone }],
    channels: ['email'],
    message: 'The alarm rang',
    level: 'critical',
  })
  await untilDelivered(client, alarm.notification_ids[0]!)
  const now = clockIn(timezone, new Date())
  console.log(`It is ${now} in ${timezone}: a message waits for 08:00, an alarm does not`)
}

/** A message that waits for the morning; answers its id. */
async function sendAtNight(client: Client, to: string): Promise<string> {
  const recipient = `${to}@example.com`
  const message = { recipient_id: recipient, content: 'Hello', timezone: zoneAtNight() }
  return (await send(client, 'email', message)).notification_id
}

/** A zone in which it is between one and five in the morning: there always is one. */
function zoneAtNight(): string {
  const zones = Intl.supportedValuesOf('timeZone')
  const found = zones.find((zone) => /^0[1-4]/.test(clockIn(zone, new Date())))
  assert.ok(found)
  return found
}

function clockIn(timeZone: string, at: Date): string {
  return at.toLocaleTimeString('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' })
}

async function force(client: Client): Promise<void> {
  const id = await sendAtNight(client, 'force')
  const forced = await client.call('forceNotification', { path: { id } })
  assert.equal(forced.status, 'success')
  assert.equal(forced.message, 'Notification delivery forced')
  assert.equal(forced.notification_id, id)
  await untilDelivered(client, id)
  const again = await refused(client.call('forceNotification', { path: { id } }))
  assert.deepEqual([again.status, again.problem?.['current_status']], [409, 'delivered'])
  console.log('Forced, it goes out at once, whatever the hour; once only')
}

async function cancel(client: Client): Promise<void> {
  const id = await sendAtNight(client, 'cancel')
  const cancelled = await client.notifications.cancel(id)
  assert.equal(cancelled.status, 'success')
  assert.equal(cancelled.message, 'Notification cancelled')
  assert.equal(cancelled.notification_id, id)
  const forced = await refused(client.call('forceNotification', { path: { id } }))
  assert.deepEqual([forced.status, forced.problem?.['current_status']], [409, 'cancelled'])
  const { status, attempt_count } = await client.notifications.get(id)
  assert.deepEqual([status, attempt_count], ['cancelled', 0])
  const nobody = '01980000-0000-7000-8000-000000000000'
  assert.equal((await refused(client.notifications.cancel(nobody))).status, 404)
  console.log('Cancelled, it is never sent, and cannot be forced any more')
}

async function list(client: Client): Promise<void> {
  const id = await sendAtNight(client, 'list')
  const { timezone } = await client.notifications.get(id)
  const pending = {
    status: 'Pending',
    channel: 'email',
    timezone: timezone ?? '',
    limit: 2,
  } as const
  const page = await client.call('listNotifications', { query: pending })
  assert.equal(page.notifications[0]?.id, id, 'newest first')
  assert.equal(page.count, page.notifications.length)
  const to = { recipient_id: 'list@example.com', limit: 1 }
  const theirs = await client.call('listNotifications', { query: to })
  assert.equal(theirs.notifications[0]?.id, id)
  for (const bad of [
    { status: 'Waiting' },
    { timezone: 'Nowhere' },
    { limit: 1_001 },
    { limit: 0 },
  ]) {
    const { status } = await refused(client.call('listNotifications', { query: bad }))
    assert.ok(status === 400 || status === 422, JSON.stringify(bad))
  }
  await client.notifications.cancel(id)
  console.log('Listed by status, channel, time zone and recipient; bad values are refused')
}

async function count(client: Client, reached: { url: string; key: string }): Promise<void> {
  const ask = (query: string) =>
    fetch(`${reached.url}/metrics?${query}`, {
      headers: { authorization: `Bearer ${reached.key}` },
    })
  const metrics = (await (await ask('period=3600')).json()) as Metrics
  const servers = Object.values(metrics.servers)
  assert.equal(
    metrics.total,
    servers.reduce((sum, { total }) => sum + total, 0),
  )
  const emails = servers.flatMap(({ channels }) => channels['email']?.statuses['delivered'] ?? 0)
  const delivered = emails.reduce((sum, some) => sum + some, 0)
  assert.ok(delivered >= 2, JSON.stringify(metrics))
  assert.ok((await ask('period=0')).status >= 400)
  assert.equal((await client.health()).status, 'healthy')
  console.log(`In the last hour: ${metrics.total} notifications, ${delivered} emails delivered`)
}

async function untilDelivered(client: Client, id: string): Promise<void> {
  const giveUpAt = Date.now() + patienceMs
  for (;;) {
    const { status } = await client.notifications.get(id)
    if (status === 'delivered') return
    assert.ok(Date.now() < giveUpAt, `it is ${status}`)
    await sleep(50)
  }
}

await play()
