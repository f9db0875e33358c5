// Rings between processes over LISTEN/NOTIFY. A ring carries nothing and may be lost: whoever waits
// for it also looks by itself now and then. Rings are coalesced, because a NOTIFY in every commit
// costs two thirds of the throughput.
import type pg from 'pg'
import type { Database } from './sql/db.ts'
import { notify } from './sql/signals.ts'

export type Signal = 'belfry_work' | 'belfry_config'

export type Signals = {
  /** Rings everywhere, this process included (there at once). Never throws, never waits. */
  ring(signal: Signal): void
  /** Calls back on every ring, and after a lost connection came back: anything may have happened. */
  on(signal: Signal, listener: () => void): void
  close(): Promise<void>
}

const reconnectMs = 1_000
const coalesceMs = 10

export async function createSignals(
  db: Database,
  onError: (error: unknown) => void,
): Promise<Signals> {
  const listeners: Record<Signal, Set<() => void>> = {
    belfry_work: new Set(),
    belfry_config: new Set(),
  }
  const waiting = new Set<Signal>()
  let listening: pg.Client | null = null
  let timer: NodeJS.Timeout | null = null
  let isClosed = false

  const wake = (signal: Signal) => listeners[signal].forEach((listener) => listener())

  async function listen(): Promise<void> {
    const client = await db.connect()
    listening = client
    client.on('notification', ({ channel }) => wake(channel as Signal))
    client.once('end', () => !isClosed && setTimeout(() => void reconnect(), reconnectMs).unref())
    await client.query('listen belfry_work; listen belfry_config')
  }

  async function reconnect(): Promise<void> {
    if (isClosed) return
    try {
      await listen()
      wake('belfry_config')
      wake('belfry_work')
    } catch (error) {
      onError(error)
      setTimeout(() => void reconnect(), reconnectMs).unref()
    }
  }

  async function ringOthers(): Promise<void> {
    timer = null
    const signals = [...waiting]
    waiting.clear()
    try {
      for (const signal of signals) await notify(db, signal)
    } catch (error) {
      onError(error)
    }
  }

  await listen()
  return {
    ring(signal) {
      wake(signal)
      waiting.add(signal)
      timer ??= setTimeout(() => void ringOthers(), coalesceMs).unref()
    },
    on: (signal, listener) => void listeners[signal].add(listener),
    async close() {
      isClosed = true
      if (timer) clearTimeout(timer)
      await listening?.end()
    },
  }
}
