// From a person and the channels wanted to what will be done: one delivery per address, and what is
// skipped and why.
import type { CarriedChannel, Channel } from './channel.ts'
import type { Device } from './device.ts'
import type { Preferences, Wishes } from './preferences.ts'
import { bestStatus, type EndStatus, type Status } from './status.ts'
import { tellSuppression, type Suppression } from './suppression.ts'

export type Address = {
  channel: CarriedChannel
  slot: number
  address: string
  suppressed?: Suppression | null // it gets nothing more
  kind: Device | null // push: what it leads to
}

/** Someone an event is for. `isSubscriber` is false for an address given directly. */
export type Person = {
  recipient: string
  isSubscriber: boolean
  isKnown: boolean // false: an id that belongs to nobody
  via: string[] // every way that led here, as domain/reason.ts has it
  locale: string | null
  timezone: string | null
  data: Record<string, unknown>
  preferences: Preferences | null // null: nothing was ever said
  addresses: Address[]
}

export type PlannedDelivery = {
  channel: Channel // in_app only when it has to wait; otherwise it needs no delivery
  slot: number
  address: string | null
  device?: Device // push: what the address leads to
  status: 'scheduled' | 'processing' | 'skipped' | 'failed' // failed: its text cannot be written
  reason: string | null
  because?: string // the person's wish behind the reason, or what became of the address
  notBefore?: Date // when the hours begin in which it may go out
}

export type Plan = {
  hasInApp: boolean
  deliveries: PlannedDelivery[]
  status: Status
  reason: string | null
  because?: string // the person's wish behind the reason
  /** The best end so far: of the in-app part and of what was skipped. */
  outcome: EndStatus | null
  pending: number
}

/**
 * `isLater`: nothing may begin yet. A channel the person has no address for, or does not want, is
 * skipped, visibly.
 */
export function planNotification(
  person: Person,
  channels: Channel[],
  isLater: boolean,
  wishes: Wishes | null,
): Plan {
  if (!person.isKnown) return ended('unknown_recipient')
  const unheard = wishes && wantsNothing(channels, wishes)
  if (unheard !== null) return ended('preference_off', unheard)

  const deliveries: PlannedDelivery[] = []
  let hasInApp = false
  for (const channel of channels) {
    if (channel === 'in_app' && !person.isSubscriber) continue
    const unwanted = wishes && unwantedOn(channel, wishes)
    if (unwanted) deliveries.push(unwanted)
    else if (channel !== 'in_app') deliveries.push(...planChannel(person, channel, isLater, wishes))
    else if (isLater) deliveries.push(laterInApp)
    else hasInApp = true
  }

  const pending = deliveries.filter((delivery) => delivery.status !== 'skipped').length
  const ends: EndStatus[] = deliveries.length > pending ? ['skipped'] : []
  if (hasInApp) ends.push('delivered')
  const outcome = bestStatus(ends)

  if (pending > 0) {
    const isWaiting = deliveries.every(({ status }) => status !== 'processing')
    const status = isWaiting ? 'scheduled' : 'processing'
    return { hasInApp, deliveries, status, reason: null, outcome, pending }
  }
  const status = outcome ?? 'skipped'
  const reason = status === 'skipped' ? (deliveries[0]?.reason ?? 'no_channel') : null
  return { hasInApp, deliveries, status, reason, outcome: status, pending }
}

/**
 * The beginning of a plan: `channels` are those of its first steps, `all` those of any step. When it goes on
 * from there, that counts as one more of what is pending.
 */
