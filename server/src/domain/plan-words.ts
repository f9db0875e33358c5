// How steps of plans, and where a plan stands, are told.
import { durationMs } from './duration.ts'
import type { Channel } from './channel.ts'
import {
  doneAt,
  type Awaiting,
  type Done,
  type Instruction,
  type StepNote,
  type Unless,
  type Until,
} from './plan-steps.ts'
import type { Standing, Tried } from './fallback.ts'

/** "for it to be read", "for an event order.paid" */
export function tellUnless(unless: Unless | null): string {
  if (unless === null) return ''
  if (typeof unless === 'string') return ` for it to be ${unless}`
  return ` for an event ${unless.event}`
}

/** Of a wait until `endsAt` that is over sooner, since what it waits for has happened, or had before. */
export function tellMet(
  wait: { for: string; unless: Unless | null },
  done: Done,
  endsAt: Date,
): string {
  const { unless } = wait
  const at = typeof unless === 'string' ? doneAt(unless, done) : null
  const isBefore = at !== null && at.getTime() < endsAt.getTime() - durationMs(wait.for)
  const what = typeof unless === 'string' ? `it was ${unless}` : 'it happened'
  return isBefore
    ? `it was to wait ${wait.for}${tellUnless(unless)}; ${what} before, so nothing more is sent`
    : `it waited ${wait.for}${tellUnless(unless)}; ${what}, so nothing more is sent`
}

/** Where a plan stands, in words; `until` is null for what is looked at at once. */
export function tellStop(
  step: Instruction | undefined,
  until: Date | null,
): Pick<StepNote, 'step' | 'decision' | 'because'> {
  const end = until === null ? '' : ` until ${until.toISOString()}`
  if (step?.kind === 'wait') {
    const because = `it waits ${step.for}${tellUnless(step.unless)}`
    return { step: 'wait', decision: `waits${end}`, because }
  }
  if (step?.kind === 'await') {
    const { next, channels } = step
    const because =
      next.length > 0
        ? `${next.join()} follows if ${joined(channels)} ${hasNot[step.until]}`
        : `it waits for what becomes of ${joined(channels)}`
    return { step: 'fallback', decision: `waits${end}`, because }
  }
  if (step?.kind === 'round') {
    const because = `nothing of it has got through; all of it is tried again (${step.round} of ${step.of})`
    return { step: 'fallback', decision: `waits${end}`, because }
  }
  if (step?.kind === 'digest' && until !== null)
    return {
      step: 'digest',
      decision: `waits${end}`,
      because: 'it is gathered with others of its kind',
    }
  return {
    step: step?.kind ?? 'plan',
    decision: 'is next',
    because: 'it has just come to this step',
  }
}

/** What comes after a send that is waited for, going on from "it"; null: nothing. */
export function tellAhead(step: Awaiting): string | null {
  if (step.kind === 'round') {
    const times = step.of === 2 ? 'once' : `up to ${step.of - 1} times`
    return `tries all of it again ${step.for} later if nothing has got through, ${times}`
  }
  const { next, channels, until, within } = step
  if (next.length === 0) return null
  const time = within === null ? '' : ` within ${within}`
  return `goes on with ${next.join()} only if ${joined(channels)} ${hasNot[until]}${time}`
}

const hasNot: Record<Until, string> = {
  sent: 'has not got through',
  delivered: 'has not been delivered',
  seen: 'has not been seen',
  read: 'has not been read',
  acknowledged: 'has not been acknowledged',
}

/** How a send that was waited for came out; `after` is the step behind it if the plan goes on there. */
export function tellAwaited(
  step: Awaiting,
  standing: Exclude<Standing, 'open'>,
  tried: readonly Tried[],
  after: Instruction | undefined,
): Omit<StepNote, 'position'> {
  const because = `${tellStanding(step, standing, tried)}, so ${tellNext(step, standing, after)}`
  return { step: 'fallback', decision: decisionOf(step, standing), because }
}

function decisionOf(step: Awaiting, standing: Exclude<Standing, 'open'>): string {
  if (standing === 'reached') return 'reached'
  if (standing === 'unknown') return 'ended'
  if (step.kind === 'round') return `round ${step.round} of ${step.of}`
  return step.next.length > 0 ? step.next.join() : 'went on'
}

function tellNext(step: Awaiting, standing: Standing, after: Instruction | undefined): string {
  const goesOn = after !== undefined && after.kind !== 'round'
  if (standing === 'reached' || standing === 'unknown')
    return goesOn ? 'the plan goes on' : 'nothing else is tried'
  if (step.kind === 'round') return `all of it is tried again (${step.round} of ${step.of})`
  if (step.next.length > 0) return joined(step.next)
  if (after?.kind === 'round') return `all of it is tried again in ${after.for}`
  return goesOn ? 'the plan goes on' : 'there is nothing left to try'
}

function tellStanding(step: Awaiting, standing: Standing, tried: readonly Tried[]): string {
  if (standing === 'reached') return tellReached(step, tried)
  if (step.kind === 'round') return `nothing of it had got through ${step.for} later`
  const own = tried.filter((one) => one.step === step.sent)
  if (standing === 'late')
    return `${joined(step.channels)} ${hasNot[step.until]} within ${step.within}`
  if (standing === 'unknown')
    return `${joined(step.channels)} may have got through, which nobody can say`
  const ends = step.channels.map((channel) => {
    const reasons = own.filter((one) => one.channel === channel).map(({ reason }) => reason)
    return `${channel} failed${tellReasons(reasons)}`
  })
  return ends.join(' and ')
}

function tellReasons(reasons: (string | null)[]): string {
  const known = [...new Set(reasons)].filter((reason) => reason !== null)
  return known.length === 0 ? '' : ` (${known.map((reason) => words[reason] ?? reason).join(', ')})`
}

const words: Record<string, string> = {
  no_address: 'no address',
  no_provider: 'no provider',
  preference_off: 'turned off',
  suppressed: 'address left alone',
  timed_out: 'out of time',
}

function tellReached({ until }: Awaiting, tried: readonly Tried[]): string {
  if (until !== 'sent' && until !== 'delivered') return `it was ${until}`
  const come = tried.filter(
    ({ status }) => status === 'delivered' || (until === 'sent' && status === 'sent'),
  )
  const channels = [...new Set(come.map(({ channel }) => channel))]
  return channels.length === 0
    ? 'it is in the in-app feed'
    : `${joined(channels)} was ${come[0]!.status}`
}

function joined(channels: readonly Channel[]): string {
  return channels.join(' and ')
}
