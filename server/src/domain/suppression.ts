// Addresses that get nothing more: the vendor said that nobody is there, or the person that they want none.

export const suppressionReasons = ['gone', 'bounced', 'complained', 'stopped'] as const
export type SuppressionReason = (typeof suppressionReasons)[number]

export type Suppression = { reason: SuppressionReason; at: string } // at: RFC 3339

const happened: Record<SuppressionReason, string> = {
  gone: 'the address was dead',
  bounced: 'the address bounced',
  complained: 'the recipient complained of spam',
  stopped: 'the recipient said STOP',
}

/** "the address bounced on 2026-06-01, and gets nothing more until that is cleared" */
export function tellSuppression({ reason, at }: Suppression): string {
  const day = new Date(at).toISOString().slice(0, 10)
  return `${happened[reason]} on ${day}, and it gets nothing more until that is cleared`
}
