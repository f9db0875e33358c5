// What follows for one notification that has come to a step of its plan: what is sent, what was decided, and where
// it waits again. Nothing is read or stored here.
import { asksAboutDigest, asksForAnswer } from '../domain/asking.ts'
import { laneOf, lanes, type Event } from '../domain/event.ts'
import { standingAt, type Standing, type Tried } from '../domain/fallback.ts'
import { planNotification, type Person, type Plan } from '../domain/plan.ts'
import {
  advance,
  doneAt,
  isByPerson,
  shownOf,
  type Awaiting,
  type Instruction,
  type Program,
  type Sent,
  type StepNote,
} from '../domain/plan-steps.ts'
import { tellAwaited, tellMet, tellUnless } from '../domain/plan-words.ts'
import type { Wishes } from '../domain/preferences.ts'
import { newId } from '../new-id.ts'
import type { ClaimedRun } from '../sql/plan-runs.ts'
import type { Withdrawn } from '../sql/plan-awaits.ts'
import type { PlanTurn, TurnDelivery } from '../sql/plan-turns.ts'
import type { PlannedType } from './configuration.ts'
import { placeAt } from './plan-begin.ts'
import { planScope, type CompiledPlan, type DigestScope } from './plan-texts.ts'

/** What is known of a run besides its row. */
export type Base = {
  run: ClaimedRun
  event: Event
  type: PlannedType | null
  steps: CompiledPlan | null
  person: Person | null
  wishes: Wishes | null
  /** What became of the deliveries it waits for. */
  tried: Tried[]
}

export type Decided = {
  base: Base
  notes: StepNote[]
  next: PlanTurn['next']
  plan: Pick<Plan, 'status' | 'outcome' | 'reason' | 'because' | 'pending' | 'hasInApp'>
  deliveries: TurnDelivery[]
  /** What is not to go on. */
  withdraws: Withdrawn | null
  replaces: NonNullable<PlanTurn['replaces']> | null
  staysForced: boolean
}

/** Its time has not come; null: it comes with something that happens. */
export type Early = { dueAt: Date | null }

export function decide(base: Base, now: Date): Decided | Early {
  const { run, person, event } = base
  if (person === null) return ended(base, 'preference_off', { because: 'was deleted' })
  if (event.expiresAt !== null && event.expiresAt <= now) {
    const because = 'its time was over before it could go on'
    return ended(base, 'expired', { notes: [note(run.position, 'plan', 'ended', because)] })
  }
  const known = { ...base, person }
  const step = programOf(base)[run.position]
  if (isAnswered(base) && !awaitsAnswer(step)) {
    const because = 'it was acknowledged, so nothing more is sent'
    const notes = [note(run.position, 'plan', 'ended', because)]
    return ended(base, 'no_longer_needed', { notes })
  }
  if (step?.kind === 'wait') return decideWait(known, step, now)
  if (step?.kind === 'await' || step?.kind === 'round') return decideAwaited(known, step, now)
  return goOn(known, run.position, now)
}

/** It asks for an answer somewhere, and has got it. */
export function isAnswered({ run, steps }: Pick<Base, 'run' | 'steps'>): boolean {
  if (run.acknowledgedAt === null || steps === null) return false
  const tellsOthers = run.digest !== null && run.digest.count > 1
  return tellsOthers ? asksAboutDigest(steps.program) : asksForAnswer(steps.program)
}

function awaitsAnswer(step: Instruction | undefined): boolean {
  if (step?.kind === 'wait') return step.unless === 'acknowledged'
  return (step?.kind === 'await' || step?.kind === 'round') && step.until === 'acknowledged'
}

type Known = Base & { person: Person }
type Wait = Extract<Instruction, { kind: 'wait' }>

function decideWait(base: Known, step: Wait, now: Date): Decided | Early {
  const { run } = base
  const { position, endsAt } = run
  if (endsAt === null) return goOn(base, position, now)
  if (isMet(run, step)) {
    const notes = [note(position, 'wait', 'ended', tellMet(step, run, endsAt))]
    return ended(base, 'no_longer_needed', { notes })
  }
  const isOver = endsAt <= now
  if (!isOver && !run.isForced) return { dueAt: endsAt }
  const what = tellUnless(step.unless)
  const because = isOver
    ? `it waited ${step.for}${what}${what === '' ? '' : ', which did not happen'}`
    : 'somebody has forced it'
  return goOn(base, position + 1, now, { notes: [note(position, 'wait', 'went on', because)] })
}

/** What ends the wait has happened. */
function isMet(run: ClaimedRun, { unless }: Wait): boolean {
  if (unless === null) return false
  return typeof unless === 'object' ? run.isWoken : doneAt(unless, run) !== null
}

