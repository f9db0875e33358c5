// The event that a schedule makes, checked as a request for it would be.
import type { Context } from '../context.ts'
import type { Schedule, ScheduleContent } from '../domain/schedule.ts'
import { ApiError } from '../errors.ts'
import type { Db } from '../sql/db.ts'
import { checkEvent, type CheckedEvent } from './accept.ts'
import { checkMessage } from './notify.ts'

type Content = ScheduleContent & Pick<Schedule, 'workspaceId'>

/**
 * Nothing is stored.
 *
 * @throws ApiError as POST /events and POST /notifications answer, with pointers into the schedule.
 */
export async function eventOf(ctx: Context, db: Db, content: Content): Promise<CheckedEvent> {
  const { workspaceId, event, message, to } = content
  const accepting = { workspaceId, traceparent: null }
  try {
    if (event) return await checkEvent(ctx, accepting, { ...event, to })
    return await checkMessage(ctx, db, accepting, { ...message!, to }, false)
  } catch (error) {
    throw error instanceof ApiError ? within(event ? '/event' : '/message', error) : error
  }
}

/** The same, for those who are still there: who was deleted is left out of a message. */
export async function eventOfThoseKnown(
  ctx: Context,
  db: Db,
  content: Content,
): Promise<CheckedEvent> {
  try {
    return await eventOf(ctx, db, content)
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'unknown_recipient') throw error
    const gone = new Set(error.details.errors?.map(({ pointer }) => pointer))
    const to = content.to.filter((_, i) => !gone.has(`/to/${i}`))
    if (to.length === 0) throw error
    return eventOf(ctx, db, { ...content, to })
  }
}

function within(place: string, { code, details }: ApiError): ApiError {
  const errors = details.errors?.map(({ pointer, detail }) => ({
    pointer: pointer.startsWith('/to') ? pointer : `${place}${pointer}`,
    detail,
  }))
  return new ApiError(code, { ...details, ...(errors && { errors }) })
}
