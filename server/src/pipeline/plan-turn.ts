// What a plan comes to next, for notifications whose wait is over: what is to be sent, what was decided, and
// where it waits again. Nothing is stored here.
import type { Context } from '../context.ts'
import { isOneEnough } from '../domain/asking.ts'
import { channelsOf, type Awaiting } from '../domain/plan-steps.ts'
import { findPeople } from '../sql/people.ts'
import { listTried, type SentFrom, type Withdrawn } from '../sql/plan-awaits.ts'
import type { ClaimedRun, EarlyRun } from '../sql/plan-runs.ts'
import type { TurnRows } from '../sql/plan-turns.ts'
import { findPreferenceState } from '../sql/preferences.ts'
import type { PlannedType } from './configuration.ts'
import { stranger } from './next-people.ts'
import { decide, type Base, type Decided } from './plan-decide.ts'
import { planOf } from './plan-of.ts'
import { writeTurns, type WaitingRun } from './plan-turn-texts.ts'
import { wishesFor } from './plan-wishes.ts'

export type PlannedTurns = {
  rows: TurnRows
  /** Whose time has not come, and when it does. */
  early: EarlyRun[]
  /** How the preferences stood before people were read, by workspace. */
  read: ReadonlyMap<number, number>
  /** Notifications of which it was decided by what has become of their deliveries. */
  awaited: ReadonlySet<string>
  withdrawn: (SentFrom & Withdrawn)[]
  waiting: WaitingRun[]
  /** Plans that are over, of events that one answer is enough for. */
  over: { workspaceId: number; eventId: string; notificationId: string }[]
}

export async function planTurns(
  ctx: Context,
  runs: ClaimedRun[],
  now: Date,
): Promise<PlannedTurns> {
  const { bases, read } = await basesOf(ctx, runs, now)
  const early: PlannedTurns['early'] = []
  const decided: Decided[] = []
  for (const base of await withTried(ctx, bases)) {
    const next = decide(base, now)
    if ('plan' in next) decided.push(next)
    else early.push({ ...base.run, ...next })
  }
  const { rows, waiting } = await writeTurns(ctx, decided, now)
  const isWaiting = new Set(waiting.map(({ run }) => run.notificationId))
  const gone = decided.filter(({ base }) => !isWaiting.has(base.run.notificationId))
  const awaited = gone.filter(({ base }) => awaitedBy(base))
  return {
    rows,
    waiting,
    early,
    read,
    awaited: new Set(awaited.map(({ base }) => base.run.notificationId)),
    withdrawn: gone.flatMap(({ base, withdraws }) =>
      withdraws ? { ...refOf(base), ...withdraws } : [],
    ),
    over: gone.flatMap(({ base, next }) =>
      next === null && isOneEnough(base.type?.acknowledge ?? base.event.message?.acknowledge)
        ? { ...refOf(base), eventId: base.event.id }
        : [],
    ),
  }
}

function awaitedBy({ steps, run }: Base): Awaiting | null {
  const step = steps?.program[run.position]
  return step?.kind === 'await' || step?.kind === 'round' ? step : null
}

function refOf({ run: { workspaceId, notificationId } }: Base) {
  return { workspaceId, notificationId }
}

/** Read after the runs: what has changed in between is noticed when it is stored. */
async function withTried(ctx: Context, bases: Base[]): Promise<Base[]> {
  const groups = bases.flatMap((base): SentFrom[] => {
    const step = awaitedBy(base)
    return step ? [{ ...refOf(base), from: step.from, to: step.end }] : []
  })
  if (groups.length === 0) return bases
  const rows = await listTried(ctx.db, groups)
  const tried = Map.groupBy(rows, ({ notificationId }) => notificationId)
  return bases.map((base) => ({ ...base, tried: tried.get(base.run.notificationId) ?? [] }))
}

async function basesOf(
  ctx: Context,
  runs: ClaimedRun[],
  now: Date,
): Promise<{ bases: Base[]; read: Map<number, number> }> {
  const read = new Map<number, number>()
  const bases: Base[] = []
  for (const [workspaceId, group] of Map.groupBy(runs, (run) => run.workspaceId)) {
    const types = await Promise.all(group.map(({ event }) => typeOf(ctx, event)))
    const state = await findPreferenceState(ctx.db, workspaceId)
    read.set(workspaceId, state.seq)
    const plans = group.map(({ event }, i) => planOf(types[i]!, event.message))
    const ways = plans.map((plan) => (plan ? channelsOf(plan.program) : []))
    const channels = new Set(['email', 'sms', ...ways.flat()])
    const ids = [...new Set(group.map(({ recipient }) => recipient))]
    const rows = await findPeople(ctx.db, workspaceId, ids, [...channels])
    const people = new Map(rows.map((row) => [row.id, row]))
    for (const [i, run] of group.entries()) {
      const row = people.get(run.recipient)
      const known = { recipient: run.recipient, isSubscriber: true, isKnown: true, via: [] }
      const subscriber = row ? { ...row, ...known } : null
      const person = run.isSubscriber ? subscriber : stranger(run.recipient, ways[i]!, [])
      const event = { ...run.event, audience: [] }
      const type = types[i]!
      const { wishes, digest } = person
        ? wishesFor(ctx, person, run, { type, preferences: state, now })
        : { wishes: null, digest: null }
      const own = { run: { ...run, digest }, event, type, steps: plans[i]! }
      bases.push({ ...own, person, wishes, tried: [] })
    }
  }
  return { bases, read }
}

async function typeOf(
  ctx: Context,
  { workspaceId, type, typeVersion }: ClaimedRun['event'],
): Promise<PlannedType | null> {
  if (type === null || typeVersion === null) return null
  return ctx.configuration.eventTypeVersion(workspaceId, type, typeVersion)
}
