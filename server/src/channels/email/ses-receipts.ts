// What Amazon SES tells of messages, by a topic of SNS. Its messages are signed with a key whose certificate SNS
// itself serves; and as anybody has topics there, this one must be named in the settings.
// @see https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
// @see https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html
import { verify, X509Certificate } from 'node:crypto'
import type { Receipt } from '../../domain/receipt.ts'
import { member, memberText } from '../http-api.ts'
import {
  forged,
  genuine,
  jsonOf,
  noJson,
  receiptOf,
  staleness,
  type Fetch,
  type ReadReceipts,
  type Receipts,
} from '../receipts.ts'

export const sesReceipts: Receipts = {
  setting: 'receipts_topic',
  async read({ body, now }, settings, fetch) {
    const json = jsonOf(body)
    if (json === undefined) return forged('The body is no JSON.')
    // Before anything is fetched: where to is what the sender says.
    if (memberText(json, 'TopicArn') !== settings['receipts_topic'])
      return forged('It is of another topic.')
    const stale = staleness(Date.parse(memberText(json, 'Timestamp') ?? ''), now)
    if (stale) return forged(stale)
    const problem = await signatureProblem(json, now, fetch)
    if (problem) return forged(problem)
    return taken(json, fetch)
  },
}

async function taken(json: unknown, fetch: Fetch): Promise<ReadReceipts> {
  switch (memberText(json, 'Type') ?? '') {
    case 'SubscriptionConfirmation': {
      const url = memberText(json, 'SubscribeURL') ?? ''
      const isConfirmed = isOfSns(url) && (await fetch(url)) !== null
      const reason = 'SNS did not take the confirmation of its topic.'
      return isConfirmed ? genuine() : { kind: 'malformed', reason }
    }
    case 'Notification': {
      const event = jsonOf(memberText(json, 'Message') ?? '')
      if (event === undefined) return noJson
      return genuine(receiptFrom(event, memberText(json, 'MessageId') ?? ''))
    }
    default:
      return genuine() // unsubscribed, by whoever may
  }
}

/** The host that SNS has, and nothing that only looks like it. */
function isOfSns(url: string): boolean {
  const parsed = URL.parse(url)
  if (parsed?.protocol !== 'https:' || parsed.port !== '' || parsed.username !== '') return false
  return /^sns\.[a-z]{2}(-[a-z]+)+-\d\.amazonaws\.com(\.cn)?$/.test(parsed.hostname)
}

/** All of the address is looked at: SNS also answers queries, of anybody. */
function isCertificateOfSns(url: string): boolean {
  if (!isOfSns(url)) return false
  const { pathname, search, hash } = new URL(url)
  return (
    /^\/SimpleNotificationService-[0-9a-f]+\.pem$/.test(pathname) && search === '' && hash === ''
  )
}

async function signatureProblem(json: unknown, now: Date, fetch: Fetch): Promise<string | null> {
  const url = memberText(json, 'SigningCertURL') ?? ''
  if (!isCertificateOfSns(url)) return 'Its certificate is not one of SNS.'
  const certificate = await certificateAt(url, fetch)
  if (certificate === null) return 'Its certificate cannot be had.'
  const isValid = certificate.validFromDate <= now && now <= certificate.validToDate
  if (!isValid) return 'Its certificate is not valid now.'
  const algorithm = algorithms[memberText(json, 'SignatureVersion') ?? '']
  if (algorithm === undefined) return 'Its signature is of an unknown version.'
  const signature = Buffer.from(memberText(json, 'Signature') ?? '', 'base64')
  const isSigned = verify(
    algorithm,
    Buffer.from(signedText(json)),
    certificate.publicKey,
    signature,
  )
  return isSigned ? null : 'The signature does not fit.'
}

const algorithms: Record<string, string> = { '1': 'sha1', '2': 'sha256' }

const ofNotification = ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type']
const ofOthers = ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type']

function signedText(json: unknown): string {
  const names = memberText(json, 'Type') === 'Notification' ? ofNotification : ofOthers
  return names
    .map((name) => [name, memberText(json, name)])
    .flatMap(([name, value]) => (value === undefined ? [] : `${name}\n${value}\n`))
    .join('')
}

async function certificateAt(url: string, fetch: Fetch): Promise<X509Certificate | null> {
  const pem = await fetch(url, { isKept: true })
  try {
    return pem === null ? null : new X509Certificate(pem)
  } catch {
    return null // something else
  }
}

function receiptFrom(event: unknown, id: string): Receipt | null {
  const about = { id, deliveryId: member(event, 'mail', 'tags', 'delivery_id', 0) }
  switch (memberText(event, 'eventType') ?? '') {
    case 'Send':
      return receiptOf({ ...about, kind: 'sent' })
    case 'Delivery':
      return receiptOf({ ...about, kind: 'delivered' })
    case 'Bounce': {
      const type = memberText(event, 'bounce', 'bounceType')
      const code = [
        type,
        memberText(event, 'bounce', 'bounceSubType'),
        memberText(event, 'bounce', 'bouncedRecipients', 0, 'status'),
      ]
      return receiptOf({ ...about, kind: 'bounced', isForGood: type === 'Permanent', code })
    }
    case 'Reject': // it has a virus
    case 'Rendering Failure':
      return receiptOf({ ...about, kind: 'bounced', code: ['rejected'] })
    case 'Complaint':
      return receiptOf({
        ...about,
        kind: 'complained',
        code: [memberText(event, 'complaint', 'complaintFeedbackType')],
      })
    default:
      return null // delays, opens, clicks
  }
}
