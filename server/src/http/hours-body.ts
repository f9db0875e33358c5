// The hours in which deliveries may go out, in bodies and answers.
import { Type } from 'typebox'
import { localTimePattern } from '../domain/quiet-hours.ts'

const localTime = (description: string) => Type.String({ pattern: localTimePattern, description })

export const Hours = Type.Object(
  {
    start: localTime('a time of day: 08:00'),
    end: localTime('a time of day: 22:00; earlier than the start when it is after midnight'),
  },
  { additionalProperties: false },
)

export const HoursBody = Type.Optional(
  Type.Union([Hours, Type.Null()], {
    description:
      '{"start", "end"} as times of day: when deliveries may go out, by the clock of the recipient; null: at any time',
  }),
)
