// A mail server that takes everything and counts.
import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'
import { nowMs, serve } from './serve.ts'

let count = 0
let waiting: { count: number; resolve: (atMs: number) => void } | null = null

const server = new SMTPServer({
  disabledCommands: ['STARTTLS', 'AUTH'],
  authOptional: true,
  disableReverseLookup: true,
  onData(stream, _session, done) {
    stream.resume()
    stream.on('end', () => {
      done()
      count++
      if (!waiting || count < waiting.count) return
      waiting.resolve(nowMs())
      waiting = null
    })
  },
})
server.on('error', () => {}) // connections that end while a round is cleared away
server.listen(0, '127.0.0.1', () =>
  serve({
    port: () => (server.server.address() as AddressInfo).port,
    reset: () => (count = 0),
    /** When the `wanted`-th message since the reset was there. */
    waitFor: (wanted: number) =>
      count >= wanted ? nowMs() : new Promise((resolve) => (waiting = { count: wanted, resolve })),
  }),
)
