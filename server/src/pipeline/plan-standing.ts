// How the throttles and digests of people stand before them in their plans.
import type { Context } from '../context.ts'
import type { Standing } from '../domain/plan-ahead.ts'
import { listOpenBuckets, listThrottles } from '../sql/plan-standing.ts'
import type { Planned, Written } from './fan-out-draft.ts'
import { stepHash } from './plan-hash.ts'
import { planScope } from './plan-texts.ts'

type Named = { recipient: string; position: number; hash: string }

/** By recipient; who has none before them is missing. */
export async function standingsOf(
  ctx: Context,
  written: Pick<Written, 'event' | 'steps' | 'planned'>,
): Promise<Map<string, Standing>> {
  const { workspaceId } = written.event
  const named = written.planned.flatMap((planned) => namesOf(written, planned))
  if (named.length === 0) return new Map()
  const hashes = named.map(({ hash }) => hash)
  const [throttles, buckets] = await Promise.all([
    listThrottles(ctx.db, workspaceId, hashes),
    listOpenBuckets(ctx.db, workspaceId, hashes),
  ])
  const throttleBy = new Map(throttles.map((throttle) => [throttle.hash, throttle]))
  const bucketBy = new Map(buckets.map((bucket) => [bucket.hash, bucket]))
  const standings = new Map<string, Standing>()
  for (const [recipient, own] of Map.groupBy(named, ({ recipient }) => recipient)) {
    const found = <T>(by: ReadonlyMap<string, T>): Map<number, T> =>
      new Map(
        own.flatMap(({ position, hash }) => {
          const state = by.get(hash)
          return state === undefined ? [] : [[position, state] as const]
        }),
      )
    standings.set(recipient, { throttles: found(throttleBy), digests: found(bucketBy) })
  }
  return standings
}

function namesOf(
  { event, steps }: Pick<Written, 'event' | 'steps'>,
  { person, next }: Planned,
): Named[] {
  if (!steps || !next) return []
  const { program, keyOf } = steps
  const { recipient } = person
  const scope = planScope(event, person, null)
  return program.flatMap((step, position): Named[] => {
    if (position < next.position || (step.kind !== 'digest' && step.kind !== 'throttle')) return []
    const key = step.rule.key === undefined ? '' : keyOf(step.rule.key, scope)
    const { workspaceId, level } = event
    const place = { workspaceId, position, level, recipient, key }
    return [{ recipient, position, hash: stepHash(event.type, program, place) }]
  })
}
