// How explanations are shown.
import { Type } from 'typebox'
import { NotificationView, TraceView } from './notification-views.ts'

const time = Type.String({ format: 'date-time' })
const nullableTime = Type.Union([time, Type.Null()])
const nullableText = Type.Union([Type.String(), Type.Null()])
const nullableId = Type.Union([Type.String({ format: 'uuid' }), Type.Null()])

const ChannelView = Type.Object({
  channel: Type.String(),
  address: Type.Union([Type.String(), Type.Null()], { description: 'Masked.' }),
  status: Type.String(),
  reason: nullableText,
  rule: Type.Union([Type.String(), Type.Null()], {
    description:
      'What decided: a rule of preferences, or `quiet_hours`, `scheduled_time`, `no_address`, `suppressed`.',
  }),
  because: nullableText,
  at: Type.Union([time, Type.Null()], { description: 'When it may begin, or ended; null: never.' }),
  provider: nullableText,
  content: Type.Unknown({ description: 'The text.' }),
})

const PersonView = Type.Object({
  recipient_id: Type.String(),
  notification_id: Type.Union([Type.String({ format: 'uuid' }), Type.Null()], {
    description: 'Null before it happens, and for somebody it was not for.',
  }),
  reasons: NotificationView.properties.reasons,
  status: nullableText,
  reason: nullableText,
  because: nullableText,
  channels: Type.Array(ChannelView),
  steps: Type.Array(
    Type.Object({
      step: Type.Enum(['if', 'wait', 'digest', 'throttle', 'send']),
      at: time,
      until: nullableTime,
      because: Type.String(),
      channels: Type.Array(ChannelView),
    }),
    {
      description:
        'Of a plan, before it happens: what is to come as its throttles and digests stand now, if nothing comes in between (nobody reads it, nothing else of its kind happens).',
    },
  ),
  trace: Type.Array(TraceView, { description: 'Every decision, of what has happened.' }),
  sentences: Type.Array(Type.String(), { description: 'The same in words, to be passed on.' }),
})

export const ExplanationView = Type.Object({
  is_dry_run: Type.Boolean(),
  event_id: nullableId,
  type: nullableText,
  level: Type.String(),
  now: Type.String({ format: 'date-time', description: 'The moment it is told from.' }),
  scheduled_time: nullableTime,
  local_scheduled_time: Type.Union([Type.String(), Type.Null()], {
    description: 'Instead of `scheduled_time`: by the clock of each person.',
  }),
  timezone: Type.Union([Type.String(), Type.Null()]),
  expires_at: nullableTime,
  text_error: Type.Union([Type.String(), Type.Null()], {
    description: 'The first text that could not be written; the fallback is shown instead.',
  }),
  sentences: Type.Array(Type.String(), { description: 'About the event as a whole.' }),
  escalations: Type.Array(
    Type.Object({
      level: Type.Integer(),
      at: Type.Union([time, Type.Null()], {
        description:
          'When, if nothing fails before and no hours hold it up. Null: by the clock of each person.',
      }),
      audience: Type.Array(
        Type.Object({ id: Type.Optional(Type.String()), topic: Type.Optional(Type.String()) }),
      ),
    }),
    { description: 'Who would be asked if nobody answered, before it happens.' },
  ),
  people: Type.Array(PersonView),
  count: Type.Integer(),
  next_cursor: Type.Union([Type.String(), Type.Null()], {
    description: 'Asks for the next page; null on the last one.',
  }),
})
