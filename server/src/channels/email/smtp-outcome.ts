// What a failed SMTP conversation means for the message: refused for good, for now, or unknown.
import type { NodemailerError } from 'nodemailer/lib/errors'
import type { Outcome } from '../../domain/outcome.ts'
import { certificateProblem } from '../certificate.ts'
import { excerpt } from '../excerpt.ts'

export type Failure = {
  error: NodemailerError
  /** Whether the dot that ends a message may have been written: from then on it may be taken. */
  mayBeTaken: boolean
  /** What must not show up in an outcome: credentials, the recipient. */
  hidden: readonly string[]
}

/**
 * A reply to the message decides. Without one, everything before the final dot was not sent, and
 * everything after it is unknown: RFC 5321 makes the server responsible with its 250.
 */
export function failureOutcome({ error, mayBeTaken, hidden }: Failure): Outcome {
  const { code = '', responseCode = 0, command = '' } = error
  const isReply = responseCode >= 400 && responseCode < 600
  const detail = excerpt(isReply ? (error.response ?? '') : describe(error), hidden)

  if (code === 'EAUTH' || code === 'ENOAUTH' || authReplies.has(responseCode)) {
    return { kind: 'retry', code: 'provider_auth', detail }
  }
  const badCertificate = certificateProblem(error.originalCode ?? '')
  if (badCertificate && !mayBeTaken) {
    // Theirs to renew or ours to trust: the message is not at fault, and may go once that is done.
    const words = `the certificate of the mail server ${badCertificate}`
    return { kind: 'retry', code: 'bad_certificate', detail: words }
  }
  if (code === 'ETLS' || command === 'EHLO' || command === 'STARTTLS') {
    return { kind: 'retry', code: isReply ? 'tls_required' : 'tls_failed', detail }
  }
  if (isReply) {
    const isAboutMessage = code === 'EENVELOPE' || code === 'EMESSAGE'
    return replyOutcome({ responseCode, command, isAboutMessage, detail })
  }
  if (mayBeTaken) return { kind: 'ambiguous', code: connectionCode(error), detail }
  if (code === 'EMESSAGE') return { kind: 'failed', code: 'message_too_large', detail }
  if (code === 'EENVELOPE') return { kind: 'failed', code: 'invalid_email', detail }
  return { kind: 'retry', code: connectionCode(error), detail }
}

// 530 authentication required, 534 mechanism too weak, 535 credentials invalid.
const authReplies: ReadonlySet<number> = new Set([530, 534, 535])

type Reply = { responseCode: number; command: string; isAboutMessage: boolean; detail: string }

function replyOutcome({ responseCode, command, isAboutMessage, detail }: Reply): Outcome {
  const code = `smtp_${responseCode}`
  // 503 says that the conversation went wrong, not the message. A greeting of 554 says that the
  // server does not work now.
  const isFinal = responseCode >= 500 && responseCode !== 503 && isAboutMessage
  if (!isFinal) return { kind: 'retry', code, detail }
  const status = /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})/.exec(detail)?.[1] ?? ''
  const isDead = command !== 'MAIL FROM' && deadMailbox.has(status)
  return { kind: isDead ? 'gone' : 'failed', code, detail }
}

/**
 * Enhanced status codes that say that nobody is there, or never again. Other 5.1.x are about
 * the sender (5.1.7, 5.1.8); other 5.2.x pass, such as a full mailbox.
 *
 * @see https://www.iana.org/assignments/smtp-enhanced-status-codes
 */
const deadMailbox: ReadonlySet<string> = new Set([
  '5.1.1',
  '5.1.2',
  '5.1.3',
  '5.1.6',
  '5.1.10',
  '5.2.1',
])

function connectionCode(error: NodemailerError): string {
  const isTimeout = error.cause instanceof Error && error.cause.name === 'TimeoutError'
  if (error.code === 'EABORT') return isTimeout ? 'timeout' : 'aborted'
  if (error.originalCode === 'ECONNREFUSED') return 'connection_refused'
  return connectionCodes[error.code ?? ''] ?? 'connection_lost'
}

const connectionCodes: Record<string, string> = {
  EBLOCKED: 'blocked_address',
  EDNS: 'dns_failed',
  ETIMEDOUT: 'timeout',
  EPROTOCOL: 'bad_answer',
}

function describe(error: NodemailerError): string {
  if (error.code === 'EABORT') return 'given up before the mail server answered'
  // Its words are not shown: they could be those of anything that listens where a provider points.
  if (error.code === 'EPROTOCOL') return 'what answers there does not speak SMTP'
  return error.message
}
