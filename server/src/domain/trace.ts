// Why a notification is where it is: every decision in the order it was made, in words. Derived from
// what is stored anyway, so it costs nothing until somebody asks.
import { dataFailed } from './data-source.ts'
import { tellMadeBy, traceData, type MadeBy, type TracedData } from './event-trace.ts'
import { unaskable } from './judgement.ts'
import { reasonsOf, tellReasons } from './reason.ts'
import { traceReceipt, type TracedReceipt } from './receipt-trace.ts'
import { unreachable, whyEnded, whyHeld } from './trace-words.ts'

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
  /** What became of the data sources that its first texts read. */
  data?: TracedData[] | null
  acceptedAt: Date
  createdAt: Date
  scheduledAt: Date | null
  cancelledAt: Date | null
  supersededBy?: string | null // the newer one of its thread
  retractedAt?: Date | null
  finishedAt?: Date | null
  occurrence: MadeBy | null
}

export type TracedDelivery = {
  channel: string
  status: string
  reason: string | null
  because: string | null // the wish behind the reason, or behind having waited; or what became of the address
  finishedAt: Date | null
  createdAt: Date
  nextAt: Date | null // waiting: when it may begin
  /** Its channel is paused by hand: why, if they said. */
  paused?: { reason: string | null } | null
  attempts: TracedAttempt[]
  receipts?: TracedReceipt[] // what the vendor told of it later
}

export type TracedAttempt = {
  number: number
  provider: string
  outcome: string | null // null: under way
  code: string | null
  because?: string | null // why through this provider, if another one would have been first
  startedAt: Date
  durationMs: number | null
}

export function traceOf(
  notification: TracedNotification,
  deliveries: TracedDelivery[],
  steps: TraceEntry[] = [], // what its plan has decided, and its answer
): TraceEntry[] {
  const ofDeliveries = deliveries.flatMap((delivery) =>
    traceDelivery(delivery, notification.recipient),
  )
  const isLater = [...steps, ...ofDeliveries].some(({ step }) => step === 'in_app')
  const hasInApp = notification.hasInApp && !isLater
  const entries = [...traceBeginning({ ...notification, hasInApp }), ...steps, ...ofDeliveries]
  if (notification.cancelledAt)
    entries.push({
      at: notification.cancelledAt,
      step: 'cancel',
      decision: 'cancelled',
      because: 'its event was cancelled; what had begun by then was finished, nothing else begins',
    })
  const { supersededBy, retractedAt, finishedAt } = notification
  if (supersededBy)
    entries.push({
      at: retractedAt ?? finishedAt ?? notification.createdAt,
      step: 'thread',
      decision: retractedAt ? 'retracted' : 'superseded',
      because: `the newer notification ${supersededBy} of its thread took its place`,
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
      because: `${what}${tellMadeBy(notification.occurrence)}, level ${level}, was stored`,
    },
    {
      at: createdAt,
      step: 'fan_out',
      decision: 'included',
      because: whyIncluded(isSubscriber, via),
    },
  ]
  entries.push(...traceData(notification.data))
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
  const wish = wishOf(delivery, recipient)
  const isUnwanted = leftAlone.has(delivery.reason)
  if (isUnwanted && wish !== null && delivery.finishedAt?.getTime() === createdAt.getTime())
    return [{ at: createdAt, step: channel, decision: delivery.status, because: wish }]
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
    ...attempts.flatMap((attempt, i) => [
      ...traceProvider(channel, attempt),
      traceAttempt(
        channel,
        attempt,
        attempts.slice(0, i).some(({ outcome }) => outcome === 'ambiguous'),
      ),
    ]),
    ...traceEnd(delivery, wish),
    ...(delivery.receipts ?? []).map((receipt) => traceReceipt(channel, receipt)),
  ]
}

// What was never tried, because of a person's wish or of something else.
const otherReasons: ReadonlySet<string | null> = new Set(['suppressed', dataFailed])
const leftAlone: ReadonlySet<string | null> = otherReasons.union(new Set(['preference_off']))

/** What a person wishes goes on from their name; what became of an address, or of a text, does not. */
function wishOf({ because, reason }: TracedDelivery, recipient: string): string | null {
  return because === null || otherReasons.has(reason) ? because : `${recipient} ${because}`
}

function traceProvider(
  channel: string,
  { provider, because, startedAt }: TracedAttempt,
): TraceEntry[] {
  if (!because) return []
  return [{ at: startedAt, step: channel, decision: `through ${provider}`, because }]
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
  if (code !== null && unaskable.has(code)) return `${provider} was not called: ${code}`
  if (code !== null && unreachable.has(code))
    return `${provider} could not be reached (${code})${took}`
  return `${provider} answered ${code ?? outcome}${took}`
}

function traceEnd(
  { channel, status, reason, createdAt, finishedAt, nextAt, attempts, paused }: TracedDelivery,
  wish: string | null,
): TraceEntry[] {
  const last = attempts.at(-1)
  if (finishedAt === null) {
    const held = whyPaused(channel, paused) ?? (reason === null ? undefined : whyHeld[reason])
    if (nextAt !== null && held !== undefined)
      return [{ at: last?.startedAt ?? createdAt, step: channel, decision: 'waits', because: held }]
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
        leftAlone.has(reason) && wish !== null
          ? wish
          : channel === 'in_app' && status === 'delivered'
            ? 'it came to the in-app feed'
            : whyAtEnd(status, reason, attempts),
    },
  ]
}

function whyPaused(channel: string, paused: TracedDelivery['paused']): string | undefined {
  if (!paused) return undefined
  const why = paused.reason === null ? '' : ` (${paused.reason})`
  return `${channel} is paused${why}; it goes on when it is resumed`
}

function whyAtEnd(status: string, reason: string | null, attempts: TracedAttempt[]): string {
  const known = reason === null ? undefined : whyEnded[reason]
  if (known !== undefined)
    return attempts.length > 0 ? known.replace('an attempt', 'another attempt') : known
  if (status === 'unknown') return 'the provider may have taken it, but never said so'
  const count = `after ${attempts.length} ${attempts.length === 1 ? 'attempt' : 'attempts'}`
  return reason === null ? count : `${count}: ${reason}`
}
