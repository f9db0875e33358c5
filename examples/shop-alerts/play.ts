// Plays the shops: ten alerts come in as webhooks, their staff hear of them through a third party, and
// what arrived there is compared with what should have. `--fast` leaves out the seconds in between.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  deleteProvider,
  pushCatalog,
  putProvider,
  reachBelfry,
  type Reached as ReachedFor,
} from '../belfry.ts'
import type { Events } from './events.ts'
import { locations, staff, staffOf, type Person } from './people.ts'
import { startThirdParty, type ThirdParty } from './third-party.ts'

type Alert = Events['shop.alert']
type Reached = ReachedFor<Events>

type Message = Record<string, unknown>

const isFast = process.argv.includes('--fast')
const labels = ['theft', 'suspicious', 'normal'] as const
const ours = { channel: 'webhook', name: 'shop-alerts' } as const
const patienceMs = 60_000
const retryMs = 3_000 // as the event type says

async function play(): Promise<void> {
  const belfry = await reachBelfry<Events>()
  const thirdParty = await startThirdParty()
  try {
    await setUp(belfry, thirdParty)
    await refuseNonsense(belfry)
    await playAlerts(belfry, thirdParty, ['webhook'])
    await playFailures(belfry, thirdParty)
    console.log('\nThe same with SMS and email, by configuration alone:')
    await alsoBySmsAndEmail(belfry)
    await playAlerts(belfry, thirdParty, ['webhook', 'sms', 'email'])
    console.log('\nAll as it should be.')
  } finally {
    await pushCatalog(belfry, join(import.meta.dirname, 'catalog')) // webhook only, for the next time
    await deleteProvider(belfry, ours) // nobody answers there any more
    thirdParty.close()
  }
}

async function setUp(reached: Reached, { url }: ThirdParty): Promise<void> {
  const { client } = reached
  await client.subscribers.upsertMany(
    staff.map(({ id, name }, i) => ({
      id,
      email: `${id}@example.com`,
      phone: `+1202555${String(1000 + i)}`,
      data: { name },
      addresses: { webhook: url }, // where the provider sends is its own setting
    })),
  )
  for (const location of locations)
    await client.topics.members.replace(
      `shop:${location}#staff`,
      staffOf(location).map(({ id }) => id),
    )
  await putProvider(reached, { ...ours, kind: 'webhook', settings: { url } })
  await pushCatalog(reached, join(import.meta.dirname, 'catalog'))
  for (const person of staff)
    await setLevel(reached, person, wantsOnlyCritical(person) ? 'CRITICAL' : 'standard')
  console.log(`${locations.length} shops, ${staff.length} people`)
}

/** The first of each shop hears only of theft. */
function wantsOnlyCritical(person: Person): boolean {
  return staffOf(person.location)[0] === person
}

async function setLevel({ client }: Reached, person: Person, level: string): Promise<void> {
  await client.call('putPreferences', { body: { user_id: person.id, level } })
}

function newAlert(i: number): Alert {
  return {
    url: `https://cameras.example.com/clips/${i}`,
    location: locations[i % locations.length]!,
    alert_uuid: randomUUID(),
    label: labels[i % labels.length]!,
    time_spotted: Date.now() / 1_000,
  }
}

