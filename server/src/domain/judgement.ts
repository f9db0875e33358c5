// What an outcome says of the provider that brought it.
import type { Outcome } from './outcome.ts'

/** Codes of attempts that ended before anybody was called: the address or the text would not do. */
export const unaskable: ReadonlySet<string> = new Set([
  'invalid_content',
  'invalid_email',
  'invalid_request',
  'invalid_url',
  'url_not_allowed',
  'url_port',
  'url_scheme',
])

/**
 * A refused message or a dead address is an answer like any other. An account that has to be put right is a
 * failure: nothing gets through. Null: it says nothing, as nobody was asked, or it only was too much at once.
 */
export function judge(outcome: Outcome): 'answered' | 'failed' | null {
  const code = outcome.code ?? ''
  switch (outcome.kind) {
    case 'sent':
    case 'delivered':
      return 'answered'
    case 'failed':
    case 'gone':
      return unaskable.has(code) || code === 'message_too_large' ? null : 'answered'
    case 'retry':
      return code === 'http_429' ? null : 'failed'
    case 'ambiguous':
      return 'failed'
  }
}
