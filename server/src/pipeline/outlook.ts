// What is planned for one person at one moment, channel by channel, as an explanation shows it.
import type { Context } from '../context.ts'
import { maskAddress } from '../domain/address.ts'
import type { CarriedChannel } from '../domain/channel.ts'
import type { PlannedDelivery } from '../domain/plan.ts'
import type { Wishes } from '../domain/preferences.ts'
import { ruleOf, type Outlook } from '../domain/prospect.ts'
import type { EventTexts } from './event-texts.ts'
import type { NextPeople } from './next-people.ts'

/** What goes out together. `id` names the text of the in-app part, a delivery's its own. */
export type Sending = {
  id: string
  hasInApp: boolean
  deliveries: (PlannedDelivery & { id: string })[]
  at: Date
  isLater: boolean
  wishes: Wishes | null
}

/** In the order of the channels. */
export function outlooksOf(
  ctx: Context,
  { event, channels }: Pick<NextPeople, 'event' | 'channels'>,
  { id, hasInApp, deliveries, at, isLater, wishes }: Sending,
  texts: EventTexts['texts'],
): Outlook[] {
  const outlooks: Outlook[] = deliveries.map((delivery) => ({
    channel: delivery.channel,
    address: maskedAddress(delivery),
    status: delivery.status,
    reason: delivery.reason,
    rule: ruleOf(delivery, wishes, isLater),
    because: delivery.because ?? null,
    at: isOpen(delivery) ? (delivery.notBefore ?? at) : null,
    provider: isOpen(delivery) ? providerOf(ctx, event.workspaceId, delivery) : null,
    content: texts.get(delivery.id)?.content ?? null,
  }))
  if (hasInApp)
    outlooks.push({
      channel: 'in_app',
      address: null,
      status: 'delivered',
      reason: null,
      rule: wishes?.on('in_app').rule ?? null,
      because: null,
      at,
      provider: null,
      content: texts.get(id)?.content ?? null,
    })
  const place = ({ channel }: Outlook) => channels.indexOf(channel)
  return outlooks.toSorted((a, b) => place(a) - place(b))
}

function isOpen({ status }: PlannedDelivery): boolean {
  return status !== 'skipped' && status !== 'failed'
}

function providerOf(
  ctx: Context,
  workspaceId: number,
  { channel, device }: Pick<PlannedDelivery, 'channel' | 'device'>,
): Outlook['provider'] {
  if (channel === 'in_app') return null
  const [found] = ctx.providers.carrying({ workspaceId, channel, device })
  return found ? { name: found.name, kind: found.kind.kind } : null
}

function maskedAddress({ channel, address }: PlannedDelivery): string | null {
  return address === null ? null : maskAddress(channel as CarriedChannel, address)
}
