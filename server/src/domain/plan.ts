// From a person and the channels wanted to what will be done: one delivery per address, and what is
// skipped and why.
import type { CarriedChannel, Channel } from './channel.ts'
import { bestStatus, type EndStatus, type Status } from './status.ts'

export type Address = { channel: CarriedChannel; slot: number; address: string }

/** Someone an event is for. `isSubscriber` is false for an address given directly. */
export type Person = {
  recipient: string
  isSubscriber: boolean
  isKnown: boolean // false: an id that belongs to nobody
  via: string[] // every way that led here, as domain/reason.ts has it
  locale: string | null
  timezone: string | null
  data: Record<string, unknown>
  addresses: Address[]
}

export type PlannedDelivery = {
  channel: Channel // in_app only when it has to wait; otherwise it needs no delivery
  slot: number
  address: string | null
  status: 'scheduled' | 'processing' | 'skipped'
  reason: string | null
}

export type Plan = {
  hasInApp: boolean
  deliveries: PlannedDelivery[]
  status: Status
  reason: string | null
  /** The best end so far: of the in-app part and of what was skipped. */
  outcome: EndStatus | null
  pending: number
}

/** `isLater`: nothing may begin yet. A channel the person has no address for is skipped, visibly. */
export function planNotification(person: Person, channels: Channel[], isLater: boolean): Plan {
  if (!person.isKnown) return ended('skipped', 'unknown_recipient')

  const wantsInApp = channels.includes('in_app') && person.isSubscriber
  const hasInApp = wantsInApp && !isLater
  const deliveries: PlannedDelivery[] = wantsInApp && isLater ? [laterInApp] : []
  for (const channel of channels)
    if (channel !== 'in_app') deliveries.push(...planChannel(person, channel, isLater))

  const pending = deliveries.filter((delivery) => delivery.status !== 'skipped').length
  const ends: EndStatus[] = deliveries.length > pending ? ['skipped'] : []
  if (hasInApp) ends.push('delivered')
  const outcome = bestStatus(ends)

  if (pending > 0) {
    const status = isLater ? 'scheduled' : 'processing'
    return { hasInApp, deliveries, status, reason: null, outcome, pending }
  }
  const status = outcome ?? 'skipped'
  const reason = status === 'skipped' ? (deliveries[0]?.reason ?? 'no_channel') : null
  return { hasInApp, deliveries, status, reason, outcome: status, pending }
}

const laterInApp: PlannedDelivery = {
  channel: 'in_app',
  slot: 0,
  address: null,
  status: 'scheduled',
  reason: null,
}

function planChannel(person: Person, channel: CarriedChannel, isLater: boolean): PlannedDelivery[] {
  const reachable = person.addresses.filter((address) => address.channel === channel)
  if (reachable.length === 0)
    return [{ channel, slot: 0, address: null, status: 'skipped', reason: 'no_address' }]
  return reachable.map(({ slot, address }) => ({
    channel,
    slot,
    address,
    status: isLater ? 'scheduled' : 'processing',
    reason: null,
  }))
}

function ended(status: EndStatus, reason: string): Plan {
  return { hasInApp: false, deliveries: [], status, reason, outcome: status, pending: 0 }
}
