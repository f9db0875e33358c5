// The beginning of a plan, for one person; and where it stands when it has to wait.
import { durationMs } from '../domain/duration.ts'
import type { Channel } from '../domain/channel.ts'
import type { Event } from '../domain/event.ts'
import { planBeginning, type Person, type Plan, type PlannedDelivery } from '../domain/plan.ts'
import {
  advance,
  isByPerson,
  waitEnd,
  type Awaiting,
  type Sent,
  type StepNote,
  type Stop,
} from '../domain/plan-steps.ts'
import type { Wishes } from '../domain/preferences.ts'
import type { PlanPlace } from '../sql/plan-runs.ts'
import { wakeOf } from './plan-hash.ts'
import { planScope, type CompiledPlan } from './plan-texts.ts'

type PlanEvent = Pick<Event, 'id' | 'type' | 'params' | 'createdAt'>

type Beginner = {
  person: Person
  channels: Channel[] // all of the plan's
  isLater: boolean
  startsAt: Date
  wishes: Wishes | null
}

export type Begun = {
  plan: Plan
  sent: ReadonlyMap<Channel, Sent>
  next: PlanPlace | null
  notes: StepNote[]
}

export function beginSteps(
  event: PlanEvent,
  { program, holds }: CompiledPlan,
  { person, channels: all, isLater, startsAt, wishes }: Beginner,
): Begun {
  const scope = planScope(event, person, null)
  const begun = advance(program, 0, (condition) => holds(condition, scope))
  const { channels, sent, stop, notes } = begun
  const way = { all, channels, goesOn: stop !== null }
  const { goesOn, ...plan } = planBeginning(person, way, isLater, wishes)
  const from = { at: startsAt, isFirst: true, deliveries: plan.deliveries }
  const next = stop && goesOn ? placeAt(stop, event, person.recipient, from) : null
  return { plan, sent, next, notes }
}

/** When the step is come to, what was sent just before, and whether that is the beginning of the plan. */
export type ComeTo = {
  at: Date
  isFirst: boolean
  deliveries: Pick<PlannedDelivery, 'channel' | 'status' | 'notBefore'>[]
}

export function placeAt(stop: Stop, event: PlanEvent, recipient: string, from: ComeTo): PlanPlace {
  const { position } = stop
  switch (stop.kind) {
    case 'wait': {
      const endsAt = waitEnd(stop, from.at)
      const wake = wakeOf(stop.unless, event.params, recipient)
      // What it waits for may have happened by the time it is stored, so it is looked at once. But what is in the
      // feed with its plan cannot have been read before it: see nudgePlanRuns.
      const mayBeMet = wake !== null || (stop.unless !== null && !from.isFirst)
      return { position, dueAt: mayBeMet ? from.at : endsAt, endsAt, wake }
    }
    case 'digest':
    case 'throttle':
      return { position, dueAt: from.at, endsAt: null, wake: null }
    case 'await':
    case 'round':
      return { position, ...awaitAt(stop, from), wake: null }
  }
}

/** A channel's own time begins when it may first go out. */
function awaitAt(
  stop: Awaiting,
  { at, isFirst, deliveries }: ComeTo,
): Pick<PlanPlace, 'dueAt' | 'endsAt'> {
  if (stop.kind === 'round') {
    const endsAt = waitEnd(stop, at)
    return { dueAt: endsAt, endsAt }
  }
  const open = deliveries.filter(
    ({ channel, status }) => status !== 'skipped' && stop.channels.includes(channel),
  )
  const begins = open.map(({ notBefore }) => (notBefore ?? at).getTime())
  const beginsMs = open.length === 0 ? at.getTime() : Math.min(...begins)
  const endsAt = stop.within === null ? null : new Date(beginsMs + durationMs(stop.within))
  // With nothing under way it may be decided at once; and what is waited for may have been done before.
  const isKnown = open.length === 0 || (isByPerson.has(stop.until) && !isFirst)
  return { dueAt: isKnown ? at : endsAt, endsAt }
}
