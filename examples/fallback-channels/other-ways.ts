// The same results in other ways: by a WebSocket that goes on where it was, and by a signed hook.
import assert from 'node:assert/strict'
import { createHmac, timingSafeEqual } from 'node:crypto'
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Reached } from '../belfry.ts'

type Told = { type: string; data: { event_id: string; recipient_id: string } }

const patienceMs = 30_000
const members = ['alma', 'boris']
const types = ['notification.delivered' as const]

/** The people of building 4 are told while nobody is connected; both ways know of it afterwards. */
export async function hearOtherwise(reached: Reached): Promise<void> {
  const { client } = reached
  const receiver = await startReceiver()
  const { id, secret } = await client.hooks.create({ url: receiver.url, types })
  try {
    receiver.secret = secret!
    const position = await readSocket(reached, '', ({ id }) => id)
    await client.topics.members.replace('building:4', members)

    const { event_id: eventId } = await client.notify({
      to: [{ topic: 'building:4' }],
      channels: ['email'],
      fallback_channels: ['sms'],
      message: 'The door of building 4 is open.',
    })

    const heard = new Set<string>()
    await readSocket(reached, position, ({ data }) => {
      if (data.data?.event_id === eventId) heard.add(data.data.recipient_id)
      return members.every((member) => heard.has(member)) || undefined
    })
    console.log('alma and boris, by topic: the WebSocket goes on where it was, nothing is missed')
    const isTold = (member: string) =>
      receiver.told.some(({ data }) => data.event_id === eventId && data.recipient_id === member)
    const giveUpAt = Date.now() + patienceMs
    while (!members.every(isTold)) {
      assert.ok(Date.now() < giveUpAt, 'the hook was not called')
      await sleep(20)
    }
    console.log('the hook was called as well, signed')
  } finally {
    await client.hooks.delete(id)
    receiver.close()
  }
}

type Message = { event: string; id?: string; data: Partial<Told> }

/** Follows all results from `position` on, until `read` answers something. */
function readSocket<Found>(
  { url, key }: Reached,
  position: string,
  read: (message: Message) => Found | undefined,
): Promise<Found> {
  const query = new URLSearchParams({
    types: types.join(),
    ...(position && { last_event_id: position }),
  })
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/ws?${query}`, [
    'belfry.v1',
    `bearer.${key}`,
  ])
  return new Promise<Found>((resolve, reject) => {
    socket.addEventListener('message', ({ data }) => {
      const found = read(JSON.parse(String(data)) as Message)
      if (found !== undefined) resolve(found)
    })
    socket.addEventListener('close', () => reject(new Error('the WebSocket was closed')))
  }).finally(() => socket.close())
}

/** What a hook calls: it keeps what is signed with its secret, and refuses everything else. */
async function startReceiver() {
  const told: Told[] = []
  const receiver = { told, secret: '' }
  const take = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await text(request)
    const isGenuine = isFromBelfry(request.headers, body, receiver.secret)
    if (isGenuine) told.push(JSON.parse(body) as Told)
    response.writeHead(isGenuine ? 204 : 401).end()
  }
  const server = createServer((request, response) => {
    take(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/results`
  return Object.assign(receiver, { url, close: () => server.close() })
}

/** As docs/guides/hooks.md has it. */
function isFromBelfry(headers: IncomingHttpHeaders, body: string, secret: string): boolean {
  const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signatures } = headers
  if (!(Math.abs(Date.now() / 1_000 - Number(at)) < 300)) return false
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
  const mac = createHmac('sha256', key).update(`${String(id)}.${String(at)}.${body}`)
  const expected = Buffer.from(`v1,${mac.digest('base64')}`)
  return String(signatures)
    .split(' ')
    .map((one) => Buffer.from(one))
    .some((given) => given.length === expected.length && timingSafeEqual(given, expected))
}
