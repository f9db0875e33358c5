// Why a notification is where it is: every decision in the order it was made, in words. Derived from
// what is stored anyway, so it costs nothing until somebody asks.
import { reasonsOf, tellReasons } from './reason.ts'

export type TraceEntry = { at: Date; step: string; decision: string; because: string }

export type TracedNotification = {
  type: string | null
  typeVersion: number | null
  level: string
  recipient: string
  isSubscriber: boolean
  via: string[] | null // as domain/reason.ts has it
  status: string
  reason: string | null
  because: string | null // the person's wish behind the reason
  hasInApp: boolean
  /** What went wrong with its text, which then was the fallback. */
  renderError: string | null
  acceptedAt: Date
  createdAt: Date
  scheduledAt: Date | null
  cancelledAt: Date | null
}

export type TracedDelivery = {
  channel: string
  status: string
  reason: string | null
  because: string | null // the person's wish behind the reason, or behind having waited
  finishedAt: Date | null
  createdAt: Date
  nextAt: Date | null // waiting: when it may begin
  attempts: TracedAttempt[]
}

export type TracedAttempt = {
  number: number
  provider: string
  outcome: string | null // null: under way
  code: string | null
  startedAt: Date
  durationMs: number | null
}

export function traceOf(
  notification: TracedNotification,
  deliveries: TracedDelivery[],
): TraceEntry[] {
  const ofDeliveries = deliveries.flatMap((delivery) =>
    traceDelivery(delivery, notification.recipient),
  )
  const entries = [...traceBeginning(notification), ...ofDeliveries]
  if (notification.cancelledAt)
    entries.push({
      at: notification.cancelledAt,
      step: 'cancel',
      decision: 'cancelled',
      because: 'its event was cancelled; what had begun by then was finished, nothing else begins',
    })
  return entries.toSorted((a, b) => a.at.getTime() - b.at.getTime())
}

function traceBeginning(notification: TracedNotification): TraceEntry[] {
  const { type, typeVersion, level, isSubscriber, via, acceptedAt, createdAt } = notification
  const what = type ? `an event of type ${type} (version ${typeVersion})` : 'a direct message'
  const entries: TraceEntry[] = [
    {
      at: acceptedAt,
      step: 'accept',
      decision: 'accepted',
      because: `${what}, level ${level}, was stored`,
    },
    {
      at: createdAt,
      step: 'fan_out',
      decision: 'included',
      because: whyIncluded(isSubscriber, via),
    },
  ]
  if (notification.reason === 'unknown_recipient')
    entries.push({
      at: createdAt,
      step: 'plan',
      decision: 'skipped',
      because: 'no subscriber has this id',
    })
  if (isSubscriber && level === 'critical')
    entries.push({
      at: createdAt,
      step: 'preferences',
      decision: 'mandatory',
      because: 'it is critical: neither preferences nor quiet hours hold it back',
    })
  if (notification.because !== null)
    entries.push({
      at: createdAt,
      step: 'preferences',
      decision: 'skipped',
      because: `${notification.recipient} ${notification.because}`,
    })
  if (notification.renderError !== null)
    entries.push({
      at: createdAt,
      step: 'render',
      decision: 'fallback text',
      because: notification.renderError,
    })
  if (notification.hasInApp)
    entries.push({
      at: createdAt,
      step: 'in_app',
      decision: 'delivered',
      because: 'it is in the in-app feed from the start',
    })
  return entries
}

function whyIncluded(isSubscriber: boolean, via: string[] | null): string {
  return isSubscriber ? tellReasons(reasonsOf(via)) : 'the address was given directly'
}

