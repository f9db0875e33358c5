// What P2 and its profile are measured on: a Belfry with its people, a sink they all point to, a load.
import { drained, queueDepth, startBelfry, type Belfry, type BelfryOptions } from './belfry.ts'
import { startChild, type Child } from './child.ts'
import type { Load, LoadResult } from './children/http-load.ts'
import { addAddresses, addSubscribers, registerType } from './people.ts'

/** Most events that may be accepted and not delivered yet. */
export const maxOutstanding = 2_000

export type Sizes = { people: number; durationMs: number }

export type Stage = { belfry: Belfry; sink: Child; sinkPort: number; load: Child; sizes: Sizes }

/** A Belfry with its people, a sink they all point to, and a load generator. */
export async function setUp(
  sizes: Sizes,
  stack: AsyncDisposableStack,
  options: BelfryOptions = {},
): Promise<Stage> {
  const sink = await startChild('children/http-sink.ts')
  stack.defer(() => sink.stop())
  const load = await startChild('children/http-load.ts')
  stack.defer(() => load.stop())
  const sinkPort = await sink.call<number>('port')
  sink.onNote((count) => void load.call('done', count))

  const belfry = await startBelfry(options)
  stack.defer(() => belfry.stop())
  await registerType(belfry, 'order.shipped', 'webhook')
  const settings = {}
  const provider = { channel: 'webhook', kind: 'webhook', name: 'sink', settings }
  await belfry.ask('POST', '/providers', provider)
  await addSubscribers(belfry, sizes.people)
  const before = `http://127.0.0.1:${sinkPort}/hook/`
  await addAddresses(belfry, { channel: 'webhook', before, after: '' })
  return { belfry, sink, sinkPort, load, sizes }
}

/** Deliveries per second, from the request until the last one is settled. */
export async function broadcast({ belfry, sink, sizes }: Stage): Promise<number> {
  await sink.call('reset')
  const startedMs = performance.now()
  const event = { type: 'order.shipped', params: { order_id: 'A-1001' }, to: [{ topic: 'all' }] }
  await belfry.ask('POST', '/events', event)
  await sink.call('waitFor', sizes.people)
  await drained(belfry.db)
  return (sizes.people / (performance.now() - startedMs)) * 1_000
}

export type EachResult = { perSecond: number; accepted: LoadResult; depthAtEnd: number }

export async function eventsForEach(
  { belfry, sink, load, sizes }: Stage,
  given: Partial<Load>,
): Promise<EachResult> {
  await sink.call('reset')
  const accepted = await load.call<LoadResult>('run', {
    ...loadOf(sizes),
    port: belfry.port,
    authorization: belfry.authorization,
    maxOutstanding,
    ...given,
  })
  if (accepted.refused > 0) throw new Error(`${accepted.refused} requests were refused`)
  const depthAtEnd = await queueDepth(belfry.db)
  await sink.call('waitFor', accepted.answered)
  await drained(belfry.db)
  const endedAtMs = performance.timeOrigin + performance.now()
  const rate = (accepted.answered / (endedAtMs - accepted.startedAtMs)) * 1_000
  return { perSecond: rate, accepted, depthAtEnd }
}

export function loadOf(sizes: Sizes): Omit<Load, 'port' | 'authorization'> {
  return {
    path: '/events',
    connections: 128,
    durationMs: sizes.durationMs,
    before: '{"type":"order.shipped","params":{"order_id":"A-1001","total":42.5},"to":["p',
    after: '"]}',
    numbers: sizes.people,
  }
}
