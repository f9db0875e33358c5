// Rings between processes over LISTEN/NOTIFY. A ring carries nothing and may be lost: whoever waits
// for it also looks by itself now and then. Rings that come close together are one, because a NOTIFY in
// every commit costs two thirds of the throughput.
import { randomBytes } from 'node:crypto'
import type pg from 'pg'
import type { Database } from './sql/db.ts'
import { notify } from './sql/signals.ts'

const names = [
  'belfry_events', // people are to be found
  'belfry_deliveries', // deliveries wait
  'belfry_plans', // a plan can go on
  'belfry_config', // the configuration has changed
  'belfry_waiting', // a request waits for its work to be done
  'belfry_done', // some work was done
  'belfry_streams', // somebody follows what changes
  'belfry_changes', // something has changed that may be followed
  'belfry_followed', // somebody follows results, or has a hook for them
  'belfry_results', // there are results
  'belfry_hooks', // hooks are to be called
  'belfry_listeners', // something happened that code listens to
  'belfry_clocks', // the clock of a test workspace was moved
  'belfry_health', // a breaker has opened or closed
  'belfry_channels', // somebody wants a channel worked in another way
  'belfry_sql', // something came through SQL: rung by the database itself
] as const
export type Signal = (typeof names)[number]

export type Signals = {
  /** Rings everywhere, here at once. Never throws, never waits. */
  ring(signal: Signal): void
  /** Rings in the other processes only. */
  ringOthers(signal: Signal): void
  /** Calls back on every ring, and after a lost connection came back: anything may have happened. */
  on(signal: Signal, listener: () => void): void
  close(): Promise<void>
}

const retryMs = 1_000 // after the connection was lost, or a ring
const closestMs = 20 // between two rings of this process: the first is sent at once
const aliveMs = 15_000 // between two questions whether the connection is still there

export type SignalsOptions = { aliveMs?: number }

export async function createSignals(
  db: Database,
  onError: (error: unknown) => void,
  options: SignalsOptions = {},
): Promise<Signals> {
  const listeners = new Map(names.map((name) => [name, new Set<() => void>()]))
  const self = randomBytes(8).toString('hex')
  const waiting = new Set<Signal>()
  let timer: NodeJS.Timeout | null = null
  let lastSentMs = -Infinity
  let isFailing = false
  let isClosed = false

  const wake = (signal: Signal) => listeners.get(signal)?.forEach((listener) => listener())

  async function send(): Promise<void> {
    lastSentMs = performance.now()
    const signals = [...waiting]
    waiting.clear()
    try {
      for (const signal of signals) await notify(db, signal, self)
      isFailing = false
    } catch (error) {
      // Those that were heard ring twice: that does no harm, and one that is lost would.
      for (const signal of signals) waiting.add(signal)
      if (!isFailing) onError(error)
      isFailing = true
    }
    timer = null
    if (waiting.size > 0) sendSoon(isFailing ? retryMs : closestMs)
  }

  function sendSoon(inMs: number): void {
    if (!isClosed) timer ??= setTimeout(() => void send(), inMs).unref()
  }

  function ringOthers(signal: Signal): void {
    waiting.add(signal)
    sendSoon(Math.max(0, lastSentMs + closestMs - performance.now()))
  }

  const connection = await listen(db, {
    names,
    onRing: (signal, sender) => sender !== self && wake(signal),
    onReturn: () => names.forEach(wake),
    onError,
    aliveMs,
    ...options,
  })
  return {
    ring(signal) {
      wake(signal)
      ringOthers(signal)
    },
    ringOthers,
    on: (signal, listener) => void listeners.get(signal)?.add(listener),
    async close() {
      isClosed = true
      if (timer) clearTimeout(timer)
      await connection.close()
    },
  }
}

type Listening = {
  names: readonly Signal[]
  onRing: (signal: Signal, sender: string | undefined) => void
  /** The connection was lost, and is there again. */
  onReturn: () => void
  onError: (error: unknown) => void
  aliveMs: number
}

/** Exactly one connection listens: a second one would ring everything twice, and hold the process. */
async function listen(
  db: Database,
  { names, onRing, onReturn, onError, aliveMs }: Listening,
): Promise<{ close(): Promise<void> }> {
  let current: pg.Client | null = null
  let isClosed = false

  async function connect(): Promise<void> {
    const client = await db.connect()
    client.on('notification', ({ channel, payload }) => onRing(channel as Signal, payload))
    client.once('end', () => client === current && reconnectSoon())
    try {
      await client.query(`listen ${names.join('; listen ')}`)
    } catch (error) {
      client.end().catch(() => {}) // it may have ended by itself
      throw error
    }
    if (isClosed) await client.end()
    else current = client
  }

  /** Nobody tells when the other side is gone without a word: asking does. */
  async function check(): Promise<void> {
    const client = current
    const question = { text: 'select 1', query_timeout: aliveMs }
    try {
      await client?.query(question)
    } catch {
      await client?.end() // it ends without an answer, as a question is still open
    }
  }

  function reconnectSoon(): void {
    current = null
    setTimeout(() => void reconnect(), retryMs).unref()
  }

  async function reconnect(): Promise<void> {
    if (isClosed) return
    try {
      await connect()
      onReturn()
    } catch (error) {
      onError(error)
      reconnectSoon()
    }
  }

  await connect()
  const checking = setInterval(() => void check().catch(() => {}), aliveMs).unref()
  return {
    async close() {
      isClosed = true
      clearInterval(checking)
      await current?.end()
    },
  }
}
