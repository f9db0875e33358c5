// Subscribers that come in full with a request are held to the same rules as those that are stored by
// themselves: nothing reaches a channel that the channel would not take.
import type { InlineSubscriber } from '../domain/audience.ts'
import { subscriberProblems } from '../domain/subscriber.ts'
import { ApiError } from '../errors.ts'

/** @throws ApiError `invalid_request`, with pointers below `/to`. */
export function checkInline(to: (string | { topic: string } | InlineSubscriber)[]): void {
  const errors = to.flatMap((entry, i) =>
    typeof entry === 'object' && 'id' in entry
      ? subscriberProblems(entry).map(({ pointer, detail }) => ({
          pointer: `/to/${i}${pointer}`,
          detail,
        }))
      : [],
  )
  if (errors.length > 0) throw new ApiError('invalid_request', { errors })
}
