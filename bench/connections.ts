// P7: what idle streams cost the process, and how fast they come back after a restart.
import { startBelfry } from './belfry.ts'
import { startChild } from './child.ts'
import type { Opened, Opening } from './children/streams.ts'
import type { Measure, Profile, Report } from './measure.ts'
import { addSubscribers, tokensFor } from './people.ts'
import { memoryOf } from './processes.ts'

export const connections: Measure = { name: 'connections', title: 'P7: idle streams', run }

const mostBytesEach = 8 * 1_024
const mostConnectMs = 5_000
const settleMs = 25_000 // a round of heartbeats, and the counts of all

async function run(_profile: Profile, given: number | null): Promise<Report> {
  const count = given ?? 10_000
  await using stack = new AsyncDisposableStack()
  const clients = await startChild('children/streams.ts')
  stack.defer(() => clients.stop())
  const belfry = await startBelfry({ nodeOptions: ['--expose-gc'] })
  stack.defer(() => belfry.stop())
  await addSubscribers(belfry, count)
  const tokens = await tokensFor(belfry, count)
  const open = (some: string[]) =>
    clients.call<Opened>('open', {
      port: belfry.port,
      tokens: some,
      way: 'sse',
    } satisfies Opening)
  await open(tokens.slice(0, 200)) // warm
  await clients.call('close')
  await settled(2_000)
  await belfry.process.call('collectGarbage')
  const idle = memoryOf([belfry.process.pid])

  const { tookMs } = await open(tokens)
  await settled(settleMs)
  await belfry.process.call('collectGarbage')
  const bytesEach = (memoryOf([belfry.process.pid]) - idle) / count
  return {
    rows: [
      {
        what: `memory of the process, each of ${count.toLocaleString('en')}`,
        belfry: `${(bytesEach / 1_024).toFixed(1)} KB`,
        beside: `idle ${Math.round(idle / 1_048_576)} MB`,
        ratio: '',
        target: `≤ ${mostBytesEach / 1_024} KB`,
        isMet: bytesEach <= mostBytesEach,
      },
      {
        what: `${count.toLocaleString('en')} connect`,
        belfry: `${(tookMs / 1_000).toFixed(1)} s`,
        beside: `${Math.round((count / tookMs) * 1_000).toLocaleString('en')}/s`,
        ratio: '',
        target: `≤ ${mostConnectMs / 1_000} s`,
        isMet: tookMs <= mostConnectMs,
      },
    ],
    notes: ['Each stream is one of another person, told its position and its counts, and silent.'],
  }
}

function settled(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
