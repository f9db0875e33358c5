// People who follow their feeds, and who triggers what they hear: one process, so one clock.
import { Agent, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { WebSocket } from 'ws'
import { nowMs, serve } from './serve.ts'

export type Opening = { port: number; tokens: string[]; way: 'sse' | 'ws' }
export type Opened = { tookMs: number }
export type Driving = {
  port: number
  authorization: string
  perSecond: number
  durationMs: number
  people: number
}
export type Driven = { sent: number; heard: number; p50Ms: number; p99Ms: number; maxMs: number }

const openAtOnce = 200
let closers: (() => void)[] = []
let latencies: number[] = []

serve({
  open,
  drive,
  close() {
    for (const close of closers) close()
    closers = []
  },
})

async function open({ port, tokens, way }: Opening): Promise<Opened> {
  const startedMs = performance.now()
  const left = [...tokens]
  const openSome = async () => {
    for (let token = left.pop(); token !== undefined; token = left.pop())
      await (way === 'sse' ? openStream(port, token) : openSocket(port, token))
  }
  await Promise.all(Array.from({ length: openAtOnce }, openSome))
  return { tookMs: performance.now() - startedMs }
}

/** Resolves with the first heartbeat: from then on it hears everything. */
function openStream(port: number, token: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true })
    closers.push(() => socket.destroy())
    socket.once('error', reject)
    socket.setEncoding('latin1')
    socket.write(`GET /me/stream HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${token}\r\n\r\n`)
    let rest = ''
    socket.on('data', (text) => {
      const lines = (rest + String(text)).split('\n')
      rest = lines.pop()!
      for (const line of lines) {
        if (line.startsWith('id: ')) resolve()
        if (line.startsWith('data: ')) hear(line)
      }
    })
  })
}

function openSocket(port: number, token: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/me/ws`, ['belfry.v1', `bearer.${token}`])
    closers.push(() => socket.terminate())
    socket.once('error', reject)
    socket.on('message', (message: Buffer) => {
      const text = message.toString()
      if (text.startsWith('{"event":"heartbeat"')) resolve()
      else hear(text)
    })
  })
}

/** The text of a message is the moment at which it was triggered. */
function hear(text: string): void {
  const sentAt = /"body":"(\d+\.?\d*)"/.exec(text)?.[1]
  if (sentAt !== undefined) latencies.push(nowMs() - Number(sentAt))
}

async function drive(driving: Driving): Promise<Driven> {
  const { perSecond, durationMs } = driving
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  latencies = []
  const wanted = Math.floor((perSecond * durationMs) / 1_000)
  const startedMs = performance.now()
  let sent = 0
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      const due = ((performance.now() - startedMs) / 1_000) * perSecond
      while (sent < due && sent < wanted) trigger(agent, driving, sent++)
      if (sent < wanted) return
      clearInterval(timer)
      resolve()
    }, 1)
  })
  const giveUpAt = performance.now() + 10_000
  while (latencies.length < wanted && performance.now() < giveUpAt)
    await new Promise((resolve) => setTimeout(resolve, 20))
  agent.destroy()
  const sorted = latencies.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? NaN
  return {
    sent,
    heard: sorted.length,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    maxMs: sorted.at(-1) ?? NaN,
  }
}

function trigger(agent: Agent, { port, authorization, people }: Driving, n: number): void {
  const to = [`p${String(n % people).padStart(7, '0')}`]
  const body = JSON.stringify({ type: 'news', to, params: { at: String(nowMs()) } })
  const headers = {
    authorization,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  }
  request(
    { agent, port, host: '127.0.0.1', method: 'POST', path: '/events', headers },
    (response) => response.resume(),
  ).end(body)
}
