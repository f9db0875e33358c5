// Schedules of a catalog: what they say is checked as a request for it would be, but for the people. Who is named
// is found each time it comes, since people are no configuration: somebody unknown is a warning.
import { compileParams } from '../domain/json-schema.ts'
import type { ScheduleDefinition, ScheduledMessage } from '../domain/schedule.ts'
import type { FieldError } from '../errors.ts'
import type { Db } from '../sql/db.ts'
import { findPeople } from '../sql/people.ts'
import { eventTypeOf, unknownType, type Definitions } from './definitions.ts'
import { partAt, pointerOf, type Parts } from './parts.ts'

export function scheduleProblems(
  { event, message, to }: ScheduleDefinition,
  all: Definitions,
  given: Parts,
): FieldError[] {
  if (message !== null) return missingTemplate(message, all)
  if (event === null) return []
  const type = eventTypeOf(all, event.type)
  const isWrong = given.has(pointerOf({ kind: 'event_types', names: [event.type] }))
  if (type === null) return isWrong ? [] : [unknownType('/event/type', event.type, all)]
  const isForNobody = [to, type.audience, type.otherwise].every((names) => names.length === 0)
  const needed = { pointer: '/to', detail: 'is needed for this event type' }
  const misfits = compileParams(type.params)(event.params ?? {})
  return [
    ...misfits.map(({ pointer, detail }) => ({ pointer: `/event/params${pointer}`, detail })),
    ...(isForNobody ? [needed] : []),
  ]
}

/** A webhook needs none. */
function missingTemplate({ template, channels }: ScheduledMessage, all: Definitions): FieldError[] {
  if (template === undefined) return []
  const names = [...all.keys()].map(partAt).filter(({ kind }) => kind === 'templates')
  const there = names.flatMap(({ names: [type, channel] }) => (type === template ? channel! : []))
  const missing = channels.filter((channel) => channel !== 'webhook' && !there.includes(channel))
  if (missing.length === 0) return []
  const detail = `"${template}" has no template for ${missing.join(', ')}`
  return [{ pointer: '/message/template', detail }]
}

/** Whom messages of schedules name and nobody knows: they are left out when it comes. */
export async function unknownRecipients(
  db: Db,
  workspaceId: number,
  definitions: Definitions,
): Promise<FieldError[]> {
  const named = [...definitions].flatMap(([pointer, each]) =>
    each.kind === 'schedules' && each.definition.message !== null
      ? each.definition.to.flatMap((id, i) =>
          typeof id === 'string' ? { id, pointer: `${pointer}/to/${i}` } : [],
        )
      : [],
  )
  if (named.length === 0) return []
  const ids = [...new Set(named.map(({ id }) => id))]
  const known = new Set((await findPeople(db, workspaceId, ids, [])).map(({ id }) => id))
  return named.flatMap(({ id, pointer }) => {
    const detail = `"${id}" is no known subscriber; until there is one, the message goes to the others`
    return known.has(id) ? [] : { pointer, detail }
  })
}
