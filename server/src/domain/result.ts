// What can become of notifications and deliveries, as those who follow are told.

const ends = ['sent', 'delivered', 'failed', 'cancelled', 'skipped', 'unknown'] as const
const readings = ['seen', 'read', 'acknowledged'] as const

export const resultTypes = [
  ...ends.map((end) => `delivery.${end}` as const),
  'delivery.complained',
  ...[...ends, ...readings].map((what) => `notification.${what}` as const),
  'hook.disabled',
  'hook.reset',
] as const

export type ResultType = (typeof resultTypes)[number]

/** Which of them somebody wants to hear of; null: whatever it is. */
export type ResultFilter = {
  types: readonly string[] | null
  channel: string | null
  status: string | null
  type: string | null // of the event
  recipientId: string | null
  eventId: string | null
}