export function planBeginning(
  person: Person,
  { all, channels, goesOn }: { all: Channel[]; channels: Channel[]; goesOn: boolean },
  isLater: boolean,
  wishes: Wishes | null,
): Plan & { goesOn: boolean } {
  if (!person.isKnown) return { ...ended('unknown_recipient'), goesOn: false }
  const unheard = wishes && wantsNothing(all, wishes)
  if (unheard !== null) return { ...ended('preference_off', unheard), goesOn: false }
  if (channels.length === 0 && !goesOn) return { ...ended('condition_false'), goesOn }
  const plan = planNotification(person, channels, isLater, wishes)
  if (!goesOn) return { ...plan, goesOn }
  const isBegun = plan.status === 'processing' || plan.hasInApp
  return {
    ...plan,
    status: isBegun ? 'processing' : 'scheduled',
    reason: null,
    outcome: channels.length === 0 ? null : plan.outcome,
    pending: plan.pending + 1,
    goesOn,
  }
}

/**
 * What is left of a plan when some of its texts cannot be written: those of its deliveries that are `failed` by now, or
 * that of its in-app part.
 */
export function withoutTexts<P extends Omit<Plan, 'deliveries'>>(
  plan: P,
  deliveries: readonly Pick<PlannedDelivery, 'status'>[],
  { reason, hasText, goesOn }: { reason: string; hasText: boolean; goesOn: boolean },
): P {
  const hasInApp = plan.hasInApp && hasText
  const counted = (status: PlannedDelivery['status']) =>
    deliveries.filter((delivery) => delivery.status === status).length
  const ends: EndStatus[] = ['failed']
  if (hasInApp) ends.push('delivered')
  const outcome = bestStatus(ends)!
  const pending = counted('processing') + counted('scheduled') + Number(goesOn)
  if (pending === 0) {
    return {
      ...plan,
      hasInApp,
      status: outcome,
      outcome,
      pending,
      ...(outcome === 'failed' && { reason }),
    }
  }
  const isBegun = counted('processing') > 0 || (goesOn && hasInApp)
  return { ...plan, hasInApp, status: isBegun ? 'processing' : 'scheduled', outcome, pending }
}

/** Why the person hears nothing of it on any channel, if that is not a matter of channels. */
function wantsNothing(channels: Channel[], { on }: Wishes): string | null {
  const decision = channels[0] && on(channels[0])
  const isAboutAll = decision && ['level', 'thread', 'event_type', 'opt_in'].includes(decision.rule)
  if (!isAboutAll || channels.some((channel) => on(channel).rule !== decision.rule)) return null
  return decision.because
}

function unwantedOn(channel: Channel, { on }: Wishes): PlannedDelivery | null {
  const { isOn, because } = on(channel)
  const status = 'skipped' as const
  return isOn
    ? null
    : { channel, slot: 0, address: null, status, reason: 'preference_off', because }
}

const laterInApp: PlannedDelivery = {
  channel: 'in_app',
  slot: 0,
  address: null,
  status: 'scheduled',
  reason: null,
}

function planChannel(
  person: Person,
  channel: CarriedChannel,
  isLater: boolean,
  wishes: Wishes | null,
): PlannedDelivery[] {
  const reachable = person.addresses.filter((address) => address.channel === channel)
  if (reachable.length === 0)
    return [{ channel, slot: 0, address: null, status: 'skipped', reason: 'no_address' }]
  const wait = wishes?.waitOn(channel) ?? null
  const status = isLater || wait ? ('scheduled' as const) : ('processing' as const)
  const waiting = wait
    ? { reason: 'quiet_hours', because: wait.because, notBefore: wait.until }
    : { reason: null }
  return reachable.map(({ slot, address, kind, suppressed }) => {
    const to = { channel, slot, address, ...(kind !== null && { device: kind }) }
    return suppressed ? { ...to, ...suppressedNow(suppressed) } : { ...to, status, ...waiting }
  })
}

function suppressedNow(suppressed: Suppression) {
  const because = tellSuppression(suppressed)
  return { status: 'skipped' as const, reason: 'suppressed', because }
}

function ended(reason: string, because?: string): Plan {
  const status = 'skipped'
  const why = because === undefined ? { reason } : { reason, because }
  return { hasInApp: false, deliveries: [], status, ...why, outcome: status, pending: 0 }
}
