// What an event type looks like in requests and answers.
import { Type } from 'typebox'
import { answerers, mostLevels } from '../domain/asking.ts'
import { carriedChannels, channels } from '../domain/channel.ts'
import { threadRules } from '../domain/event-type.ts'
import { durationPattern } from '../domain/duration.ts'
import { DataBody } from './data-body.ts'
import { Hours, HoursBody } from './hours-body.ts'
import { Id, Moment } from './ids.ts'
import { PlanBody } from './plan-body.ts'

export const EventTypeKey = Type.String({
  maxLength: 200,
  pattern: '^[A-Za-z0-9][A-Za-z0-9_.:-]*$',
  description: 'letters, digits and _ . : - as in order.shipped',
})

export const Audience = Type.Union(
  [
    Id('A subscriber, or Liquid over the parameters.'),
    Type.Object({ topic: Id('A topic, or Liquid over the parameters.') }),
  ],
  {
    description:
      'a subscriber id or {"topic": …}; either may be Liquid over the parameters, and one bare ' +
      '`{{ expression }}` that is a list names each of its items',
  },
)

const Retry = Type.Object({
  attempts: Type.Integer({ minimum: 1, maximum: 20 }),
  delay: Type.String({
    pattern: durationPattern,
    description: 'a duration such as 15s, 10m or 24h',
  }),
  backoff: Type.Enum(['fixed', 'exponential']),
})

export const Thread = Type.Enum(threadRules, {
  description:
    'What a newer message with the same `thread_key` does to what its person has of it: `replace` (as if left ' +
    'out) takes its place, also in the feed; `keep` leaves it, for conversations.',
})

export const Answerers = Type.Optional(
  Type.Enum(answerers, {
    description:
      '`any` (as if left out): the first answer is enough for all who are asked, and stops the rest. `each`: ' +
      'everybody has to answer for themselves.',
  }),
)

const RetryByChannel = Type.Object(
  Object.fromEntries(carriedChannels.map((channel) => [channel, Type.Optional(Retry)])),
  { description: 'By channel; the others have their own schedule.' },
)

const Fallback = Type.Object({
  title: Type.String({ minLength: 1, maxLength: 1_000 }),
  body: Type.String({ minLength: 1, maxLength: 10_000 }),
})

export const EventTypeBody = Type.Object(
  {
    name: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 200,
        description: 'For people. The key without one.',
      }),
    ),
    category: Type.Optional(
      Type.Union([Id('Groups event types for preferences.'), Type.Null()], {
        description: 'a name that groups event types, or null',
      }),
    ),
    level: Type.String({
      minLength: 1,
      maxLength: 1_000,
      default: 'standard',
      description: 'standard, critical, or Liquid over the parameters that prints one of them.',
    }),
    params: Type.Optional(
      Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()], {
        description: 'a JSON Schema (2020-12) that the parameters must fit, or null',
      }),
    ),
    audience: Type.Array(Audience, {
      maxItems: 1_000,
      default: [],
      description: 'Who hears about it. Empty: each event says it in `to`.',
    }),
    otherwise: Type.Array(Audience, {
      maxItems: 1_000,
      default: [],
      description: 'Who hears about it when the audience, and `to` of the event, find nobody.',
    }),
    channels: Type.Optional(
      Type.Array(Type.Enum(channels), {
        minItems: 1,
        uniqueItems: true,
        description: 'All of them are sent to at once. Instead of it: `plan`.',
      }),
    ),
    plan: Type.Optional(PlanBody),
    acknowledge: Type.Optional(
      Type.Object(
        {
          by: Answerers,
          escalate_to: Type.Optional(
            Type.Array(Audience, {
              minItems: 1,
              maxItems: mostLevels,
              description:
                "Whom to ask when nobody has answered and everybody's plan is over: one entry after the other, each " +
                'going through the plan. A topic, or a list, asks several at once.',
            }),
          ),
        },
        {
          description:
            'Beside a plan with `"until": "acknowledged"`: one answer is enough for all who are asked. Left out: each ' +
            'has to answer.',
        },
      ),
    ),
    thread: Type.Optional(Thread),
    opt_in: Type.Boolean({
      default: false,
      description: 'Only those hear about it who have subscribed to it.',
    }),
    retry: Type.Optional(
      Type.Union([Retry, RetryByChannel, Type.Null()], {
        description:
          'how often and how fast failed deliveries are tried again: {"attempts", "delay", "backoff"}, for all ' +
          'channels or by channel as in {"email": {…}}, or null for the usual',
      }),
    ),
    retention: Type.Optional(
      Type.String({
        pattern: durationPattern,
        description:
          'a duration such as 72h or 30d: how long notifications and their texts are kept once they have ended; ' +
          'left out: what BELFRY_RETENTION says now',
      }),
    ),
    fallback: Type.Optional(
      Type.Union([Fallback, Type.Null()], {
        description:
          'what people read instead of a text that cannot be written: {"title", "body"}, or null for ' +
          'the usual words',
      }),
    ),
    data: DataBody,
    hours: HoursBody,
  },
  {
    examples: [
      {
        name: 'Order shipped',
        category: 'orders',
        level: '{% if express %}critical{% else %}standard{% endif %}',
        params: {
          type: 'object',
          required: ['order_id', 'customer_id'],
          properties: {
            order_id: { type: 'string' },
            customer_id: { type: 'string' },
            express: { type: 'boolean' },
          },
          additionalProperties: false,
        },
        audience: ['{{ customer_id }}', { topic: 'order:{{ order_id }}#watcher' }],
        otherwise: [{ topic: 'support' }],
        channels: ['in_app', 'email'],
      },
    ],
  },
)

export const EventTypeView = Type.Object({
  key: Type.String(),
  version: Type.Integer({ description: 'Grows by one with each change.' }),
  name: Type.String(),
  category: Type.Union([Type.String(), Type.Null()]),
  level: Type.String(),
  params: Type.Unknown(),
  audience: Type.Array(Type.Unknown()),
  otherwise: Type.Array(Type.Unknown()),
  channels: Type.Array(Type.String(), {
    description: 'With a plan: those it may send on.',
  }),
  plan: Type.Optional(Type.Array(Type.Unknown(), { description: 'The steps.' })),
  acknowledge: Type.Optional(
    Type.Object({
      by: Answerers,
      escalate_to: Type.Optional(Type.Array(Type.Unknown())),
    }),
  ),
  thread: Type.Optional(Thread),
  opt_in: Type.Boolean(),
  retry: Type.Union([Retry, RetryByChannel, Type.Null()]),
  retention: Type.String(),
  fallback: Type.Union([Fallback, Type.Null()]),
  data: Type.Optional(
    Type.Record(Type.String(), Type.Unknown(), {
      description: 'Data sources by name; values of headers are not shown.',
    }),
  ),
  hours: Type.Optional(
    Type.Union([Hours, Type.Null()], {
      description:
        'When its deliveries may go out; null: at any time; absent: as the workspace says.',
    }),
  ),
  warnings: Type.Optional(
    Type.Array(
      Type.Object({
        template: Type.Optional(
          Type.String({
            description: 'Where `pointer` leads into a template: its channel/locale.',
          }),
        ),
        pointer: Type.String(),
        detail: Type.String(),
      }),
      {
        description:
          'Which channels have no template yet, and what templates do not fit the type any more. Only in the ' +
          'answer to PUT.',
      },
    ),
  ),
  created_at: Moment('When this version was made.'),
})
