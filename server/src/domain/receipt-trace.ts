// What vendors told later, as entries of a trace.
import type { ReceiptKind } from './receipt.ts'

export type TracedReceipt = {
  provider: string | null // null: it was deleted since
  kind: ReceiptKind
  code: string | null
  receivedAt: Date
}

const told: Record<ReceiptKind, string> = {
  sent: 'has sent it on',
  delivered: 'has delivered it',
  bounced: 'had it come back',
  complained: 'was told that it is spam, by the recipient',
  stopped: 'was told to stop',
  linked: 'was told whose chat it is',
  started: 'was told to go on',
}

export function traceReceipt(channel: string, { provider, kind, code, receivedAt }: TracedReceipt) {
  const because = `${provider ?? 'the provider'} ${told[kind]}${code === null ? '' : ` (${code})`}`
  return { at: receivedAt, step: channel, decision: `receipt: ${kind}`, because }
}
