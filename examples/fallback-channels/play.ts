// Plays the door: whichever channel gets through, rounds, a dead address, providers that are down or slow, and the
// results live.
import assert from 'node:assert/strict'
import { BelfryError, createClient, type Client } from '@belfry/client'
import { reachBelfry, type Reached } from '../belfry.ts'
import { askTheBuilding } from './aggregator.ts'
import { hearOtherwise } from './other-ways.ts'
import { people } from './people.ts'
import { slowProvider, twoProviders } from './providers.ts'
import { followResults, type Results } from './results.ts'

type Message = Parameters<Client['notify']>[0]
type Play = { client: Client; results: Results }

async function play(): Promise<void> {
  const reached = await reachBelfry()
  const { client } = reached
  await client.subscribers.upsertMany(people)
  const results = await followResults(reached)
  try {
    await refuseNonsense(client)
    await whicheverGetsThrough({ client, results })
    await inRounds({ client, results })
    await othersOfOne({ client, results })
    await twoProviders({ client, results })
    await slowProvider({ client, results })
    await askTheBuilding({ client, results })
    await hearOtherwise(reached)
    await speakAsBefore(reached)
  } finally {
    results.close()
  }
  console.log('\nAll as it should be.')
}

const door = { channels: ['email'], message: 'The door of building 4 is open.' } as const

async function refuseNonsense(client: Client): Promise<void> {
  const ok = { to: ['alma'], channels: ['email'], message: 'Hi' }
  // what is wrong with a message, and the field that must be named
  const nonsense: [string, object][] = [
    ['/to/0', { ...ok, to: ['nobody-knows'] }],
    ['/channels', { ...ok, channels: [] }],
    ['/channels/0', { ...ok, channels: ['smoke'] }],
    ['/message', { ...ok, message: ' ' }],
    ['/fallback_channels/0', { ...ok, fallback_channels: ['smoke'] }],
    ['/fallback_channels/0', { ...ok, fallback_channels: ['email'] }],
    ['/max_retries', { ...ok, max_retries: 11 }],
    ['/retry_delay', { ...ok, retry_delay: '1s' }],
  ]
  for (const [pointer, message] of nonsense) {
    const error: unknown = await client.notify(message as Message).then(
      () => null,
      (refusal: unknown) => refusal,
    )
    assert.ok(error instanceof BelfryError && (error.status ?? 500) < 500, JSON.stringify(message))
    assert.equal(error.errors[0]?.pointer, pointer, JSON.stringify(error.errors))
  }
  console.log(`${nonsense.length} bad messages refused, each with the field that is wrong`)
}

async function send({ client }: Play, message: Message): Promise<string[]> {
  return (await client.notify(message)).notification_ids
}

/** What was tried, as "email failed", and how it was decided. */
async function story({ client }: Play, id: string) {
  const { deliveries, trace } = await client.notifications.get(id)
  const tried = deliveries.map(({ channel, status }) => `${channel} ${status}`)
  const why = trace.filter(({ step }) => step === 'fallback').map(({ because }) => because)
  return { tried, why }
}

async function whicheverGetsThrough(play: Play): Promise<void> {
  const to = ['alma', 'boris', 'clara', 'dario']
  const ids = await send(play, { ...door, to, fallback_channels: ['sms', 'telegram'] })
  const expected: Record<string, string[]> = {
    alma: ['email delivered'],
    boris: ['email skipped', 'sms delivered'],
    clara: ['email failed', 'sms skipped', 'telegram delivered'],
    dario: ['email failed', 'sms delivered'],
  }
  for (const [i, id] of ids.entries()) {
    assert.equal(await play.results.endOf(id), 'delivered')
    const { tried, why } = await story(play, id)
    assert.deepEqual(tried, expected[to[i]!])
    console.log(`${to[i]}: ${why.join('; ')}`)
  }

  const [again] = await send(play, { ...door, to: ['dario'], fallback_channels: ['sms'] })
  await play.results.endOf(again!)
  assert.deepEqual((await story(play, again!)).tried, ['email skipped', 'sms delivered'])
  console.log('dario: the address that was called dead is left alone from then on')
}

/** Nothing gets through to Edda; whoever is reached hears it once. */
async function inRounds(play: Play): Promise<void> {
  const to = ['boris', 'edda']
  const rounds = { max_retries: 2, retry_delay: '1s' }
  const [boris, edda] = await send(play, { ...door, ...rounds, to, fallback_channels: ['sms'] })
  assert.equal(await play.results.endOf(boris!), 'delivered')
  assert.equal((await story(play, boris!)).tried.length, 2)
  assert.equal(await play.results.endOf(edda!), 'failed')
  const { tried } = await story(play, edda!)
  const round = ['email failed', 'sms failed']
  assert.deepEqual(tried, [...round, ...round, ...round])
  console.log('edda: tried in three rounds; boris, who was reached in the first, heard it once')
}

async function othersOfOne(play: Play): Promise<void> {
  const path = { channel: 'email' } as const
  const body = {
    recipient_id: 'clara',
    content: door.message,
    fallback_channels: 'others',
  } as const
  const { notification_id: id } = await play.client.call('createChannelNotification', {
    path,
    body,
  })
  assert.equal(await play.results.endOf(id), 'delivered')
  assert.equal((await story(play, id)).tried.at(-1), 'telegram delivered')
  console.log('clara: whatever other channel there is an address for')
}

/** A program that was written for an older version of the API keeps its shapes. */
async function speakAsBefore({ url, key }: Reached): Promise<void> {
  const fieldsIn = async (version: string) => {
    const { keys } = await createClient({ url, key, version }).call('listKeys', { query: {} })
    return Object.keys(keys[0]!)
  }
  assert.ok((await fieldsIn('2026-11-21')).includes('last_four'))
  const before = await fieldsIn('2026-11-20')
  assert.ok(before.includes('hint') && !before.includes('last_four'))
  console.log('Belfry-Version: 2026-11-20 still gets "hint", which is "last_four" by now')
}

await play()
