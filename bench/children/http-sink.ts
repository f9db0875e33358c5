// The other side of webhooks at the least cost: counts requests and answers 200 on kept connections.
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { nowMs, serve } from './serve.ts'

const answer = Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')
const noteEveryMs = 5

let count = 0
let lastAtMs = 0
let noted = 0
let waiting: { count: number; resolve: (atMs: number) => void } | null = null

function arrived(requests: number): void {
  count += requests
  if (!waiting || count < waiting.count) return
  lastAtMs = nowMs()
  waiting.resolve(lastAtMs)
  waiting = null
}

/** How many bytes of `data` are whole requests, and how many those are. */
function wholeRequests(data: Buffer): { requests: number; end: number } {
  let end = 0
  let requests = 0
  for (;;) {
    const headEnd = data.indexOf('\r\n\r\n', end)
    if (headEnd < 0) break
    const head = data.toString('latin1', end, headEnd)
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0)
    if (data.length < headEnd + 4 + length) break
    end = headEnd + 4 + length
    requests++
  }
  return { requests, end }
}

function take(socket: Socket): void {
  socket.setNoDelay(true)
  socket.on('error', () => socket.destroy())
  let rest: Buffer | null = null
  socket.on('data', (chunk: Buffer) => {
    const data = rest ? Buffer.concat([rest, chunk]) : chunk
    const { requests, end } = wholeRequests(data)
    rest = end < data.length ? data.subarray(end) : null
    for (let i = 0; i < requests; i++) socket.write(answer)
    if (requests > 0) arrived(requests)
  })
}

const server = createServer(take)
server.listen(0, '127.0.0.1', () =>
  serve({
    port: () => (server.address() as AddressInfo).port,
    count: () => count,
    cpuMs: () => process.cpuUsage().user / 1_000 + process.cpuUsage().system / 1_000,
    reset() {
      count = 0
      noted = 0
    },
    /** When the `wanted`-th request since the reset was there. */
    waitFor: (wanted: number) =>
      count >= wanted ? nowMs() : new Promise((resolve) => (waiting = { count: wanted, resolve })),
  }),
)

setInterval(() => {
  if (count === noted) return
  noted = count
  process.send!({ note: count })
}, noteEveryMs)
