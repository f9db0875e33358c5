// P2: deliveries per second from the request to the settled webhook, beside bare POSTs to the same sink.
import { queueDepth } from './belfry.ts'
import { startChild, type Child } from './child.ts'
import type { Posts } from './children/bare-post.ts'
import { alternate, median, percent, perSecond, showUse, withUse } from './measure.ts'
import type { Measure, Profile, Report, Row } from './measure.ts'
import { measurePeer } from './peer.ts'
import { broadcast, eventsForEach, maxOutstanding, setUp, type Sizes, type Stage } from './stage.ts'

const rounds = 3
const connections = 128 // most that Belfry opens to one host

export const deliver: Measure = {
  name: 'deliver',
  title: 'P2: deliveries per second by webhook',
  run,
}

function sizesOf(profile: Profile): Sizes {
  return profile === 'quick'
    ? { people: 20_000, durationMs: 4_000 }
    : { people: 100_000, durationMs: 15_000 }
}

async function run(profile: Profile): Promise<Report> {
  await using stack = new AsyncDisposableStack()
  const stage = await setUp(sizesOf(profile), stack)
  const bare = await startChild('children/bare-post.ts')
  stack.defer(() => bare.stop())

  const many = await measureMany(stage, bare)
  const each = await measureEach(stage, bare)
  const backlog = await measureBacklog(stage, each.perSecond)
  await stage.belfry.stop()
  const peer = await measurePeer(stage, each.perSecond)
  return {
    rows: [many.row, each.row, backlog.row, ...peer.rows],
    notes: [...many.notes, ...each.notes, ...backlog.notes, ...peer.notes],
  }
}

type Measured = { row: Row; notes: string[]; perSecond: number }

/** (a) One event to everybody. */
async function measureMany(stage: Stage, bare: Child): Promise<Measured> {
  const { belfry, sizes } = stage
  await broadcast(stage) // warm
  let shares = ''
  const { a, b } = await alternate(
    rounds,
    () => postBare(stage, bare),
    async () => {
      const measured = await withUse(belfry, () => broadcast(stage))
      shares = showUse(measured.use, sizes.people)
      return measured.result
    },
  )
  const rate = median(b)
  const limit = median(a)
  return {
    row: {
      what: `(a) one event to ${sizes.people.toLocaleString('en')} people`,
      belfry: perSecond(rate),
      beside: `bare undici POST ${perSecond(limit)}`,
      ratio: percent(rate / limit),
      target: '≥ 8,000/s, ≥ 25 %',
      isMet: rate >= 8_000 && rate / limit >= 0.25,
    },
    notes: [`(a): ${shares}`],
    perSecond: rate,
  }
}

async function postBare({ sinkPort, sizes }: Stage, bare: Child): Promise<number> {
  const timestamp = new Date().toISOString()
  const body = JSON.stringify({ type: 'order.shipped', timestamp, data: { order_id: 'A-1001' } })
  const posts: Posts = { port: sinkPort, count: sizes.people, connections, body }
  return bare.call<number>('run', posts)
}

/** (b) One event each, while as many are under way as are allowed to be. */
async function measureEach(stage: Stage, bare: Child): Promise<Measured> {
  const { belfry } = stage
  await eventsForEach(stage, { durationMs: 1_000 }) // warm
  let shares = ''
  const { a, b } = await alternate(
    rounds,
    () => postBare(stage, bare),
    async () => {
      const measured = await withUse(belfry, () => eventsForEach(stage, {}))
      shares = showUse(measured.use, measured.result.accepted.answered)
      return measured.result
    },
  )
  const rate = median(b.map((result) => result.perSecond))
  const p99Ms = median(b.map((result) => result.accepted.p99Ms))
  const limit = median(a)
  const { cpuMs, answered } = b.at(-1)!.accepted
  return {
    row: {
      what: `(b) one event each, ${maxOutstanding.toLocaleString('en')} under way at most`,
      belfry: `${perSecond(rate)}, accept p99 ${p99Ms.toFixed(0)} ms`,
      beside: `bare undici POST ${perSecond(limit)}`,
      ratio: percent(rate / limit),
      target: '≥ 4,000/s, ≥ 12 %',
      isMet: rate >= 4_000 && rate / limit >= 0.12,
    },
    notes: [`(b): ${shares}; the load generator ${Math.round((cpuMs * 1_000) / answered)} µs each`],
    perSecond: rate,
  }
}

const shareOfRate = 0.8
const longestBacklogSeconds = 1

/** At a part of the rate that was measured nothing may pile up. */
async function measureBacklog(stage: Stage, measured: number): Promise<Measured> {
  const rate = Math.floor(measured * shareOfRate)
  const durationMs = Math.max(10_000, stage.sizes.durationMs)
  const depths: number[] = []
  const timer = setInterval(() => {
    void queueDepth(stage.belfry.db).then((depth) => depths.push(depth))
  }, 250)
  const given = { ratePerSecond: rate, maxOutstanding: Infinity, durationMs }
  const result = await eventsForEach(stage, given)
  clearInterval(timer)
  const half = Math.floor(depths.length / 2)
  const [early, late] = [median(depths.slice(0, half)), median(depths.slice(half))]
  return {
    row: {
      what: `${percent(shareOfRate)} of it offered for ${durationMs / 1_000} s: waiting and in flight`,
      belfry: `median ${early} in the first half, ${late} in the second, ${result.depthAtEnd} at the end`,
      beside: `offered ${perSecond(rate)}`,
      ratio: '',
      target: 'no backlog',
      isMet:
        late <= rate * longestBacklogSeconds && result.depthAtEnd <= rate * longestBacklogSeconds,
    },
    notes: [],
    perSecond: result.perSecond,
  }
}
