// Signed links for people: to unsubscribe, to their preferences, to why they got something, and to answer it. Whoever holds one may do just that,
// without signing in. They do not expire: mail is opened years later. What an answer was asked for does.
import type { Channel } from './domain/channel.ts'
import type { Secrets } from './secrets.ts'

export type LinkOwner = { workspaceId: number; subscriberId: string }

/** What one message may be unsubscribed from: messages of its kind, on its channel. */
export type UnsubscribeTarget = LinkOwner & {
  eventType: string | null // null: direct messages, so the channel as a whole
  channel: Channel
}

/** One event as it came to one person on one channel. */
export type WhyTarget = LinkOwner & { eventId: string; channel: Channel }

/** One event as it came to one person, or to an address that was given directly. */
export type AnswerTarget = { workspaceId: number; eventId: string; recipient: string }

export type Links = {
  /** Where people reach this Belfry: BELFRY_PUBLIC_URL, or the server's own address. */
  baseUrl: string
  unsubscribe(target: UnsubscribeTarget): string
  preferences(owner: LinkOwner): string
  why(target: WhyTarget): string
  acknowledge(target: AnswerTarget): string
  /** What a token says; null for one that we have not signed. */
  readUnsubscribe(token: string): UnsubscribeTarget | null
  readPreferences(token: string): LinkOwner | null
  readWhy(token: string): WhyTarget | null
  readAcknowledge(token: string): AnswerTarget | null
}

const format = 1

export function createLinks(secrets: Secrets, baseUrl: string): Links {
  function seal(purpose: string, ...values: unknown[]): string {
    const text = Buffer.from(JSON.stringify([format, ...values])).toString('base64url')
    return `${text}.${secrets.sign(text, purpose)}`
  }

  function open(purpose: string, token: string): unknown[] | null {
    const [text = '', signature = '', ...rest] = token.split('.')
    if (rest.length > 0 || !secrets.isSigned(text, purpose, signature)) return null
    const [version, ...values] = JSON.parse(Buffer.from(text, 'base64url').toString()) as unknown[]
    return version === format ? values : null
  }

  const links: Links = {
    baseUrl,
    unsubscribe: ({ workspaceId, subscriberId, eventType, channel }) =>
      `${links.baseUrl}/unsubscribe/${seal('unsubscribe', workspaceId, subscriberId, eventType, channel)}`,
    preferences: ({ workspaceId, subscriberId }) =>
      `${links.baseUrl}/p/${seal('preferences', workspaceId, subscriberId)}`,
    why: ({ workspaceId, subscriberId, eventId, channel }) =>
      `${links.baseUrl}/why/${seal('why', workspaceId, subscriberId, eventId, channel)}`,
    acknowledge: ({ workspaceId, eventId, recipient }) =>
      `${links.baseUrl}/acknowledge/${seal('acknowledge', workspaceId, eventId, recipient)}`,
    readUnsubscribe(token) {
      // We have signed it, so it is what we put in.
      const values = open('unsubscribe', token) as [number, string, string | null, Channel] | null
      if (values === null) return null
      const [workspaceId, subscriberId, eventType, channel] = values
      return { workspaceId, subscriberId, eventType, channel }
    },
    readPreferences(token) {
      const values = open('preferences', token) as [number, string] | null
      return values && { workspaceId: values[0], subscriberId: values[1] }
    },
    readWhy(token) {
      const values = open('why', token) as [number, string, string, Channel] | null
      if (values === null) return null
      const [workspaceId, subscriberId, eventId, channel] = values
      return { workspaceId, subscriberId, eventId, channel }
    },
    readAcknowledge(token) {
      const values = open('acknowledge', token) as [number, string, string] | null
      return values && { workspaceId: values[0], eventId: values[1], recipient: values[2] }
    },
  }
  return links
}
