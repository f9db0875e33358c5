// P4: one event to very many subscribers, in-app, beside the bare `insert … select` of the same rows.
import { drained, startBelfry, type Belfry } from './belfry.ts'
import { alternate, median, megabytes, percent, perSecond, showUse, withUse } from './measure.ts'
import type { Measure, Profile, Report } from './measure.ts'
import { addSubscribers, registerType } from './people.ts'
import { memoryOf } from './processes.ts'

const rounds = 3
const targetShare = 0.5
const mostMemory = 150 * 1_048_576
const sampleEveryMs = 20

export const fanOut: Measure = {
  name: 'fan-out',
  title: 'P4: fan-out to subscribers per second',
  run,
}

async function run(profile: Profile, given: number | null): Promise<Report> {
  const people = given ?? (profile === 'quick' ? 100_000 : 1_000_000)
  const belfry = await startBelfry()
  try {
    await registerType(belfry, 'order.shipped', 'in_app')
    await addSubscribers(belfry, people)
    await belfry.db.query(
      'create table public.bare (like belfry.notifications including all) with (fillfactor = 75)',
    )
    const idle = memoryOf([belfry.process.pid])
    const { a, b } = await alternate(
      rounds,
      () => insertBare(belfry, people),
      () => withUse(belfry, () => broadcast(belfry, people)),
    )
    const told = b.map(({ result }) => result)
    const [limit, rate] = [median(a), median(told.map((round) => round.perSecond))]
    const above = Math.max(...told.map((round) => round.memory)) - idle
    const use = b.toSorted((x, y) => x.use.postgresMs - y.use.postgresMs)[b.length >> 1]!.use
    return {
      rows: [
        {
          what: `one event to ${people.toLocaleString('en')} people, in-app`,
          belfry: perSecond(rate),
          beside: `bare insert … select ${perSecond(limit)}`,
          ratio: percent(rate / limit),
          target: `≥ ${percent(targetShare)}`,
          isMet: rate / limit >= targetShare,
        },
        {
          what: 'memory of the process above idle, highest',
          belfry: megabytes(above),
          beside: `idle ${megabytes(idle)}`,
          ratio: '',
          target: `≤ ${megabytes(mostMemory)}`,
          isMet: above <= mostMemory,
        },
      ],
      notes: [
        showUse(use, people),
        'The bare insert writes the same number of rows into a table with the same columns, checks and indexes, ' +
          'in one statement of the same database.',
      ],
    }
  } finally {
    await belfry.stop()
  }
}

async function broadcast(
  belfry: Belfry,
  people: number,
): Promise<{ perSecond: number; memory: number }> {
  await belfry.db.query('checkpoint')
  let memory = 0
  const timer = setInterval(() => {
    memory = Math.max(memory, memoryOf([belfry.process.pid]))
  }, sampleEveryMs)
  const startedMs = performance.now()
  const event = { type: 'order.shipped', params: { order_id: 'A-1001' }, to: [{ topic: 'all' }] }
  await belfry.ask('POST', '/events', event)
  await drained(belfry.db, 300_000)
  const tookMs = performance.now() - startedMs
  clearInterval(timer)
  const { rows } = await belfry.db.query<{ count: number }>(
    'select recipient_count as count from belfry.events order by id desc limit 1',
  )
  if (rows[0]?.count !== people) throw new Error(`told ${rows[0]?.count} of ${people} people`)
  return { perSecond: (people / tookMs) * 1_000, memory }
}

async function insertBare({ db }: Belfry, people: number): Promise<number> {
  await db.query('truncate public.bare')
  await db.query('checkpoint')
  const startedMs = performance.now()
  await db.query(`insert into public.bare (workspace_id, id, event_id, recipient, is_subscriber, via, type,
      level, channel, status, pending, content_id, created_at, finished_at)
    select 1, uuidv7(), '01900000-0000-7000-8000-000000000000', subscriber_id, true, array['topic:' || topic],
      'order.shipped', 'standard', 'in_app', 'delivered', 0,
      '01900000-0000-7000-8000-000000000001', now(), now()
    from belfry.topic_members where workspace_id = 1 and topic = 'all'`)
  return (people / (performance.now() - startedMs)) * 1_000
}
