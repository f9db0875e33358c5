// Words that sentences about a person are made of: the name, channels, and times as that person's clock
// shows them.
import type { Channel } from './channel.ts'

const longestName = 100

/** What `data.name` says, or else the id (or address). */
export function nameOf({
  recipient,
  data,
}: {
  recipient: string
  data: Record<string, unknown>
}): string {
  const { name } = data
  return typeof name === 'string' && name.trim() !== '' && name.length <= longestName
    ? name.trim()
    : recipient
}

const phrases: Record<Channel, string> = {
  in_app: 'in the app',
  email: 'by email',
  sms: 'by SMS',
  push: 'by push',
  telegram: 'on Telegram',
  slack: 'on Slack',
  discord: 'on Discord',
  teams: 'on Teams',
  webhook: 'by webhook',
}

/** "by email", "in the app" */
export function channelPhrase(channel: Channel): string {
  return phrases[channel]
}

export type LocalTimes = {
  timezone: string
  isUsed: () => boolean
  /** "at 10:02", on another day than `now` "on 3 May at 10:02". */
  tell: (at: Date) => string
  /** "on 3 May" */
  tellDay: (at: Date) => string
}

/** Times of a person, as seen from `now`. A zone that nobody knows (any more) counts as UTC. */
export function localTimes(timezone: string | null, now: Date): LocalTimes {
  const zone = timezone ?? 'UTC'
  let isUsed = false
  const local = (at: Date) =>
    Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(zone)
  const today = local(now)
  const tellDay = (at: Date) => {
    isUsed = true
    const { day, month, year } = local(at)
    return `on ${day} ${months[month - 1]}${year === today.year ? '' : ` ${year}`}`
  }
  return {
    timezone: zone,
    isUsed: () => isUsed,
    tellDay,
    tell(at) {
      isUsed = true
      const moment = local(at)
      const time = `at ${moment.toPlainTime().toString({ smallestUnit: 'minute' })}`
      return moment.toPlainDate().equals(today.toPlainDate()) ? time : `${tellDay(at)} ${time}`
    },
  }
}

const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]

/** Where the times are from, if any were told. */
export function zoneSentence({ timezone, isUsed }: LocalTimes): string[] {
  return isUsed() ? [`Times are those of ${timezone}.`] : []
}

export function countOfPeople(count: number): string {
  return count === 1 ? '1 person' : `${count} people`
}
