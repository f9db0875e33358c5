// What is still to come of a person's plan, planned with the same rules as when its time comes.
import { randomUUIDv7 } from 'node:crypto'
import { planAhead, type AheadStep, type Standing } from '../domain/plan-ahead.ts'
import { planNotification } from '../domain/plan.ts'
import { wishesOf } from '../domain/preferences.ts'
import type { Timing } from '../domain/quiet-hours.ts'
import type { WantedText } from './event-texts.ts'
import type { Planned, Written } from './fan-out-draft.ts'
import type { Sending } from './outlook.ts'
import { planScope } from './plan-texts.ts'

export type ForeseenStep = Omit<AheadStep, 'channels' | 'digest'> & { sending: Sending | null }

const nothing: Standing = { throttles: new Map(), digests: new Map() }

/** The steps, with what each sends, and the texts that need to be written for it. */
export function foreseeSteps(
  written: Written,
  { person, next, notes, startsAt: at }: Planned,
  { timing, standing = nothing }: { timing: Timing; standing: Standing | undefined },
): { steps: ForeseenStep[]; wanted: WantedText[] } {
  const { event, steps: plan, subject, preferences } = written
  const { defaults } = preferences
  const steps: ForeseenStep[] = notes.map(({ because }) => {
    return { step: 'if', at, until: null, because, sending: null }
  })
  const wanted: WantedText[] = []
  if (!plan || !next) return { steps, wanted }
  const timezone = person.timezone ?? 'UTC'
  const from = { position: next.position, at, timezone, item: event.params }
  const ahead = planAhead(plan.program, from, standing, (condition, digest) =>
    plan.holds(condition, planScope(event, person, digest)),
  )
  for (const { channels, digest, ...step } of ahead) {
    if (event.expiresAt !== null && event.expiresAt <= step.at) break
    if (step.step !== 'send') {
      steps.push({ ...step, sending: null })
      continue
    }
    const wishes = wishesOf(person, subject, { defaults, timing, at: step.at })
    const planned = planNotification(person, channels, false, wishes)
    const { hasInApp } = planned
    const deliveries = planned.deliveries.map((one) => ({ ...one, id: randomUUIDv7() }))
    const sending = {
      id: randomUUIDv7(),
      hasInApp,
      deliveries,
      at: step.at,
      isLater: false,
      wishes,
    }
    steps.push({ ...step, sending })
    if (hasInApp) wanted.push({ channel: 'in_app', person, ownId: sending.id, digest })
    for (const { id: ownId, channel, status } of deliveries)
      if (status !== 'skipped') wanted.push({ channel, person, ownId, digest })
  }
  return { steps, wanted }
}
