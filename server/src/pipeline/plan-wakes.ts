// Events that end the waits of others: told when their people are found, before anything of them is stored.
// Told twice, it makes no difference. What is told is remembered before anybody is woken, and who begins to wait
// looks there after that is stored: whichever comes first, one of them sees the other. Whether anybody may wait at all
// is read with each fan-out: from memory it might not yet be known of a plan that was saved a moment ago.
import type { Context } from '../context.ts'
import { rememberWakes, wakePlanRuns, type Wake } from '../sql/plan-wakes.ts'
import type { NextPeople } from './next-people.ts'
import { wakeOf } from './plan-hash.ts'

export async function wakeWhoAwaits(
  ctx: Context,
  chunks: Pick<NextPeople, 'event' | 'people' | 'awaitedBy'>[],
): Promise<void> {
  const wakes = new Map<string, Wake>()
  for (const { event, people, awaitedBy } of chunks) {
    const { type, workspaceId, params, createdAt: at } = event
    if (type === null) continue
    const names = awaitedBy.flatMap((key) =>
      key === null
        ? people.map(({ recipient }) => wakeOf({ event: type }, params, recipient))
        : wakeOf({ event: type, key }, params, ''),
    )
    for (const wake of names) {
      if (wake === null) continue
      const known = wakes.get(`${workspaceId} ${wake}`)
      if (!known || known.at < at) wakes.set(`${workspaceId} ${wake}`, { workspaceId, wake, at })
    }
  }
  if (wakes.size === 0) return
  const all = [...wakes.values()]
  // Two statements, and the first is committed by itself.
  await rememberWakes(ctx.db, all)
  const now = ctx.clock.now()
  for (const [workspaceId, own] of Map.groupBy(all, (wake) => wake.workspaceId))
    await wakePlanRuns(ctx.db, { workspaceId, wakes: own.map(({ wake }) => wake), now })
}
