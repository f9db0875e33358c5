// The load: one JSON request after another on many connections, over bare sockets, so that it takes
// little of the machine that is measured.
import { connect, type Socket } from 'node:net'
import { nowMs, serve } from './serve.ts'

export type Load = {
  port: number
  path: string
  authorization: string
  connections: number
  durationMs: number
  /** The body: `before`, a number of seven digits that goes round, `after`. */
  before: string
  after: string
  numbers: number
  /** Requests per second; without it as fast as answers come. */
  ratePerSecond?: number
  /** Most requests answered but not yet told to be done; see `done`. */
  maxOutstanding?: number
}

export type LoadResult = {
  answered: number
  refused: number // answers other than 202
  perSecond: number
  startedAtMs: number
  endedAtMs: number
  p50Ms: number
  p99Ms: number
  maxMs: number
  cpuMs: number
}

let done = 0

serve({
  run,
  done: (count: number) => (done = count),
})

async function run(load: Load): Promise<LoadResult> {
  const { connections, durationMs, ratePerSecond, maxOutstanding = Infinity } = load
  done = 0
  const head = requestHead(load)
  const latencies: number[] = []
  const idle: Socket[] = []
  const sentAt = new Map<Socket, number>()
  let sent = 0
  let refused = 0
  const cpuBefore = process.cpuUsage()
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(load.port)))
  const startedAtMs = nowMs()
  const start = performance.now()
  const isOver = () => performance.now() - start >= durationMs
  const planned = (n: number) => start + (n / ratePerSecond!) * 1_000

  function send(socket: Socket): void {
    const number = String(sent % load.numbers).padStart(7, '0')
    // Under a given rate the wait for a free connection counts too.
    sentAt.set(socket, ratePerSecond ? planned(sent) : performance.now())
    sent++
    socket.write(`${head}${load.before}${number}${load.after}`)
  }

  function maySend(): boolean {
    if (isOver()) return false
    if (ratePerSecond) return planned(sent) <= performance.now()
    return sent - done < maxOutstanding
  }

  function fill(): void {
    while (idle.length > 0 && maySend()) send(idle.pop()!)
  }

  const { promise: finished, resolve } = Promise.withResolvers<void>()
  for (const socket of sockets) {
    onAnswers(socket, (status) => {
      latencies.push(performance.now() - sentAt.get(socket)!)
      if (status !== '202') refused++
      if (maySend()) send(socket)
      else idle.push(socket)
      if (isOver() && idle.length === connections) resolve()
    })
    idle.push(socket)
  }
  const timer = setInterval(() => {
    fill()
    if (isOver() && idle.length === connections) resolve()
  }, 1)
  fill()
  await finished
  clearInterval(timer)
  const endedAtMs = nowMs()
  for (const socket of sockets) socket.destroy()
  latencies.sort((a, b) => a - b)
  const at = (share: number) => latencies[Math.floor(latencies.length * share)] ?? 0
  const { user, system } = process.cpuUsage(cpuBefore)
  return {
    answered: latencies.length,
    refused,
    perSecond: (latencies.length / (endedAtMs - startedAtMs)) * 1_000,
    startedAtMs,
    endedAtMs,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    maxMs: latencies.at(-1) ?? 0,
    cpuMs: (user + system) / 1_000,
  }
}

function requestHead({ path, authorization, before, after }: Load): string {
  return [
    `POST ${path} HTTP/1.1`,
    'host: 127.0.0.1',
    'content-type: application/json',
    `authorization: ${authorization}`,
    `content-length: ${Buffer.byteLength(before) + 7 + Buffer.byteLength(after)}`,
    '',
    '',
  ].join('\r\n')
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => resolve(socket))
    socket.on('error', reject)
  })
}

/** Answers come one at a time on a connection, mostly in one piece. */
function onAnswers(socket: Socket, answered: (status: string) => void): void {
  let text = ''
  socket.setEncoding('latin1')
  socket.on('data', (chunk) => {
    text += String(chunk)
    const headEnd = text.indexOf('\r\n\r\n')
    if (headEnd < 0) return
    const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0)
    if (text.length < headEnd + 4 + length) return
    const status = text.slice(9, 12)
    text = ''
    answered(status)
  })
}
