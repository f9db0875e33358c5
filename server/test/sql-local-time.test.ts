// Times by the clock on the wall, said through SQL.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { momentOf } from '../src/domain/local-time.ts'
import { createLook, given, until, type Look } from './given.ts'
import { createTestContext, type TestContext } from './test-context.ts'

let belfry: TestContext
let look: Look

before(async () => {
  belfry = await createTestContext()
  look = createLook(belfry.connection)
  const people = { ana: 'Europe/Lisbon', ben: 'Asia/Kolkata' }
  for (const [id, timezone] of Object.entries(people))
    await given.subscriber(belfry, id, { timezone, email: `${id}@example.com` })
  await given.eventType(belfry, 'call', { channels: ['email'] })
  await given.template(belfry, 'call', 'email', { subject: 'Call', body: 'Soon' })
  belfry.work({ pollMs: 10 })
})

after(async () => {
  await look.close()
  await belfry.close()
})

const tomorrow = new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 10)

async function endOf(id: string): Promise<Record<string, string>> {
  let event: Record<string, string> = {}
  await until('it is processed', async () => {
    event = (await belfry.ask('GET', `/events/${id}`)).body
    return event['status'] !== 'accepted'
  })
  return event
}

async function trigger(options: string): Promise<string> {
  const [{ id }] = await look.rows(
    `select belfry.trigger('call', '{}', array['ana', 'ben'], ${options}) as id`,
  )
  return id
}

test('a time on the wall is that of each person', async () => {
  const id = await trigger(`scheduled_local => '${tomorrow} 09:30'`)
  const event = await endOf(id)

  const { body } = await belfry.ask('GET', `/notifications?event_id=${id}`)

  assert.equal(event['local_scheduled_time'], `${tomorrow}T09:30:00`)
  const times = body.notifications.map((one: Record<string, string>) => [
    one['recipient_id'],
    one['scheduled_time'],
  ])
  assert.deepEqual(Object.fromEntries(times), {
    ana: momentOf(`${tomorrow}T09:30`, 'Europe/Lisbon').toISOString(),
    ben: momentOf(`${tomorrow}T09:30`, 'Asia/Kolkata').toISOString(),
  })
})

test('with a time zone it is one moment', async () => {
  const id = await trigger(`scheduled_local => '${tomorrow} 09:30', timezone => 'Asia/Tokyo'`)

  const event = await endOf(id)

  assert.equal(event['scheduled_time'], `${tomorrow}T00:30:00.000Z`)
  assert.equal(event['local_scheduled_time'], null)
  assert.equal(event['timezone'], 'Asia/Tokyo')
})

test('what cannot be is refused at once, and a zone that is none says so on the event', async () => {
  const refusals: [string, RegExp][] = [
    [`scheduled_local => '2020-01-01 09:30'`, /scheduled_local is in the past/],
    [`scheduled_local => '2099-01-01 09:30'`, /scheduled_local is more than 366 days ahead/],
    [`scheduled_local => '${tomorrow} 09:30', scheduled_time => now()`, /says already/],
  ]
  for (const [options, words] of refusals) await assert.rejects(trigger(options), words)

  const event = await endOf(await trigger(`timezone => 'UTC+3'`))

  assert.equal(event['status'], 'failed')
  assert.match(event['error']!, /\/timezone must be a place such as Europe\/Lisbon/)
})
