// Waits of plans that are over all at once: how fast they are worked off, and what that takes of memory.
import { startBelfry, type Belfry } from './belfry.ts'
import { megabytes, perSecond, showUse, withUse } from './measure.ts'
import type { Measure, Profile, Report } from './measure.ts'
import { addSubscribers } from './people.ts'
import { memoryOf } from './processes.ts'

const targetRate = 1_000
const targetBytes = 100 * 1_048_576
const lookEveryMs = 250

export const waits: Measure = {
  name: 'waits',
  title: 'Plans: waits that are all over at once',
  run,
}

async function run(_profile: Profile, people: number | null): Promise<Report> {
  const count = people ?? 100_000
  const belfry = await startBelfry()
  try {
    await beginToWait(belfry, count)
    const before = memoryOf([belfry.process.pid])
    await belfry.db.query('update belfry.plan_runs set due_at = now(), ends_at = now()')
    const startedMs = performance.now()
    let most = before
    const { use } = await withUse(belfry, () =>
      until(async () => {
        most = Math.max(most, memoryOf([belfry.process.pid]))
        return (await numberOf(belfry, 'select count(*) from belfry.plan_runs')) === 0
      }),
    )
    const rate = (count / (performance.now() - startedMs)) * 1_000
    const delivered = `select count(*) from belfry.notifications where status = 'delivered'`
    if ((await numberOf(belfry, delivered)) !== count) throw new Error('not everybody was told')
    return {
      rows: [
        {
          what: `${count.toLocaleString('en')} waits, then a message in the app`,
          belfry: perSecond(rate),
          beside: `Node ${megabytes(before)} before, ${megabytes(most)} at most`,
          ratio: '',
          target: `≥ ${perSecond(targetRate)}, ≤ ${megabytes(targetBytes)} more`,
          isMet: rate >= targetRate && most - before <= targetBytes,
        },
      ],
      notes: [showUse(use, count), 'Before: after the fan-out to all of them.'],
    }
  } finally {
    await belfry.stop()
  }
}

/** One event for all of them, whose plan waits for an hour. */
async function beginToWait(belfry: Belfry, count: number): Promise<void> {
  await addSubscribers(belfry, count)
  await belfry.ask('PUT', '/event-types/order.waiting', {
    plan: [{ wait: { for: '1h' } }, { send: ['in_app'] }],
  })
  await belfry.ask('PUT', '/templates/order.waiting/in_app/default', {
    title: 'Still there?',
    body: 'Your basket waits for you.',
  })
  await belfry.ask('POST', '/events', { type: 'order.waiting', to: [{ topic: 'all' }] })
  const waiting = 'select count(*) from belfry.plan_runs where ends_at is not null'
  await until(async () => (await numberOf(belfry, waiting)) === count)
}

async function numberOf(belfry: Belfry, query: string): Promise<number> {
  const { rows } = await belfry.db.query<{ count: string }>(query)
  return Number(rows[0]!.count)
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, lookEveryMs))
}