function decideAwaited(base: Known, step: Awaiting, now: Date): Decided | Early {
  const { run, tried } = base
  const { position, endsAt, hasInApp } = run
  const isCut = run.isForced && step.kind === 'round'
  const isTimeOver = isCut || (endsAt !== null && endsAt <= now)
  const standing = standingAt(step, tried, { hasInApp, done: run, isTimeOver })
  if (standing === 'open') return { dueAt: isTimeOver ? null : endsAt }

  const program = programOf(base)
  const isTriedOn = standing === 'failed' || standing === 'late'
  const isOver = standing === 'reached' && step.until === 'acknowledged'
  const to = isTriedOn ? position + 1 : isOver ? program.length : step.end
  const notes = [{ position, ...tellAwaited(step, standing, tried, program[to]) }]
  const isMore = step.kind === 'round' || step.next.length > 0
  const failedFrom = step.kind === 'round' ? step.from : step.sent
  return goOn(base, to, now, {
    notes,
    reason: isTriedOn ? (tried.at(-1)?.reason ?? 'no_channel') : 'no_longer_needed',
    withdraws: isOver
      ? { from: 0, to: program.length, isLate: false } // of earlier steps, too
      : withdrawnAt(step, standing, tried),
    replaces: isTriedOn && isMore ? { from: failedFrom, to: position } : null,
    staysForced: run.isForced,
  })
}

/** Out of time; or not needed, since something sent before has got through, or the person has done what was awaited. */
function withdrawnAt(step: Awaiting, standing: Standing, tried: Tried[]): Withdrawn | null {
  if (!tried.some(({ isOpen }) => isOpen)) return null
  const latest = step.kind === 'await' ? step.sent : step.from
  if (standing === 'late') return { from: latest, to: latest + 1, isLate: true }
  if (standing !== 'reached') return null
  if (isByPerson.has(step.until)) return { from: step.from, to: step.end, isLate: false }
  const isByEarlier = tried.some(
    (one) => one.step < latest && (one.status === 'sent' || one.status === 'delivered'),
  )
  return isByEarlier ? { from: latest, to: step.end, isLate: false } : null
}

type Way = {
  notes?: StepNote[]
  reason?: string // if nothing is sent any more
} & Partial<Pick<Decided, 'withdraws' | 'replaces' | 'staysForced'>>

function goOn(base: Known, position: number, now: Date, way: Way = {}): Decided {
  const { run, event, type, steps, person } = base
  const { notes = [], reason = 'condition_false', ...effects } = way
  const digest = digestOf(run, type)
  const scope = planScope(event, person, digest)
  const holds = (condition: string) => steps?.holds(condition, scope) ?? false
  const progress = advance(programOf(base), position, holds)
  notes.push(...progress.notes)
  const plan =
    progress.channels.length === 0
      ? { ...nothing, deliveries: [] }
      : planNotification(person, progress.channels, false, base.wishes)
  const from = { at: now, isFirst: false, deliveries: plan.deliveries }
  const next = progress.stop && placeAt(progress.stop, event, run.recipient, from)
  if (progress.channels.length === 0)
    return next
      ? { ...without, ...effects, base, notes, next, plan }
      : ended(base, reason, { ...effects, notes })
  if (plan.hasInApp) notes.push(note(position, 'in_app', 'delivered', 'it came to the in-app feed'))
  const isUnheard = plan.deliveries.length === 0 && plan.status === 'skipped'
  const deliveries = plan.deliveries.map((delivery) =>
    turnDelivery(base, delivery, progress.sent.get(delivery.channel)!),
  )
  return { ...without, ...effects, base, notes, next: isUnheard ? null : next, plan, deliveries }
}

function programOf({ steps }: Base): Program {
  return steps?.program ?? []
}

function note(position: number, step: string, decision: string, because: string): StepNote {
  return { position, step, decision, because }
}

const nothing = {
  status: 'scheduled',
  outcome: null,
  reason: null,
  pending: 0,
  hasInApp: false,
} as const

const without = { deliveries: [], withdraws: null, replaces: null, staysForced: false }

function ended(base: Base, reason: string, way: Way & { because?: string } = {}): Decided {
  const { notes = [], because, ...effects } = way
  const plan = {
    ...nothing,
    status: 'skipped' as const,
    outcome: 'skipped' as const,
    reason,
    ...(because !== undefined && { because }),
  }
  return { ...without, ...effects, base, notes, next: null, plan }
}

export function digestOf({ digest }: ClaimedRun, type: PlannedType | null): DigestScope | null {
  if (digest === null) return null
  const items = digest.items.slice(0, shownOf(type?.steps?.program ?? []))
  return { count: digest.count, items, more: digest.count - items.length }
}

function turnDelivery(
  { run, event }: Base,
  planned: Plan['deliveries'][number],
  { position: step, isAwaited }: Sent,
): TurnDelivery {
  return {
    ...planned,
    workspaceId: run.workspaceId,
    id: newId(),
    eventId: event.id,
    notificationId: run.notificationId,
    contentId: null,
    leaseUntil: null,
    providerId: null,
    step,
    isAwaited,
    isForced: run.isForced,
    lane: run.isToMany ? lanes.many : laneOf(event),
    expiresAt: event.expiresAt,
  }
}