/** As a camera does: no key, a slash at the end. */
async function post({ url }: Reached, alert: object) {
  const response = await fetch(`${url}/webhooks/alerts/`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(alert),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

// what is wrong, and the field that must be named
const nonsense: [string, Partial<Record<keyof Alert, unknown>>][] = [
  ['location', { location: 'nowhere' }],
  ['label', { label: 'boring' }],
  ['url', { url: 'not a url' }],
  ['url', { url: `https://example.com/${'x'.repeat(250)}` }],
  ['alert_uuid', { alert_uuid: undefined }],
  ['time_spotted', { time_spotted: 'yesterday' }],
]

async function refuseNonsense(reached: Reached): Promise<void> {
  for (const [field, change] of nonsense) {
    const { status, body } = await post(reached, { ...newAlert(0), ...change })
    assert.equal(status, 400, JSON.stringify(body))
    assert.match(JSON.stringify(body.errors), new RegExp(`/${field}"`))
  }
  console.log(`${nonsense.length} bad alerts refused, each with the field that is wrong`)
}

async function playAlerts(
  reached: Reached,
  { received }: ThirdParty,
  channels: string[],
): Promise<void> {
  received.length = 0
  const alerts = Array.from({ length: 10 }, (_, i) => newAlert(i))
  for (const alert of alerts) {
    const first = await post(reached, alert)
    assert.equal(first.status, 201)
    const again = await post(reached, alert)
    assert.equal(again.status, 200, 'the same alert again')
    assert.deepEqual(again.body, first.body)
    const other = await post(reached, { ...alert, time_spotted: 0 })
    assert.equal(other.status, 409, 'the same alert with another body')
    await untilDone(reached, String(first.body.event_id), channels)
    console.log(`${alert.label.padEnd(10)} at ${alert.location}: told ${audienceOf(alert).length}`)
    if (!isFast) await sleep(1_000 + Math.random() * 2_000)
  }

  const told = received.map(({ body }) => body).sort(byPerson)
  const expected = alerts
    .flatMap((alert) => audienceOf(alert).map((id) => messageOf(alert, id)))
    .sort(byPerson)
  assert.deepEqual(told, expected)
}

function audienceOf({ location, label }: Alert): string[] {
  return staffOf(location)
    .filter((person) => label === 'theft' || !wantsOnlyCritical(person))
    .map(({ id }) => id)
}

function messageOf({ url, alert_uuid, location, label }: Alert, id: string) {
  return { target_user_uuid: id, url, alert_uuid, location, label }
}

function byPerson(a: Message, b: Message): number {
  const name = ({ alert_uuid, target_user_uuid }: Message) =>
    `${String(alert_uuid)} ${String(target_user_uuid)}`
  return name(a) < name(b) ? -1 : 1
}

/** Waits until everybody has been told, or has not and Belfry says why. */
async function untilDone({ client }: Reached, eventId: string, channels: string[]) {
  const giveUpAt = Date.now() + patienceMs
  for (;;) {
    const event = await client.events.get(eventId)
    const { processing = 0, scheduled = 0, ...ended } = event.notifications
    if (event.status !== 'accepted' && processing + scheduled === 0) {
      const { notifications } = await client.call('listNotifications', {
        query: { event_id: eventId },
      })
      for (const { id, status, reason } of notifications) {
        if (status === 'skipped') assert.equal(reason, 'preference_off')
        const story = await client.notifications.get(id)
        if (status === 'delivered' || status === 'sent')
          assert.deepEqual(
            story.deliveries.map(({ channel }) => channel).sort(),
            [...channels].sort(),
          )
      }
      return { notifications, ended }
    }
    assert.ok(Date.now() < giveUpAt, `event ${eventId} is still not done`)
    await sleep(100)
  }
}

/** One shop whose third party fails twice, one for which it always fails, one where it says no. */
async function playFailures(reached: Reached, thirdParty: ThirdParty): Promise<void> {
  const [shaky, broken, strict] = [newAlert(0), newAlert(3), newAlert(6)] // all of them theft
  thirdParty.received.length = 0
  thirdParty.answer = ({ alert_uuid }, attempt) => {
    if (alert_uuid === shaky.alert_uuid) return attempt < 3 ? 500 : 200
    if (alert_uuid === broken.alert_uuid) return 503
    return 422
  }
  const expected = [
    { alert: shaky, status: 'delivered', attempts: 3 },
    { alert: broken, status: 'failed', attempts: 3 },
    { alert: strict, status: 'failed', attempts: 1 },
  ]
  for (const { alert, status, attempts } of expected) {
    const { body } = await post(reached, alert)
    const { notifications } = await untilDone(reached, String(body.event_id), ['webhook'])
    for (const { id } of notifications) {
      const story = await reached.client.notifications.get(id)
      assert.equal(story.status, status)
      const begun = story.deliveries[0]!.attempts.map((made) => Date.parse(made.started_at))
      assert.equal(begun.length, attempts)
      for (const [i, at] of begun.slice(1).entries())
        assert.ok(at - begun[i]! >= retryMs, 'the next attempt comes after a while')
    }
    const times = thirdParty.received.filter(({ body }) => body.alert_uuid === alert.alert_uuid)
    assert.equal(times.length, attempts * staffOf(alert.location).length)
    console.log(`${alert.location}: ${attempts} attempts each, then ${status}`)
  }
  thirdParty.answer = () => 200
}

/** One line of the event type, and a template for each channel: applied together or not at all. */
async function alsoBySmsAndEmail({ client }: Reached): Promise<void> {
  const key = 'shop.alert'
  const { revision, catalog } = await client.call('getCatalog', {})
  const shopAlert = (catalog['event_types'] as Record<string, object>)[key]
  const words = '{{ label | capitalize }} at {{ location }}: {{ url }}'
  const subject = '{{ label | capitalize }} at {{ location }}'
  const change = {
    event_types: { [key]: { ...shopAlert, channels: ['webhook', 'sms', 'email'] } },
    templates: {
      [key]: { sms: { default: { body: words } }, email: { default: { subject, body: words } } },
    },
  }
  await client.call('putCatalog', { query: {}, body: { revision, catalog: change } })
}

await play()
