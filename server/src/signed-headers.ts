// The headers of one call that is signed as a hook's, for who makes it without a provider.
import { readSecret, signatures } from './channels/webhook/signature.ts'

/** `secret`: `whsec_…`. Nothing is signed with one that is none. */
export function signedHeaders(
  secret: string,
  { id, body, at }: { id: string; body: string; at: Date },
): Record<string, string> {
  const timestamp = Math.floor(at.getTime() / 1_000)
  const key = readSecret(secret)
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signatures(key === null ? [] : [key], { id, timestamp, body }),
  }
}
