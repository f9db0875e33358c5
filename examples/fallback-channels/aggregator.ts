// Two services of the building: one knows its doors, the other who is on duty, or is down. What they say is in the
// text; the template reads it as `data`.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Client } from '@belfry/client'
import type { Results } from './results.ts'

type Play = { client: Client; results: Results }

const type = 'door.open'

/** Says where it answers. `/doors/…` knows one door, `/duty/…` is down. */
async function startBuilding() {
  const server = createServer((request, response) => {
    const isKnown = request.url === '/doors/B4'
    const [status, body] = request.url!.startsWith('/duty')
      ? [503, { error: 'the roster is being changed' }]
      : isKnown
        ? [200, { name: 'the door of building 4', since: '18:02' }]
        : [404, { error: 'no such door' }]
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() }
}

/** The e-mail needs the door, and does without who is on duty; the SMS needs neither. */
async function setUp({ client }: Play, url: string): Promise<void> {
  const data = {
    door: { url: `${url}/doors/{{ params.door }}`, timeout: '2s', required: true },
    duty: { url: `${url}/duty/{{ params.door }}`, timeout: '1s', cache: '60s' },
  }
  const plan = [{ send: ['email' as const], fallback: ['sms' as const] }]
  await client.eventTypes.put(type, { plan, data })
  const texts = {
    email: {
      subject: '{{ data.door.name }}',
      body: 'Open since {{ data.door.since }}. {{ data.duty.name | default: "Nobody" }} is on duty.',
    },
    sms: { body: 'A door is open.' },
  } as const
  for (const channel of ['email', 'sms'] as const)
    await client.templates.put({ event_type: type, channel, locale: 'default' }, texts[channel])
}

/** What alma was told of a door, and why so. */
async function tell({ client, results }: Play, door: string) {
  const { event_id } = await client.trigger(type, { door }, { to: ['alma'] }, { waitSeconds: 10 })
  const { notifications } = await client.call('listNotifications', { query: { event_id } })
  const [found] = notifications
  await results.endOf(found!.id)
  const { deliveries, trace } = await client.notifications.get(found!.id)
  const ways = deliveries.map(({ channel, status }) => `${channel} ${status}`)
  const why = trace.filter(({ step }) => step === 'data').map(({ because }) => because)
  return { ways, why, content: deliveries.at(-1)?.content as { text?: string; body?: string } }
}

export async function askTheBuilding(play: Play): Promise<void> {
  const building = await startBuilding()
  try {
    await setUp(play, building.url)

    const known = await tell(play, 'B4')
    assert.deepEqual(known.ways, ['email delivered'])
    assert.match(known.content.text!, /Open since 18:02\. Nobody is on duty\./)
    console.log(`alma: "${known.content.text!.split('\n')[0]!}"; ${known.why.at(-1)}`)

    const unknown = await tell(play, 'B5')
    assert.deepEqual(unknown.ways, ['email failed', 'sms delivered'])
    assert.equal(unknown.content.body, 'A door is open.')
    console.log(`alma, by SMS: ${unknown.why[0]}`)
  } finally {
    building.close()
  }
}
