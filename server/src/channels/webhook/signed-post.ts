// One signed POST, as Standard Webhooks asks: for hooks, whose secrets may be two at a time.
import type { Outcome } from '../../domain/outcome.ts'
import { unanswered } from '../http-api.ts'
import type { OutgoingClient } from '../outgoing.ts'
import { readSecret, signatures } from './signature.ts'
import { answeredOutcome } from './webhook.ts'

export type SignedPost = {
  url: string
  /** The same for every attempt. */
  id: string
  body: string
  /** `whsec_…`, the newest first; each signs. */
  secrets: readonly string[]
  signal: AbortSignal
}

export type PostSigned = (post: SignedPost) => Promise<Outcome>

const budgetMs = 15_000
const maxResponseBytes = 8 * 1_024

/** `now`: what receivers compare the timestamp with, whatever time it is in a workspace. */
export function createPostSigned({
  outgoing,
  now,
}: {
  outgoing: OutgoingClient
  now: () => Date
}): PostSigned {
  return async ({ url, id, body, secrets, signal }) => {
    const at = now()
    const timestamp = Math.floor(at.getTime() / 1_000)
    const keys = secrets.map(readSecret).filter((key) => key !== null)
    const answer = await outgoing.request({
      method: 'POST',
      url,
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': String(timestamp),
        'webhook-signature': signatures(keys, { id, timestamp, body }),
      },
      body,
      signal: AbortSignal.any([signal, AbortSignal.timeout(budgetMs)]),
      maxResponseBytes,
    })
    return answer.kind === 'answered' ? answeredOutcome(answer, at, secrets) : unanswered(answer)
  }
}
