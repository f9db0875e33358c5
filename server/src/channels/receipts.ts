// How vendors tell what became of messages. Each has a form and a signature of its own, which one file beside its
// provider knows; what they tell is put into the same few words.
import type { Receipt, ReceiptKind } from '../domain/receipt.ts'

export type ReceiptRequest = {
  /** As the vendor knows it, with its query: some sign it. */
  url: string
  query: URLSearchParams
  headers: Record<string, string> // names in lower case
  /** As it came: signatures are over the bytes. */
  body: Buffer
  now: Date
}

/** The answer to a GET of an address the vendor has named; null: none that would do. `isKept`: it never changes. */
export type Fetch = (url: string, options?: { isKept?: boolean }) => Promise<string | null>

export type ReadReceipts =
  | { kind: 'genuine'; receipts: Receipt[] }
  | { kind: 'forged'; reason: string } // or too old
  | { kind: 'malformed'; reason: string } // genuine, and not what the vendor documents

export type Receipts = {
  /** The setting without which nothing is taken, and the vendor not asked for any. */
  setting: string
  /** Never throws for what comes from outside. */
  read(
    request: ReceiptRequest,
    settings: Record<string, unknown>,
    fetch: Fetch,
  ): ReadReceipts | Promise<ReadReceipts>
  /** What is answered to who has shown the code of a link; absent: nothing. */
  answer?(shown: { address: string; isLinked: boolean }, settings: Record<string, unknown>): unknown
}

/** How old may be what is signed with its time, where vendors send the same signature again for hours. */
export const receiptAgeMs = 24 * 60 * 60_000
const futureMs = 60_000

/** Why a time of signing will not do; null when it will. */
export function staleness(signedAtMs: number, now: Date): string | null {
  if (!Number.isFinite(signedAtMs) || signedAtMs <= 0) return 'It has no time of signing.'
  const ageMs = now.getTime() - signedAtMs
  if (ageMs > receiptAgeMs) return `It was signed ${Math.round(ageMs / 1_000)} s ago.`
  if (ageMs < -futureMs) return 'It was signed in the future, by the clock of the database.'
  return null
}

export function forged(reason: string): ReadReceipts {
  return { kind: 'forged', reason }
}

export function genuine(...receipts: (Receipt | null)[]): ReadReceipts {
  return { kind: 'genuine', receipts: receipts.filter((receipt) => receipt !== null) }
}

/** The JSON of a body; undefined when it is none. */
export function jsonOf(body: Buffer | string): unknown {
  try {
    return JSON.parse(body.toString())
  } catch {
    return undefined
  }
}

export const noJson: ReadReceipts = { kind: 'malformed', reason: 'The body is no JSON.' }

type About = {
  id: string
  kind: ReceiptKind
  deliveryId?: unknown
  address?: string | undefined
  isForGood?: boolean
  code?: (string | undefined)[]
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const longestId = 255

/** A receipt from a vendor's own words. Null when it is about nothing that Belfry has sent. */
export function receiptOf({
  id,
  kind,
  deliveryId,
  address,
  isForGood,
  code,
}: About): Receipt | null {
  const known = typeof deliveryId === 'string' && uuid.test(deliveryId) ? deliveryId : null
  if (known === null && address === undefined) return null
  const words = (code ?? []).filter((word) => word !== undefined && /^[\w.:-]{1,40}$/.test(word))
  return {
    id: id.slice(0, longestId),
    kind,
    deliveryId: known,
    address: address ?? null,
    isForGood: isForGood ?? false,
    code: words.length === 0 ? null : words.join(' '),
  }
}

const stopWords: ReadonlySet<string> = new Set([
  'STOP',
  'STOPALL',
  'UNSUBSCRIBE',
  'CANCEL',
  'END',
  'QUIT',
  'REVOKE',
  'OPTOUT',
])
const startWords: ReadonlySet<string> = new Set(['START', 'UNSTOP'])

/** What somebody says who answers a text message with one of the words that operators agree on. */
export function saidBySms(text: string): 'stopped' | 'started' | null {
  const word = text.trim().toUpperCase()
  if (stopWords.has(word)) return 'stopped'
  return startWords.has(word) ? 'started' : null
}