function traceDelivery(delivery: TracedDelivery, recipient: string): TraceEntry[] {
  const { channel, attempts, createdAt } = delivery
  const wish = delivery.because === null ? null : `${recipient} ${delivery.because}`
  const isUnwanted = delivery.reason === 'preference_off'
  if (isUnwanted && wish !== null && delivery.finishedAt?.getTime() === createdAt.getTime())
    return [{ at: createdAt, step: channel, decision: 'skipped', because: wish }]
  const planned: TraceEntry =
    delivery.reason === 'no_address' && attempts.length === 0
      ? {
          at: createdAt,
          step: channel,
          decision: 'skipped',
          because: `there is no address for ${channel}`,
        }
      : {
          at: createdAt,
          step: channel,
          decision: 'planned',
          because: `${channel} is among the channels`,
        }
  const waited: TraceEntry[] =
    wish !== null && !isUnwanted
      ? [{ at: createdAt, step: channel, decision: 'had to wait', because: wish }]
      : []
  return [
    planned,
    ...waited,
    ...attempts.map((attempt, i) =>
      traceAttempt(
        channel,
        attempt,
        attempts.slice(0, i).some(({ outcome }) => outcome === 'ambiguous'),
      ),
    ),
    ...traceEnd(delivery, wish),
  ]
}

function mayBeTaken({ outcome }: TracedAttempt): boolean {
  return outcome === null || outcome === 'ambiguous' || isAccepted(outcome)
}

function isAccepted(outcome: string): boolean {
  return outcome === 'sent' || outcome === 'delivered'
}

function traceAttempt(channel: string, attempt: TracedAttempt, isTakenBefore: boolean): TraceEntry {
  const { number, outcome, startedAt } = attempt
  const isTwice = isTakenBefore && mayBeTaken(attempt)
  return {
    at: startedAt,
    step: channel,
    decision: outcome === null ? `attempt ${number} is under way` : `attempt ${number}: ${outcome}`,
    because: isTwice
      ? `${whatHappened(attempt)}; the recipient may get it twice`
      : whatHappened(attempt),
  }
}

function whatHappened({ provider, outcome, code, durationMs }: TracedAttempt): string {
  const took = durationMs === null ? '' : ` after ${durationMs} ms`
  if (outcome === null) return `${provider} has been called`
  if (outcome === 'ambiguous')
    return code === 'worker_lost'
      ? `Belfry's own process ended before it could note the answer; ${provider} may have taken the message`
      : `${provider} may have taken it, but gave no answer${took}: ${code}`
  if (isAccepted(outcome))
    return `${provider} accepted it${code === null ? '' : ` (${code})`}${took}`
  if (code !== null && unreachable.has(code))
    return `${provider} could not be reached (${code})${took}`
  return `${provider} answered ${code ?? outcome}${took}`
}

/** Codes of attempts that never came to a conversation. */
const unreachable: ReadonlySet<string> = new Set([
  'aborted',
  'blocked_address',
  'connect_failed',
  'connection_lost',
  'connection_refused',
  'dns_failed',
  'timeout',
  'tls_failed',
])

const whyEnded: Record<string, string> = {
  cancelled: 'it was cancelled before an attempt began',
  expired: 'its time was over before an attempt could begin',
  no_provider: 'no provider is configured for the channel',
}

function traceEnd(
  { channel, status, reason, finishedAt, nextAt, attempts }: TracedDelivery,
  wish: string | null,
): TraceEntry[] {
  const last = attempts.at(-1)
  if (finishedAt === null) {
    if (nextAt === null || attempts.length === 0) return []
    const because = `the last attempt ended with ${last?.code ?? last?.outcome}; the next is due ${nextAt.toISOString()}`
    return [{ at: last!.startedAt, step: channel, decision: 'will be tried again', because }]
  }
  if (reason === 'no_address') return []
  return [
    {
      at: finishedAt,
      step: channel,
      decision: status,
      because:
        reason === 'preference_off' && wish !== null ? wish : whyAtEnd(status, reason, attempts),
    },
  ]
}

function whyAtEnd(status: string, reason: string | null, attempts: TracedAttempt[]): string {
  const known = reason === null ? undefined : whyEnded[reason]
  if (known !== undefined)
    return attempts.length > 0 ? known.replace('an attempt', 'another attempt') : known
  if (status === 'unknown') return 'the provider may have taken it, but never said so'
  const count = `after ${attempts.length} ${attempts.length === 1 ? 'attempt' : 'attempts'}`
  return reason === null ? count : `${count}: ${reason}`
}
