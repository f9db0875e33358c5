// Sending on one channel after another until somebody is reached: how a send that is waited for stands, by what has
// become of its deliveries.
import type { Channel } from './channel.ts'
import type { DirectMessage } from './event.ts'
import { appendSend, doneAt, type Awaiting, type Done, type Program } from './plan-steps.ts'

const usualPause = '15s'

/** Of a message that says what to do when it does not get through; null: it says nothing. */
export function messageProgram(message: DirectMessage | null): Program | null {
  const { fallback_channels: fallback, max_retries: retries, acknowledge } = message ?? {}
  if (!message || (fallback === undefined && retries === undefined && !acknowledge)) return null
  const { channels: send, fallback_after: after, retry_delay: pause = usualPause } = message
  const within = acknowledge?.within ?? after
  const program: Program = []
  const until = acknowledge && ('acknowledged' as const)
  const step = {
    send,
    ...(fallback && { fallback }),
    ...(within && { within }),
    ...(until && { until }),
  }
  appendSend(program, '', step, { count: (retries ?? 0) + 1, pause })
  return program
}

/** What became of a delivery; `step`: the place it was sent from. */
export type Tried = {
  channel: Channel
  step: number
  status: string
  reason: string | null
  isOpen: boolean
}

/** What else is known when it is looked at. */
export type Known = {
  hasInApp: boolean // it is in the feed
  done: Done
  isTimeOver: boolean // that of the channels, or the pause before a round
}

/**
 * open: it may still get through, and has time. reached: nothing else is tried. failed: the next is tried.
 * late: its time is over, so the next is tried. unknown: it may have got through, and no time of it is ever over.
 */
export type Standing = 'open' | 'reached' | 'failed' | 'late' | 'unknown'

/** `tried`: all that was sent from the places of the group. */
export function standingAt(step: Awaiting, tried: readonly Tried[], known: Known): Standing {
  if (isReached(step, tried, known)) return 'reached'
  if (step.kind === 'round')
    return known.isTimeOver && !tried.some(({ isOpen }) => isOpen) ? 'failed' : 'open'
  const own = tried.filter((one) => one.step === step.sent)
  const isOpen = own.some((one) => one.isOpen)
  const isOut = isInFeed(step, known) || own.some(({ status }) => mayHaveCome.has(status))
  if (!isOpen && !isOut) return 'failed'
  if (known.isTimeOver) return 'late'
  return isOpen || step.within !== null ? 'open' : 'unknown'
}

const isSent: ReadonlySet<string> = new Set(['sent', 'delivered'])
const mayHaveCome: ReadonlySet<string> = new Set([...isSent, 'unknown'])

function isInFeed(step: Awaiting, { hasInApp }: Known): boolean {
  return hasInApp && step.kind === 'await' && step.channels.includes('in_app')
}

function isReached(step: Awaiting, tried: readonly Tried[], known: Known): boolean {
  const { until } = step
  switch (until) {
    case 'sent':
      return isInFeed(step, known) || tried.some(({ status }) => isSent.has(status))
    case 'delivered':
      return isInFeed(step, known) || tried.some(({ status }) => status === 'delivered')
    case 'seen':
    case 'read':
    case 'acknowledged':
      return doneAt(until, known.done) !== null
  }
}
