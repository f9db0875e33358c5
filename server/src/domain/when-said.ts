// When somebody said what decided about a message, as the log of their preferences has it.
import type { Channel } from './channel.ts'
import type { FieldChange } from './preference-change.ts'

export type SaidChange = { changedAt: Date; byKind: string; changes: FieldChange[] }

/** `because` goes on from the person's name; `at`: when it decided. */
export type SaidWish = {
  because: string
  channel: Channel | null // null: it was about all channels
  type: string | null
  threadKey: string | null
  at: Date
}

/** " on 3 May". '' when the log does not say. */
export function tellWhenSaid(
  wish: SaidWish,
  changes: readonly SaidChange[],
  tellDay: (at: Date) => string,
): string {
  const fields = fieldsOf(wish).map((field) => JSON.stringify(field))
  const isAbout = ({ field, after }: FieldChange) =>
    after !== null && fields.includes(JSON.stringify(field))
  const found = changes.find(
    (change) => change.changedAt <= wish.at && change.changes.some(isAbout),
  )
  if (!found) return ''
  const since = wish.because.startsWith('wants') ? ', said' : ''
  return `${since} ${tellDay(found.changedAt)}${byWhat(found)}`
}

/** An API key may be an application that passes on what people choose: it says nothing about who it was. */
function byWhat({ byKind }: SaidChange): string {
  return byKind === 'unsubscribe_link' ? ' with the unsubscribe link' : ''
}

/** What in the preferences may have been meant: only one of them can have decided. */
function fieldsOf({ because, channel, type, threadKey }: SaidWish): string[][] {
  if (because === 'wants only critical events') return [['level']]
  if (because === 'muted its thread' && threadKey !== null) return [['muted_threads', threadKey]]
  if (type !== null && because === `turned off ${type}`) return [['event_types', type, 'enabled']]
  if (channel === null) return []
  if (because === `turned off ${channel}`) return [['channels', channel]]
  const start = `turned off ${channel} for `
  if (!because.startsWith(start)) return []
  const about = because.slice(start.length)
  return [
    ['event_types', about, channel],
    ['categories', about, channel],
  ]
}
