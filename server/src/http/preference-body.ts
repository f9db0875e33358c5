// How preferences are written and shown.
import { Type } from 'typebox'
import { channels } from '../domain/channel.ts'
import type { EffectivePreference } from '../domain/preferences.ts'
import { localTimePattern } from '../domain/quiet-hours.ts'
import type { ShownPreferences } from '../pipeline/preferences.ts'
import type { PreferenceChangeRow } from '../sql/preferences.ts'
import { HoursBody } from './hours-body.ts'
import { Moment } from './ids.ts'

// Said here: what is inside a record is not closed by itself.
const closed = { additionalProperties: false }

const orNothing = Type.Union([Type.Boolean(), Type.Null()], {
  description: 'true, false, or null to say nothing about it',
})
const switchesPatch = Object.fromEntries(
  channels.map((channel) => [channel, Type.Optional(orNothing)]),
) as Record<(typeof channels)[number], ReturnType<typeof Type.Optional<typeof orNothing>>>
const SwitchesPatch = Type.Object(switchesPatch, closed)
const EventTypePatch = Type.Object(
  { enabled: Type.Optional(orNothing), ...switchesPatch },
  { ...closed, description: 'channels, and `enabled`: whether to hear of it at all' },
)

const localTime = (description: string) => Type.String({ pattern: localTimePattern, description })
export const QuietHours = Type.Object(
  {
    start: localTime('a time of day: 22:00'),
    end: localTime(
      'a time of day: 08:00; earlier than the start when it is over the night, never the start itself',
    ),
  },
  { description: 'In the time zone of the subscriber; UTC without one.' },
)

export const PreferencesPatchBody = Type.Object(
  {
    level: Type.Optional(
      Type.Union([Type.Enum(['standard', 'critical']), Type.Null()], {
        description: 'standard: everything. critical: only critical events.',
      }),
    ),
    channels: Type.Optional(SwitchesPatch),
    categories: Type.Optional(Type.Record(Type.String(), Type.Union([SwitchesPatch, Type.Null()]))),
    event_types: Type.Optional(
      Type.Record(Type.String(), Type.Union([EventTypePatch, Type.Null()])),
    ),
    quiet_hours: Type.Optional(
      Type.Union([QuietHours, Type.Null()], {
        description: '{"start", "end"} as times of day, or null for none',
      }),
    ),
    muted_threads: Type.Optional(
      Type.Record(
        Type.String(),
        Type.Union([Type.Literal(true), Type.Null()], {
          description: 'true: hear no more of it; null: hear of it again.',
        }),
        { description: 'By `thread_key`; 200 at most.' },
      ),
    ),
    timezone: Type.Optional(
      Type.Union([Type.String({ maxLength: 100 }), Type.Null()], {
        description: 'an IANA name such as Europe/Lisbon; kept on the subscriber',
      }),
    ),
  },
  {
    examples: [
      {
        channels: { sms: false },
        categories: { orders: { email: false } },
        event_types: { 'order.shipped': { enabled: true, email: true } },
        quiet_hours: { start: '22:00', end: '08:00' },
        timezone: 'Europe/Lisbon',
      },
    ],
  },
)

const switches = Object.fromEntries(
  channels.map((channel) => [channel, Type.Optional(Type.Boolean())]),
) as Record<
  (typeof channels)[number],
  ReturnType<typeof Type.Optional<ReturnType<typeof Type.Boolean>>>
>
export const Switches = Type.Object(switches, closed)
const EventTypeSwitches = Type.Object(
  { enabled: Type.Optional(Type.Boolean()), ...switches },
  closed,
)
export const SwitchesByName = Type.Record(Type.String(), Switches)

export const PreferenceDefaultsBody = Type.Object(
  {
    channels: Type.Optional(Switches),
    categories: Type.Optional(SwitchesByName),
    event_types: Type.Optional(SwitchesByName),
    hours: HoursBody,
  },
  {
    examples: [
      {
        channels: { sms: false },
        hours: { start: '09:00', end: '20:00' },
        event_types: { 'product.created': { email: false } },
      },
    ],
  },
)

const EffectiveView = Type.Object({
  event_type: Type.String(),
  name: Type.String(),
  category: Type.Union([Type.String(), Type.Null()]),
  is_mandatory: Type.Boolean({ description: 'Critical: it cannot be turned off.' }),
  is_opt_in: Type.Boolean({ description: 'Heard only by those who have subscribed to it.' }),
  channels: Type.Record(
    Type.String(),
    Type.Object({
      is_on: Type.Boolean(),
      rule: Type.String({ description: 'What decides: the word or the default that is nearest.' }),
    }),
  ),
})

export const PreferencesView = Type.Object({
  subscriber_id: Type.String(),
  level: Type.Enum(['standard', 'critical']),
  channels: Switches,
  categories: SwitchesByName,
  event_types: Type.Record(Type.String(), EventTypeSwitches),
  quiet_hours: Type.Union([QuietHours, Type.Null()]),
  muted_threads: Type.Record(Type.String(), Type.Boolean(), {
    description: 'By `thread_key`: nothing of them is heard but what is critical.',
  }),
  timezone: Type.Union([Type.String(), Type.Null()]),
  updated_at: Type.Union([Moment(), Type.Null()], {
    description: 'Null: nothing was ever said.',
  }),
  effective: Type.Array(EffectiveView, {
    description: 'What it comes to for each event type, defaults included.',
  }),
})

export function showPreferencesOf({ document, ...row }: ShownPreferences) {
  return {
    subscriber_id: row.subscriberId,
    level: document.level ?? 'standard',
    channels: document.channels ?? {},
    categories: document.categories ?? {},
    event_types: document.event_types ?? {},
    quiet_hours: document.quiet_hours ?? null,
    muted_threads: document.muted_threads ?? {},
    timezone: row.timezone,
    updated_at: row.updatedAt?.toISOString() ?? null,
    effective: row.effective.map(showEffective),
  }
}

function showEffective({
  key,
  name,
  category,
  isMandatory,
  isOptIn,
  ...rest
}: EffectivePreference) {
  return {
    event_type: key,
    name,
    category,
    is_mandatory: isMandatory,
    is_opt_in: isOptIn,
    channels: Object.fromEntries(
      rest.decisions.map(({ channel, decision: { isOn, rule } }) => [
        channel,
        { is_on: isOn, rule },
      ]),
    ),
  }
}

export const PreferenceChangeView = Type.Object({
  changed_at: Moment(),
  by: Type.Object({
    kind: Type.Enum(
      [
        'key',
        'catalog',
        'subscriber',
        'unsubscribe_link',
        'preferences_link',
        'why_link',
        'subscriber_update',
      ],
      {
        description:
          'subscriber_update: the time zone of somebody with quiet hours, where the subscriber was saved.',
      },
    ),
    name: Type.Union([Type.String(), Type.Null()], {
      description: 'The name of the key; of who pushed a catalog.',
    }),
  }),
  changes: Type.Array(
    Type.Object({
      field: Type.String({ description: 'A JSON Pointer into the preferences.' }),
      before: Type.Unknown({ description: 'Null: nothing was said.' }),
      after: Type.Unknown(),
    }),
  ),
})

export function showPreferenceChange(row: PreferenceChangeRow) {
  return {
    changed_at: row.changedAt.toISOString(),
    by: { kind: row.byKind, name: row.byName },
    changes: row.changes.map(({ field, before, after }) => ({
      field: field.map((name) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`).join(''),
      before,
      after,
    })),
  }
}
