// Where a notification or a delivery stands.

export const statuses = [
  'scheduled',
  'processing',
  'sent',
  'delivered',
  'failed',
  'cancelled',
  'skipped',
  'unknown',
] as const

export type Status = (typeof statuses)[number]

/** Nothing more will happen by itself. */
export type EndStatus = Exclude<Status, 'scheduled' | 'processing'>

/** What `pending` means in a filter: not finished yet. */
export const pendingStatuses: Status[] = ['scheduled', 'processing']

const worstFirst: EndStatus[] = ['skipped', 'cancelled', 'failed', 'unknown', 'sent', 'delivered']

/** Of several ends the best: one success is enough. Same order as belfry.better in the database. */
export function bestStatus(ends: EndStatus[]): EndStatus | null {
  return ends.reduce<EndStatus | null>(
    (best, end) => (best && worstFirst.indexOf(best) >= worstFirst.indexOf(end) ? best : end),
    null,
  )
}
