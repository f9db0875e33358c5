// What vendors tell of a message after they took it, and what follows from it. Reports come late, twice and in
// any order: each only ever moves a delivery up the ladder, so that all orders come to the same end.
import type { Status } from './status.ts'

/** About a delivery; the last three about an address that has written to us. */
export const receiptKinds = [
  'sent',
  'delivered',
  'bounced',
  'complained',
  'stopped',
  'started',
  'linked',
] as const
export type ReceiptKind = (typeof receiptKinds)[number]

export type Receipt = {
  /** The vendor's name for this report: the same one comes under the same name. */
  id: string
  kind: ReceiptKind
  /** What it is about; null: nothing that Belfry has sent. */
  deliveryId: string | null
  /** Of `stopped`, `started` and `linked`: who. */
  address: string | null
  /** Of `bounced`: nobody is there, now or ever. */
  isForGood: boolean
  /** Of `linked`: the code that only the person was given. */
  link?: string
  /** The vendor's word for it, without anything personal. */
  code: string | null
}

export type Standing = { status: Status; reason: string | null }

type Rung = 'sent' | 'delivered' | 'bounced' | 'complained'

const ladder: readonly Rung[] = ['sent', 'delivered', 'bounced', 'complained']

const standings: Record<Rung, Standing> = {
  sent: { status: 'sent', reason: null },
  delivered: { status: 'delivered', reason: null },
  bounced: { status: 'failed', reason: 'bounced' },
  complained: { status: 'delivered', reason: 'complained' }, // it arrived, and was not welcome
}

/** Where a delivery that has ended stands after a receipt; null: where it stood. */
export function afterReceipt(before: Standing, kind: ReceiptKind): Standing | null {
  const rung = ladder.findIndex((name) => name === kind)
  return rung > rungOf(before) ? standings[ladder[rung]!] : null
}

/** -1: below all that a vendor can tell, such as `unknown`. */
function rungOf({ status, reason }: Standing): number {
  return ladder.findLastIndex((name) => {
    const rung = standings[name]
    return rung.status === status && (rung.reason === null || rung.reason === reason)
  })
}

/** How long a receipt waits for what it is about to be known, or to have ended. */
export const parkedMs = 15 * 60_000
export const lookAgainMs = 15_000
