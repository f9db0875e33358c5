// Two providers of a channel: one is down, or slow, and the other takes over.
import assert from 'node:assert/strict'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '@belfry/client'
import { deleteProvider, putProvider } from '../belfry.ts'
import type { Results } from './results.ts'

type Play = { client: Client; results: Results }
type Answer = (response: ServerResponse) => void

const people = ['alma', 'boris', 'clara', 'dario']
const mostRounds = 50
const patienceMs = 30_000
const slowMs = 5_500 // more than 5 s is slow

const well: Answer = (response) => response.end('{"ok":true,"result":{"message_id":1}}')
const down: Answer = (response) => response.writeHead(503).end('{"ok":false}')
const slow: Answer = (response) => void setTimeout(() => well(response), slowMs)

/** Bots of our own, which answer like Telegram: the main one as a test says, the spare one well. */
async function startBots(play: Play) {
  const heard: string[] = []
  const bots = { heard, main: well }
  const server = createServer((request, response) => {
    const name = request.url!.split('/')[1]!
    heard.push(name)
    request.resume()
    response.setHeader('content-type', 'application/json')
    if (name === 'main') bots.main(response)
    else well(response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const providers = ['main', 'spare'].map((name, i) => ({
    channel: 'telegram' as const,
    kind: 'telegram',
    name: `fallback-channels-${name}`,
    priority: i + 1,
    settings: {
      token: `10${i}:${name}-bot-of-the-fallback-channels-ex`,
      api_base: `${url}/${name}`,
    },
  }))
  for (const provider of providers) await putProvider(play, provider)
  return Object.assign(bots, {
    async close() {
      for (const provider of providers) await deleteProvider(play, provider)
      server.close()
    },
  })
}

async function send({ client, results }: Play, to = 'alma'): Promise<void> {
  const door = { to: [to], channels: ['telegram'], message: 'The door is open.' } as const
  const { notification_ids: ids } = await client.notify(door)
  assert.match(await results.endOf(ids[0]!), /sent|delivered/)
}

export async function twoProviders(play: Play): Promise<void> {
  const bots = await startBots(play)
  try {
    bots.main = down
    await send(play)
    assert.deepEqual(bots.heard, ['main', 'spare'])
    console.log('alma: one of two providers is down, so the other one is used at once')
  } finally {
    await bots.close()
  }
}

/** Ten attempts in a minute, half of them slow, are enough to leave it alone. By itself it is tried again after 30 s. */
export async function slowProvider(play: Play): Promise<void> {
  const { client } = play
  const bots = await startBots(play)
  const main = async () => {
    const { providers } = await client.call('listProviders', { query: { channel: 'telegram' } })
    return providers.find(({ name }) => name === 'fallback-channels-main')!
  }
  try {
    bots.main = slow
    await Promise.all(Array.from({ length: 12 }, (_, i) => send(play, people[i % people.length])))
    const giveUpAt = Date.now() + patienceMs
    while ((await main()).health.state !== 'open') {
      assert.ok(Date.now() < giveUpAt, 'it is not left alone')
      await sleep(100)
    }
    bots.heard.length = 0
    await send(play)
    assert.deepEqual(bots.heard, ['spare'])
    console.log(`alma: ${(await main()).health.reason}, so the other one is used`)

    bots.main = well
    await client.providers.probe((await main()).id)
    for (let i = 0; (await main()).health.state === 'half_open'; i++) {
      assert.ok(i < mostRounds, 'it does not come back')
      await Promise.all(people.map((person) => send(play, person)))
    }
    assert.equal((await main()).health.state, 'recovering')
    console.log('three messages got through to the slow one: it gets more and more of its share')
  } finally {
    await bots.close()
  }
}
