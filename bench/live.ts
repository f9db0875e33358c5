// P5: from the trigger to the person who follows their feed, over server-sent events and WebSockets.
import { drained, startBelfry, type Belfry } from './belfry.ts'
import { startChild, type Child } from './child.ts'
import type { Driven, Driving, Opened, Opening } from './children/streams.ts'
import { median, type Measure, type Profile, type Report, type Row } from './measure.ts'
import { addSubscribers, registerType, tokensFor } from './people.ts'

export const live: Measure = { name: 'live', title: 'P5: trigger to the open inbox', run }

const people = 100
const rounds = 3
const rates = [
  { perSecond: 50, p50Ms: 5, p99Ms: 20 },
  { perSecond: 1_000, p50Ms: 5, p99Ms: 20 },
  { perSecond: 3_000, p50Ms: Infinity, p99Ms: 100 },
]
type Rate = (typeof rates)[number]

async function run(profile: Profile): Promise<Report> {
  const durationMs = profile === 'quick' ? 2_000 : 10_000
  await using stack = new AsyncDisposableStack()
  const clients = await startChild('children/streams.ts')
  stack.defer(() => clients.stop())
  const belfry = await startBelfry()
  stack.defer(() => belfry.stop())
  await registerType(belfry, 'news', 'in_app')
  const template = { title: 'News', body: '{{ at }}' }
  await belfry.ask('PUT', '/templates/news/in_app/default', template)
  await addSubscribers(belfry, people)
  const tokens = await tokensFor(belfry, people)

  const rows: Row[] = []
  for (const way of ['sse', 'ws'] as const) {
    await clients.call<Opened>('open', { port: belfry.port, tokens, way } satisfies Opening)
    await drive(belfry, clients, 500, 1_000) // warm
    for (const rate of rates) {
      const driven: Driven[] = []
      for (let round = 0; round < rounds; round++)
        driven.push(await drive(belfry, clients, rate.perSecond, durationMs))
      rows.push(row(way, rate, driven))
    }
    await clients.call('close')
  }
  return {
    rows,
    notes: [
      `${people} people, each with one stream. The text of each message is the moment of its request, read by the ` +
        'process that made it. From a request to the message: accepted and on disk, fanned out, read and sent.',
    ],
  }
}

async function drive(
  belfry: Belfry,
  clients: Child,
  perSecond: number,
  durationMs: number,
): Promise<Driven> {
  const { port, authorization } = belfry
  const driving = { port, authorization, perSecond, durationMs, people }
  const driven = await clients.call<Driven>('drive', driving satisfies Driving)
  if (driven.heard < driven.sent) throw new Error(`heard ${driven.heard} of ${driven.sent}`)
  await drained(belfry.db)
  return driven
}

function row(way: string, { perSecond, p50Ms, p99Ms }: Rate, driven: Driven[]): Row {
  const [p50, p99] = [
    median(driven.map((round) => round.p50Ms)),
    median(driven.map((round) => round.p99Ms)),
  ]
  const most = Math.max(...driven.map((round) => round.maxMs))
  return {
    what: `${way === 'sse' ? 'SSE' : 'WebSocket'}, ${perSecond.toLocaleString('en')}/s`,
    belfry: `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`,
    beside: `slowest ${most.toFixed(0)} ms`,
    ratio: '',
    target: `${Number.isFinite(p50Ms) ? `p50 ≤ ${p50Ms} ms, ` : ''}p99 ≤ ${p99Ms} ms`,
    isMet: p50 <= p50Ms && p99 <= p99Ms,
  }
}
