// E-mails as bytes. Building MIME takes longer than sending it, so what recipients share is built
// once for each content; To, Message-ID and Date are put in front for each of them.
import type { EmailContent } from '../../domain/content.ts'
import { mailLibrary } from './mail-library.ts'

export type Sender = { name: string; address: string }

/** Why content cannot become an e-mail; null when it can. */
export function contentProblem({ subject, html, text }: EmailContent): string | null {
  // Objects would make the mail library read files and URLs (`html: { path }`).
  if (typeof html !== 'string' || typeof text !== 'string' || typeof subject !== 'string') {
    return 'subject, html and text must be strings'
  }
  // Refused rather than repaired: whoever puts a line break into a subject wants another header.
  if (hasControls(subject)) return 'the subject has a line break or another control character'
  return null
}

export function hasControls(text: string): boolean {
  return /[\p{Cc}\p{Cs}\u2028\u2029]/u.test(text)
}

/** Everything of an e-mail that does not depend on who gets it, from its `From:` to its end. */
export async function buildShared(content: EmailContent, from: Sender): Promise<Buffer> {
  const { subject, html, text } = content
  const { Composer } = mailLibrary()
  const message = new Composer({
    from,
    subject,
    html,
    text,
    headers: { 'Auto-Submitted': 'auto-generated' },
    disableFileAccess: true,
    disableUrlAccess: true,
    newline: 'windows',
  }).compile()
  const bytes = await message.build()
  return withoutOwnHeaders(bytes)
}

/** Drops the Message-ID and the Date that the library insists on: each recipient has its own. */
function withoutOwnHeaders(message: Buffer): Buffer {
  const end = message.indexOf('\r\n\r\n') + 2
  const headers = message.subarray(0, end).toString('latin1')
  // A header may go on in lines that begin with a space.
  const kept = headers.replace(/^(?:Message-ID|Date):.*\r\n(?:[ \t].*\r\n)*/gim, '')
  return Buffer.concat([Buffer.from(kept, 'latin1'), message.subarray(end)])
}

export type OwnHeaders = {
  to: string // one checked address in ASCII
  messageId: string
  date: Date
  unsubscribeUrl?: string | undefined // of our own making: ASCII, nothing to escape
}

const longestLine = 998 // RFC 5322, without the line end

/** The headers that differ. @see RFC 8058 for one-click unsubscribing */
export function ownHeaders({ to, messageId, date, unsubscribeUrl }: OwnHeaders): Buffer {
  const lines = [
    `To: ${to}`,
    `Message-ID: ${messageId}`,
    `Date: ${date.toUTCString().replace('GMT', '+0000')}`,
  ]
  const unsubscribe = `List-Unsubscribe: <${unsubscribeUrl}>`
  // A link cannot be broken over two lines. Only ids of hundreds of letters make one that is too long.
  if (unsubscribeUrl !== undefined && unsubscribe.length <= longestLine)
    lines.push(unsubscribe, 'List-Unsubscribe-Post: List-Unsubscribe=One-Click')
  return Buffer.from(lines.map((line) => `${line}\r\n`).join(''))
}

/** Remembers what was built for the contents last used. */
export function createMimeCache(from: Sender, maxEntries = 32) {
  const built = new Map<string, Promise<Buffer>>()

  return function sharedPart(contentId: string, content: EmailContent): Promise<Buffer> {
    let part = built.get(contentId)
    // Taken out and put back, so that the first entry is the one unused for longest.
    if (part) built.delete(contentId)
    else part = buildShared(content, from)
    built.set(contentId, part)
    if (built.size > maxEntries) built.delete(built.keys().next().value!)
    return part
  }
}
