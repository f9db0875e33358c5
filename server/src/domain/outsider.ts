// Why somebody has no notification of an event: what is known of it, and no more.
import type { AudienceMember } from './audience.ts'
import { localTimes, nameOf, zoneSentence, type LocalTimes } from './person-words.ts'
import { reasonText, reasonsOf, tellReasons } from './reason.ts'

export type Outsider = {
  recipient: string
  data: Record<string, unknown>
  timezone: string | null
  isKnown: boolean // a subscriber has this id
  /** Topics of the audience that they are a member of now, and since when. */
  memberships: { topic: string; createdAt: Date }[]
}

export type MissedEvent = {
  status: string
  error: string | null
  audience: AudienceMember[]
  found: (number | null)[]
  createdAt: Date
  processedAt: Date | null
  cancelledAt: Date | null
  /** Notifications that were forgotten since. */
  forgottenCount: number
}

const mostTopics = 5

export function tellOutsider(person: Outsider, event: MissedEvent, now: Date): string[] {
  const times = localTimes(person.timezone, now)
  return [...tell(person, event, times), ...zoneSentence(times)]
}

function tell(person: Outsider, event: MissedEvent, times: LocalTimes): string[] {
  const name = nameOf(person)
  const { status, processedAt, cancelledAt, forgottenCount } = event
  if (status === 'failed') return [`${name} was not told: nobody was. ${event.error ?? ''}`.trim()]
  if (processedAt === null && cancelledAt !== null)
    return [`${name} was not told: it was cancelled ${times.tell(cancelledAt)}.`]
  if (processedAt === null)
    return [`${name} has not been told yet: Belfry still looks for whom it is for.`]
  const lines =
    forgottenCount > 0
      ? [
          `Nothing is known of ${name} here (any more): ${forgottenCount} notifications of it were forgotten, as their time was over.`,
        ]
      : [`${name} was not told: it was for others.`]
  if (!person.isKnown) lines.push(`No subscriber has the id ${person.recipient}.`)
  return forgottenCount > 0 ? lines : [...lines, ...tellTopics(name, person, event, times)]
}

function tellTopics(
  name: string,
  { memberships }: Outsider,
  { audience, found, processedAt }: MissedEvent,
  times: LocalTimes,
): string[] {
  const looked = audience.filter((member, i) => 'topic' in member && (found[i] ?? null) !== null)
  const lines = looked.slice(0, mostTopics).map((member) => {
    const topic = 'topic' in member ? member.topic : ''
    const what = tellReasons(reasonsOf([reasonText({ topic })]))
    const now = memberships.find((membership) => membership.topic === topic)
    const since = now
      ? `, but is by now (since ${times.tell(now.createdAt).replace(/^(on|at) /, '')})`
      : ''
    return `${name} was not ${what} ${times.tell(processedAt!)}${since}.`
  })
  const rest = looked.length - lines.length
  if (rest > 0) lines.push(`Nor was ${name} a member of ${rest} more topics of the audience.`)
  return lines
}
