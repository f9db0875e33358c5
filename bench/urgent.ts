// P6: what is critical while a broadcast to very many people runs, from the trigger to the receiver.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Belfry } from './belfry.ts'
import { perSecond, type Measure, type Profile, type Report } from './measure.ts'
import { broadcast, setUp } from './stage.ts'

const everyMs = 50
const mostMs = 1_000

export const urgent: Measure = {
  name: 'urgent',
  title: 'P6: what is critical during a broadcast',
  run,
}

async function run(profile: Profile, given: number | null): Promise<Report> {
  const people = given ?? (profile === 'quick' ? 100_000 : 1_000_000)
  await using stack = new AsyncDisposableStack()
  const stage = await setUp({ people, durationMs: 0 }, stack)
  const receiver = await startReceiver(stack)
  const { belfry } = stage
  await belfry.ask('PUT', '/event-types/alarm', { channels: ['webhook'], level: 'critical' })
  await belfry.ask('PUT', '/templates/alarm/webhook/default', { body: { at: '{{ at }}' } })
  const addresses = { webhook: `http://127.0.0.1:${receiver.port}/` }
  await belfry.ask('PUT', '/subscribers/on-call', { addresses })
  await measureWhile(belfry, receiver, sleep(1_000)) // warm

  const quiet = await measureWhile(belfry, receiver, sleep(5_000))
  let rate = 0
  const busy = await measureWhile(
    belfry,
    receiver,
    broadcast(stage).then((measured) => (rate = measured)),
  )
  return {
    rows: [
      {
        what: `trigger to receiver, while ${people.toLocaleString('en')} people are told something else`,
        belfry: show(busy),
        beside: `nothing else to do: ${show(quiet)}`,
        ratio: '',
        target: `p99 ≤ ${mostMs / 1_000} s`,
        isMet: at(busy, 0.99) <= mostMs,
      },
    ],
    notes: [
      `${busy.length} critical events, one each ${everyMs} ms, each from its request until a receiver of its own has it; ` +
        `the broadcast went on at ${perSecond(rate)} meanwhile.`,
    ],
  }
}

type Receiver = { port: number; latenesses: number[] }

/** Knows how late each message is by the moment that stands in it. */
async function startReceiver(stack: AsyncDisposableStack): Promise<Receiver> {
  const latenesses: number[] = []
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      latenesses.push(performance.now() - Number((JSON.parse(body) as { at: string }).at))
      response.end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  stack.defer(() => {
    server.closeAllConnections()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, latenesses }
}

/** How late what is critical was, in milliseconds, from the first to the last, as long as something else goes on. */
async function measureWhile(
  belfry: Belfry,
  { latenesses }: Receiver,
  other: Promise<unknown>,
): Promise<number[]> {
  latenesses.length = 0
  const over = new AbortController()
  void other.finally(() => over.abort())
  const asked: Promise<unknown>[] = []
  while (!over.signal.aborted) {
    const event = { type: 'alarm', to: ['on-call'], params: { at: String(performance.now()) } }
    asked.push(belfry.ask('POST', '/events', event))
    await sleep(everyMs)
  }
  await Promise.all([other, ...asked])
  while (latenesses.length < asked.length) await sleep(everyMs)
  return latenesses.toSorted((a, b) => a - b)
}

function show(sorted: number[]): string {
  const ms = (share: number) => `${at(sorted, share).toFixed(0)} ms`
  return `p50 ${ms(0.5)}, p99 ${ms(0.99)}, slowest ${ms(1)}`
}

function at(sorted: number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!
}
