// What the person of a plan wants by now, about what its next step would tell.
import type { Context } from '../context.ts'
import { heardOf, type ClosedDigest } from '../domain/closed-digest.ts'
import type { Person } from '../domain/plan.ts'
import { atOnce, wishesOf, type Wishes } from '../domain/preferences.ts'
import type { ClaimedRun } from '../sql/plan-runs.ts'
import type { PreferenceState } from '../sql/preferences.ts'
import type { PlannedType } from './configuration.ts'
import { timingOf } from './timing.ts'

/** With what is left of its digest, if it is behind one. */
export function wishesFor(
  ctx: Context,
  person: Person,
  run: Pick<ClaimedRun, 'event' | 'isForced' | 'digest'>,
  about: { type: PlannedType | null; preferences: PreferenceState; now: Date },
): { wishes: Wishes | null; digest: ClosedDigest | null } {
  const { event, isForced } = run
  const { type, preferences, now } = about
  const { digest, threadKey } = heardOf(run.digest, event, person.preferences)
  const subject = {
    level: event.level,
    eventType: event.type,
    category: type?.category ?? null,
    isOptIn: type?.opt_in ?? false,
    threadKey,
  }
  const timing = timingOf(ctx, event, type?.hours)
  const { defaults } = preferences
  const wishes = wishesOf(person, subject, { defaults, timing, at: now })
  return { wishes: isForced ? atOnce(wishes) : wishes, digest }
}
