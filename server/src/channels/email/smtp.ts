// E-mail over SMTP, on connections that stay open.
import { Readable } from 'node:stream'
import type MailMessage from 'nodemailer/lib/mailer/mail-message'
import type SMTPPool from 'nodemailer/lib/smtp-pool'
import type { SMTPPoolSentMessageInfo } from 'nodemailer/lib/smtp-pool'
import { asciiEmail, emailProblem } from '../../domain/address.ts'
import type { EmailContent } from '../../domain/content.ts'
import type { Outcome } from '../../domain/outcome.ts'
import { excerpt } from '../excerpt.ts'
import type { Message, Provider, ProviderContext, ProviderKind } from '../provider.ts'
import { mailLibrary } from './mail-library.ts'
import { contentProblem, createMimeCache, ownHeaders } from './mime.ts'
import { relayConnector } from './relay-connector.ts'
import { failureOutcome } from './smtp-outcome.ts'
import { poolOptions, readSender, SmtpSettings, smtpProblems } from './smtp-settings.ts'

export const smtp: ProviderKind = {
  kind: 'smtp',
  channels: ['email'],
  title: 'SMTP',
  settings: SmtpSettings,
  secrets: ['password'],
  sends: { secrets: ['password'], to: ['host', 'port', 'secure', 'require_tls'] },
  budgetMs: 150_000,
  problems: (settings, allowed) => smtpProblems(asSettings(settings), allowed),
  create: createSmtpProvider,
}

// The schema has been checked when settings are saved, and they are stored as they were.
const asSettings = (settings: Record<string, unknown>) => settings as SmtpSettings

function createSmtpProvider(
  settings: Record<string, unknown>,
  { now, allowed }: ProviderContext,
): Provider {
  const { from, user, password } = asSettings(settings)
  const sender = readSender(from)
  if (!sender) throw new Error('from is not an address')
  const host = sender.address.slice(sender.address.lastIndexOf('@') + 1)
  const credentials = [user, password].filter((value) => value !== undefined)
  const getSocket = relayConnector({ allowed })
  const pool = new (mailLibrary().Pool)({ ...poolOptions(asSettings(settings)), getSocket })
  const sharedPart = createMimeCache(sender)
  const underWay = new Set<Promise<Outcome>>()

  async function hand(message: Message, signal: AbortSignal): Promise<Outcome> {
    // As the channel says: what an e-mail carries.
    const content = message.content as EmailContent
    const problem = contentProblem(content)
    if (problem) return { kind: 'failed', code: 'invalid_content', detail: problem }
    const badAddress = emailProblem(message.address)
    if (badAddress) return { kind: 'failed', code: 'invalid_email', detail: badAddress }

    const to = asciiEmail(message.address)
    const messageId = `<${message.deliveryId}@${host}>`
    const shared = await sharedPart(message.contentId, content)
    const { unsubscribeUrl } = message
    const own = ownHeaders({ to, messageId, date: now(), unsubscribeUrl })
    const bytes = Buffer.concat([own, shared])
    const hidden = [...credentials, message.address, to]
    return handOver(pool, { from: sender!.address, to, messageId, bytes, hidden }, signal)
  }

  return {
    send(message, signal) {
      const sending = hand(message, signal)
      underWay.add(sending)
      return sending.finally(() => underWay.delete(sending))
    },
    verify: (signal) => verify(pool, credentials, signal),
    async close() {
      // The pool fails what waits for a connection when it closes. Each message has a limit of its own.
      while (underWay.size > 0) await Promise.allSettled(underWay)
      pool.close()
    },
  }
}

type Envelope = {
  from: string
  to: string
  messageId: string
  bytes: Buffer
  hidden: readonly string[]
}

/**
 * Gives finished bytes to the pool. It is called as nodemailer's own mailer calls it, without the
 * mailer: that would parse and wrap them once more. The stream tells how far the sending
 * came: the pool reads it after the server's 354, and writes the final dot after its end.
 */
function handOver(pool: SMTPPool, envelope: Envelope, signal: AbortSignal): Promise<Outcome> {
  const { from, to, messageId, bytes, hidden } = envelope
  const streams: Readable[] = []
  const mail = {
    data: { signal },
    message: {
      getEnvelope: () => ({ from, to: [to], size: bytes.length }),
      messageId: () => messageId,
      getHeader: () => messageId,
      // Asked for once more when a kept connection turns out to be dead.
      createReadStream: () => streams[streams.push(streamOf(bytes)) - 1],
    },
  }
  const { promise, resolve } = Promise.withResolvers<Outcome>()
  // The pool reads no more of a MailMessage than this.
  pool.send(mail as unknown as MailMessage<SMTPPoolSentMessageInfo>, (error, info) => {
    const mayBeTaken = streams.some((stream) => stream.readableEnded)
    if (error) resolve(failureOutcome({ error, mayBeTaken, hidden }))
    else resolve({ kind: 'sent', code: 'smtp_250', detail: excerpt(info?.response ?? '', hidden) })
  })
  return promise
}

function streamOf(bytes: Buffer): Readable {
  return new Readable({
    read() {
      this.push(bytes)
      this.push(null)
    },
  })
}

/** Connects, encrypts, signs in and leaves. */
function verify(pool: SMTPPool, hidden: readonly string[], signal: AbortSignal): Promise<Outcome> {
  const { promise, resolve } = Promise.withResolvers<Outcome>()
  const onAbort = () => resolve({ kind: 'retry', code: 'timeout', detail: 'no answer in time' })
  signal.addEventListener('abort', onAbort, { once: true })
  pool.verify((error) => {
    signal.removeEventListener('abort', onAbort)
    if (error) resolve(failureOutcome({ error, mayBeTaken: false, hidden }))
    else resolve({ kind: 'sent', code: 'verified' })
  })
  return promise
}
