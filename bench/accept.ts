// P1: events accepted per second, on disk before the 202, beside the same route that stores nothing.
import { drained, startBelfry, type Belfry } from './belfry.ts'
import { startChild, type Child } from './child.ts'
import type { Load, LoadResult } from './children/http-load.ts'
import { alternate, median, percent, perSecond, showUse, withUse } from './measure.ts'
import type { Measure, Profile, Report, Row } from './measure.ts'
import { addSubscribers, registerType } from './people.ts'

const people = 10_000
const rounds = 3
const setups = [
  { roles: ['api'], connectionCounts: [64, 256] },
  { roles: ['api', 'worker', 'scheduler'], connectionCounts: [256] },
]

export const accept: Measure = {
  name: 'accept',
  title: 'P1: accepted events per second',
  run,
}

async function run(profile: Profile): Promise<Report> {
  const durationMs = profile === 'quick' ? 1_500 : 10_000
  await using stack = new AsyncDisposableStack()
  const load = await startChild('children/http-load.ts')
  stack.defer(() => load.stop())
  const bare = await startChild('children/bare-route.ts')
  stack.defer(() => bare.stop())
  const barePort = await bare.call<number>('port')

  const rows: Row[] = []
  const notes: string[] = []
  for (const { roles, connectionCounts } of setups) {
    const belfry = await startBelfry({ roles })
    try {
      await registerType(belfry, 'order.shipped', 'in_app')
      await addSubscribers(belfry, people)
      for (const connections of connectionCounts) {
        const measured = await measure({ belfry, load, roles, barePort, connections, durationMs })
        const isTarget = roles.length === 1
        rows.push(row(roles, connections, measured, isTarget))
        notes.push(`${name(roles)}, ${connections} connections: ${measured.shares}`)
      }
    } finally {
      await belfry.stop()
    }
  }
  notes.push(
    'With the role api alone nobody works on what is accepted: that is accepting by itself. With all roles ' +
      'each event is also fanned out to its one person, in-app, while the next ones come in.',
  )
  return { rows, notes }
}

type Measuring = {
  belfry: Belfry
  load: Child
  roles: string[]
  barePort: number
  connections: number
  durationMs: number
}
type Measured = { own: LoadResult[]; bare: LoadResult[]; shares: string }

async function measure(measuring: Measuring): Promise<Measured> {
  const { belfry, load, roles, barePort, connections, durationMs } = measuring
  const request = {
    path: '/events',
    authorization: belfry.authorization,
    connections,
    durationMs,
    before: '{"type":"order.shipped","params":{"order_id":"A-1001","total":42.5},"to":["p',
    after: '"]}',
    numbers: people,
  }
  const drive = async (port: number, forMs = durationMs) => {
    const result = await load.call<LoadResult>('run', {
      ...request,
      port,
      durationMs: forMs,
    } satisfies Load)
    if (result.refused > 0) throw new Error(`${result.refused} requests were refused`)
    return result
  }
  await drive(barePort, 500) // both warm
  await drive(belfry.port, 500)
  let shares = ''
  const { a, b } = await alternate(
    rounds,
    async () => {
      if (roles.length > 1) await drained(belfry.db)
      return drive(barePort)
    },
    async () => {
      const measured = await withUse(belfry, () => drive(belfry.port))
      shares = showUse(measured.use, measured.result.answered)
      return measured.result
    },
  )
  return { own: b, bare: a, shares }
}

const targetShare = 0.4
const targetP99Ms = 50

function row(
  roles: string[],
  connections: number,
  { own, bare }: Measured,
  isTarget: boolean,
): Row {
  const rate = median(own.map((result) => result.perSecond))
  const bareRate = median(bare.map((result) => result.perSecond))
  const p50Ms = median(own.map((result) => result.p50Ms))
  const p99Ms = median(own.map((result) => result.p99Ms))
  return {
    what: `${name(roles)}, ${connections} connections`,
    belfry: `${perSecond(rate)}, p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms`,
    beside: `the route without storing ${perSecond(bareRate)}`,
    ratio: percent(rate / bareRate),
    target: isTarget ? `≥ ${percent(targetShare)}, p99 ≤ ${targetP99Ms} ms` : '',
    isMet: isTarget ? rate / bareRate >= targetShare && p99Ms <= targetP99Ms : null,
  }
}

const name = (roles: string[]) => (roles.length === 1 ? 'role api alone' : 'all roles')
