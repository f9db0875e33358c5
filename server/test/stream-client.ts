// Clients of streams, for stories: what a server sent, event by event.
import assert from 'node:assert/strict'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { WebSocket } from 'ws'
import { patienceMs } from './given.ts'

export type Heard = {
  event: string
  id: string | null
  // Tests look into it freely.
  // oxlint-disable-next-line typescript/no-explicit-any
  data: any
}

export type Stream = {
  status: number
  headers: Record<string, unknown>
  heard: Heard[]
  /** Everything as it came. */
  text(): string
  /** The position it would go on from. */
  position(): string | null
  /** The next event that is so, also among those that came already but were not asked for. */
  next(isWanted: (heard: Heard) => boolean): Promise<Heard>
  /** Resolves when the server has ended it. */
  ended: Promise<void>
  close(): void
}

type StreamWay = {
  /** Of the person, or a secret key. */
  token: string
  position?: string | null
  path?: string
  headers?: Record<string, string>
}

/** What was heard, and whoever waits for more of it. */
function createHearing() {
  const heard: Heard[] = []
  let taken = 0
  const waiting = new Set<() => void>()
  return {
    heard,
    add(one: Heard) {
      heard.push(one)
      for (const wake of waiting) wake()
    },
    next(isWanted: (heard: Heard) => boolean): Promise<Heard> {
      return new Promise((resolve, reject) => {
        const giveUp = () => reject(new Error(`it was not heard among ${JSON.stringify(heard)}`))
        const timer = setTimeout(giveUp, patienceMs)
        const look = () => {
          const found = heard.findIndex((one, i) => i >= taken && isWanted(one))
          if (found === -1) return
          taken = found + 1
          clearTimeout(timer)
          waiting.delete(look)
          resolve(heard[found]!)
        }
        waiting.add(look)
        look()
      })
    },
  }
}

/** Resolves with the first byte of the stream, or with the refusal. */
export function openStream(
  url: string,
  { token, position = null, path = '/me/stream', headers: more = {} }: StreamWay,
): Promise<Stream> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${token}`,
      ...(position !== null && { 'last-event-id': position }),
      ...more,
    }
    const request = httpRequest(url + path, { headers, agent: false }, (response) =>
      resolve(readStream(response, () => request.destroy())),
    )
    request.on('error', reject)
    request.end()
  })
}

function readStream(response: IncomingMessage, close: () => void): Stream {
  const hearing = createHearing()
  let text = ''
  let rest = ''
  let position: string | null = null
  response.setEncoding('utf8')
  response.on('data', (chunk: string) => {
    text += chunk
    rest += chunk
    for (let end = rest.indexOf('\n\n'); end !== -1; end = rest.indexOf('\n\n')) {
      const lines = rest.slice(0, end).split('\n')
      rest = rest.slice(end + 2)
      const field = (name: string) =>
        lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? null
      const id = field('id')
      position = id ?? position
      const data = field('data')
      if (data !== null) hearing.add({ event: field('event')!, id, data: JSON.parse(data) })
    }
  })
  response.on('error', () => {}) // cut off: it ends
  return {
    status: response.statusCode!,
    headers: response.headers,
    heard: hearing.heard,
    text: () => text,
    position: () => position,
    next: hearing.next,
    ended: new Promise((resolve) => response.once('close', resolve)),
    close,
  }
}

/** The same over a WebSocket. */
export async function openSocket(
  url: string,
  { token, position = null, path = '/me/ws', headers = {} }: StreamWay,
) {
  const query = position === null ? '' : `?last_event_id=${encodeURIComponent(position)}`
  const address = `${url.replace('http', 'ws')}${path}${query}`
  const socket = new WebSocket(address, ['belfry.v1', `bearer.${token}`], { headers })
  let answered: IncomingMessage['headers'] = {}
  socket.once('upgrade', (response) => (answered = response.headers))
  const hearing = createHearing()
  let last: string | null = null
  socket.on('message', (message: Buffer) => {
    const { event, id = null, data } = JSON.parse(message.toString())
    last = id ?? last
    hearing.add({ event, id, data })
  })
  const closed = new Promise<{ code: number; reason: string }>((resolve) =>
    socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() })),
  )
  await new Promise((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject) // also for a refusal, with its status
  })
  assert.equal(socket.protocol, 'belfry.v1')
  return {
    socket,
    headers: answered,
    heard: hearing.heard,
    next: hearing.next,
    closed,
    position: () => last,
  }
}
