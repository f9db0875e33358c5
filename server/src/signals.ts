// Rings between processes over LISTEN/NOTIFY. A ring carries nothing and may be lost: whoever waits
// for it also looks by itself now and then. Rings that come close together are one, because a NOTIFY in
// every commit costs two thirds of the throughput.
import { randomBytes } from 'node:crypto'
import type pg from 'pg'
import type { Database } from './sql/db.ts'
import { notify } from './sql/signals.ts'

export type Signal =
  | 'belfry_events' // people are to be found
  | 'belfry_deliveries' // deliveries wait
  | 'belfry_config' // the configuration has changed

export type Signals = {
  /** Rings everywhere, here at once. Never throws, never waits. */
  ring(signal: Signal): void
  /** Rings in the other processes only. */
  ringOthers(signal: Signal): void
  /** Calls back on every ring, and after a lost connection came back: anything may have happened. */
  on(signal: Signal, listener: () => void): void
  close(): Promise<void>
}

const reconnectMs = 1_000
const closestMs = 20 // between two rings of this process: the first is sent at once

export async function createSignals(
  db: Database,
  onError: (error: unknown) => void,
): Promise<Signals> {
  const listeners: Record<Signal, Set<() => void>> = {
    belfry_events: new Set(),
    belfry_deliveries: new Set(),
    belfry_config: new Set(),
  }
  const self = randomBytes(8).toString('hex')
  const waiting = new Set<Signal>()
  let listening: pg.Client | null = null
  let timer: NodeJS.Timeout | null = null
  let lastSentMs = -Infinity
  let isClosed = false

  const wake = (signal: Signal) => listeners[signal].forEach((listener) => listener())

  async function listen(): Promise<void> {
    const client = await db.connect()
    listening = client
    client.on('notification', ({ channel, payload }) => {
      if (payload !== self) wake(channel as Signal)
    })
    client.once('end', () => !isClosed && setTimeout(() => void reconnect(), reconnectMs).unref())
    await client.query(`listen ${Object.keys(listeners).join('; listen ')}`)
  }

  async function reconnect(): Promise<void> {
    if (isClosed) return
    try {
      await listen()
      for (const signal of Object.keys(listeners) as Signal[]) wake(signal)
    } catch (error) {
      onError(error)
      setTimeout(() => void reconnect(), reconnectMs).unref()
    }
  }

  async function send(): Promise<void> {
    timer = null
    lastSentMs = performance.now()
    const signals = [...waiting]
    waiting.clear()
    try {
      for (const signal of signals) await notify(db, signal, self)
    } catch (error) {
      onError(error)
    }
  }

  function ringOthers(signal: Signal): void {
    waiting.add(signal)
    const inMs = Math.max(0, lastSentMs + closestMs - performance.now())
    timer ??= setTimeout(() => void send(), inMs).unref()
  }

  await listen()
  return {
    ring(signal) {
      wake(signal)
      ringOthers(signal)
    },
    ringOthers,
    on: (signal, listener) => void listeners[signal].add(listener),
    async close() {
      isClosed = true
      if (timer) clearTimeout(timer)
      await listening?.end()
    },
  }
}
