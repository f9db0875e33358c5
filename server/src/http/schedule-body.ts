// A schedule as it is given and shown.
import { Type, type Static } from 'typebox'
import { durationMs, durationPattern } from '../domain/duration.ts'
import { nextOnes } from '../domain/schedule-due.ts'
import { labelsOf, patternProblem } from '../domain/recurrence.ts'
import {
  defaultZone,
  statusOf,
  type Schedule,
  type ScheduleDefinition,
} from '../domain/schedule.ts'
import { timezoneProblem } from '../domain/time-zone.ts'
import { ApiError, type FieldError } from '../errors.ts'
import type { OccurrenceRow } from '../sql/occurrences.ts'
import { Id, Moment } from './ids.ts'
import { ifItFails } from './fallback-body.ts'
import { NotifyBody, notifyRequestOf } from './notify-body.ts'

export const ScheduleKey = Type.String({
  maxLength: 100,
  pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]*$',
  description: 'letters, digits and _ . - as in weekly-report or team.monday',
})

const { channels, message, subject, body, template, params, level, thread_key } =
  NotifyBody.properties
const nullable = <Schema extends ReturnType<typeof Type.String>>(schema: Schema, words: string) =>
  Type.Optional(Type.Union([schema, Type.Null()], { description: words }))
const time = Type.String({ format: 'date-time' })

export const ScheduleBody = Type.Object(
  {
    event: Type.Optional(
      Type.Object(
        {
          type: Type.String({ minLength: 1, maxLength: 200 }),
          params: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
          level,
          thread_key,
        },
        { description: 'What is said each time, as POST /events takes it.' },
      ),
    ),
    message: Type.Optional(
      Type.Object(
        { channels, message, subject, body, template, params, level, thread_key, ...ifItFails },
        { description: 'Instead of an event: a text, as POST /notifications takes it.' },
      ),
    ),
    to: Type.Array(
      Type.Union([
        Id('A subscriber.'),
        Type.Object({ topic: Id('The members of a topic.') }, { description: '{"topic": …}' }),
      ]),
      {
        maxItems: 1_000,
        default: [],
        description: 'Subscriber ids and topics. Needed unless the event type names somebody.',
      },
    ),
    cron: Type.String({
      minLength: 1,
      maxLength: 200,
      description:
        'minute, hour, day of the month, month, day of the week: `0 9 * * MON`. Names, lists, ranges, steps, ' +
        '`L`, `15W`, `FRI#2`, @daily',
    }),
    timezone: nullable(
      Type.String({ maxLength: 100 }),
      'an IANA zone, in whose local time the pattern is; null: each person in their own',
    ),
    starts_at: nullable(time, 'nothing comes before it'),
    ends_at: nullable(time, 'nothing comes at or after it'),
    catch_up: Type.String({
      pattern: durationPattern,
      default: '1h',
      description:
        'a duration, such as 30m or 2d: after a standstill the last one is made up for unless it is later than that',
    }),
    is_paused: Type.Optional(
      Type.Boolean({ description: 'Left out: as it was, and false at first.' }),
    ),
  },
  {
    examples: [
      { event: { type: 'report.weekly' }, to: [{ topic: 'team' }], cron: '0 9 * * MON' },
      {
        message: { channels: ['in_app'], message: 'Stand-up in five minutes.' },
        to: ['ana'],
        cron: '55 9 * * MON-FRI',
        timezone: 'Europe/Lisbon',
      },
    ],
  },
)

const NextTime = Type.Object({
  time: Moment('When; for a schedule in many zones, when it comes in the first of them.'),
  local_time: Type.String({ description: 'What the clock on the wall is to show.' }),
  timezone: Type.Union([Type.String(), Type.Null()], { description: 'Null: in many.' }),
})

const nullableText = Type.Union([Type.String(), Type.Null()])

const LastTime = Type.Object({
  time: Moment(),
  local_time: nullableText,
  timezone: Type.String(),
  status: Type.Enum(['made', 'run', 'missed', 'failed'], {
    description: 'made · run: by hand · missed: it would have been too late · failed: see `error`',
  }),
  event_id: Type.Union([Type.String({ format: 'uuid' }), Type.Null()]),
  error: nullableText,
})

