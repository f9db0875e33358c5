// `to` of a request, and the times and level that go with it.
import { Type } from 'typebox'

const id = Type.String({ minLength: 1, maxLength: 255, pattern: '^[^\\p{Cc}]+$' })

const nullable = (maxLength: number) =>
  Type.Optional(Type.Union([Type.String({ maxLength }), Type.Null()]))

const InlineSubscriber = Type.Object(
  {
    id,
    email: nullable(254),
    phone: nullable(40),
    locale: nullable(35),
    timezone: nullable(64),
    data: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    addresses: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  },
  { description: 'A subscriber given in full: stored (or updated) with the request.' },
)

const TopicMembers = Type.Object({ topic: id }, { description: 'The members of a topic.' })

export const ToBody = Type.Array(Type.Union([id, TopicMembers, InlineSubscriber]), {
  minItems: 1,
  maxItems: 1_000,
  description: 'Who hears about it: subscriber ids, topics, or subscribers given in full.',
})

/** A body without a type: fields that events and messages have in common. */
export const whenAndHow = {
  level: Type.Optional(
    Type.Enum(['standard', 'critical'], {
      description: 'Critical goes first and cannot be muted.',
    }),
  ),
  scheduled_time: Type.Optional(
    Type.String({
      format: 'date-time-or-local',
      description:
        'Not before this moment (RFC 3339). Without an offset it is a time on the wall, in `timezone`, else in ' +
        'the zone of each recipient, else in UTC. Left out: now.',
    }),
  ),
  timezone: Type.Optional(
    Type.String({
      maxLength: 100,
      description:
        'Where the recipients are: an IANA name such as Europe/Lisbon. Left out: where each of them is said to be.',
    }),
  ),
  expires_at: Type.Optional(
    Type.String({ format: 'date-time', description: 'No attempt begins at or after this moment.' }),
  ),
  thread_key: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 255,
      description: 'Ties messages on one subject together.',
    }),
  ),
}