export const ScheduleView = Type.Object({
  key: Type.String(),
  event: Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()]),
  message: Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()]),
  to: Type.Array(Type.Unknown()),
  cron: Type.String(),
  timezone: nullableText,
  starts_at: Type.Union([Moment(), Type.Null()]),
  ends_at: Type.Union([Moment(), Type.Null()]),
  catch_up: Type.String(),
  is_paused: Type.Boolean(),
  status: Type.Enum(['active', 'paused', 'ended']),
  next_times: Type.Array(NextTime, { description: 'The next three.' }),
  created_at: Moment(),
  updated_at: Moment(),
})

export const ScheduleDetail = Type.Object({
  ...ScheduleView.properties,
  last_times: Type.Array(LastTime, { description: 'The latest, newest first.' }),
})

/** What is given, with every default in it. @throws ApiError `invalid_request` */
export function readSchedule(given: Static<typeof ScheduleBody>): ScheduleDefinition {
  const { event = null, message = null, to, cron, timezone = null, catch_up: catchUp } = given
  const [startsAt, endsAt] = [given.starts_at, given.ends_at].map((text) =>
    text ? new Date(text) : null,
  ) as [Date | null, Date | null]
  const problems: [pointer: string, problem: string | null][] = [
    [
      '',
      (event === null) === (message === null) ? 'needs exactly one of "event" and "message"' : null,
    ],
    ['/cron', patternProblem(cron)],
    ['/timezone', timezone === null ? null : timezoneProblem(timezone)],
    ['/ends_at', startsAt && endsAt && endsAt <= startsAt ? 'must be later than starts_at' : null],
    ['/catch_up', catchUpProblem(catchUp)],
    ['/to', message !== null && to.length === 0 ? 'is needed for a message' : null],
  ]
  const errors = problems.flatMap(([pointer, detail]): FieldError[] =>
    detail === null ? [] : [{ pointer, detail }],
  )
  if (errors.length > 0) throw new ApiError('invalid_request', { errors })
  return {
    event,
    message: message && messageOf(message),
    to,
    cron: cron.trim(),
    timezone,
    startsAt,
    endsAt,
    catchUp,
  }
}

const shortestMs = 60_000
const longestMs = 7 * 86_400_000

function catchUpProblem(catchUp: string): string | null {
  const ms = durationMs(catchUp)
  return ms < shortestMs || ms > longestMs ? 'must be between 1m and 7d' : null
}

function messageOf(
  given: NonNullable<Static<typeof ScheduleBody>['message']>,
): ScheduleDefinition['message'] {
  try {
    const { to: _to, ...rest } = notifyRequestOf({ to: [], ...given })
    return rest
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    const errors = error.details.errors?.map(({ pointer, detail }) => ({
      pointer: `/message${pointer}`,
      detail,
    }))
    throw new ApiError(error.code, { ...error.details, ...(errors && { errors }) })
  }
}

/** `zones`: where the workspace has people. */
export function showSchedule(schedule: Schedule, zones: string[], now: Date) {
  const { event, message, to, cron, timezone } = schedule
  return {
    key: schedule.key,
    event,
    message,
    to,
    cron,
    timezone,
    starts_at: schedule.startsAt,
    ends_at: schedule.endsAt,
    catch_up: schedule.catchUp,
    is_paused: schedule.isPaused,
    status: statusOf(schedule),
    next_times: schedule.isPaused ? [] : nextTimes(schedule, zones, now),
    created_at: schedule.createdAt,
    updated_at: schedule.updatedAt,
  }
}

export const mostNext = 3

function nextTimes(schedule: Schedule, zones: string[], now: Date) {
  const { cron, timezone } = schedule
  // Of an older release, or in a zone that this machine does not know: it must not hide all others.
  if (patternProblem(cron) !== null || (timezone !== null && timezoneProblem(timezone) !== null))
    return []
  const first = new Map<string, Date>()
  const span = { labels: labelsOf(cron), after: now, most: mostNext }
  for (const zone of timezone === null ? new Set([defaultZone, ...zones]) : [timezone])
    for (const { label, at } of nextOnes(zone, schedule, span)) {
      const known = first.get(label)
      if (!known || at < known) first.set(label, at)
    }
  return [...first]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .slice(0, mostNext)
    .map(([label, time]) => ({ time, local_time: label, timezone }))
}

export function showOccurrence({ label, zone, at, status, eventId, error }: OccurrenceRow) {
  return {
    time: at,
    local_time: status === 'run' ? null : label,
    timezone: zone,
    status,
    event_id: eventId,
    error,
  }
}
