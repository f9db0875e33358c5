// What became of an event, in words: who was looked for, who was found, and how it ended.
import type { AudienceMember } from './audience.ts'
import type { TraceEntry } from './trace.ts'

export type TracedEvent = {
  type: string | null
  typeVersion: number | null
  level: string
  audience: AudienceMember[]
  /** How many people each entry of the audience led to; shorter than it: the rest was not looked at. */
  found: number[]
  status: string
  error: string | null
  /** What became of its data sources. */
  data?: TracedData[] | null
  recipientCount: number
  createdAt: Date
  processedAt: Date | null
  cancelledAt: Date | null
  occurrence: MadeBy | null
}

/** The schedule that an event is of. `label` is what the clock on the wall in `zone` was to show. */
export type MadeBy = { schedule: string; label: string; zone: string; status: string }

/** ", made by schedule weekly-report for 2026-11-23T09:00 in Europe/Paris" */
export function tellMadeBy(occurrence: MadeBy | null): string {
  if (!occurrence) return ''
  const { schedule, label, zone, status } = occurrence
  if (status === 'run') return `, made by schedule ${schedule}, which was run by hand`
  return `, made by schedule ${schedule} for ${label} in ${zone}`
}

export function traceEvent(event: TracedEvent): TraceEntry[] {
  const { type, typeVersion, level, createdAt, cancelledAt } = event
  const what = type ? `an event of type ${type} (version ${typeVersion})` : 'a direct message'
  const because = `${what}${tellMadeBy(event.occurrence)}, level ${level}, was stored`
  return [
    { at: createdAt, step: 'accept', decision: 'accepted', because },
    ...traceData(event.data),
    ...traceAudience(event),
    ...traceEnd(event),
    ...(cancelledAt ? [cancelled(cancelledAt)] : []),
  ]
}

/** As it was noted with the event. */
export type TracedData = { at: string; decision: string; because: string }

export function traceData(data: TracedData[] | null | undefined): TraceEntry[] {
  return (data ?? []).map(({ at, decision, because }) => {
    return { at: new Date(at), step: 'data', decision, because }
  })
}

const mostEntries = 50
const mostNames = 5

function traceAudience(event: TracedEvent): TraceEntry[] {
  const at = event.processedAt ?? event.createdAt
  const entries = [
    ...traceNamed(event, at),
    ...event.audience.flatMap((member, i) =>
      'topic' in member && event.found[i] !== undefined
        ? traceTopic(member, event.found[i], at)
        : [],
    ),
  ]
  const isOtherwiseLeft = event.audience.some(
    ({ from }, i) => from === 'otherwise' && event.found[i] === undefined,
  )
  const shown = entries.slice(0, mostEntries)
  const left = entries.length - shown.length
  const more = (decision: string, because: string) => ({ at, step: 'audience', decision, because })
  if (left > 0) shown.push(more(`${left} topics more`, 'they are listed in `audience`'))
  if (isOtherwiseLeft && event.processedAt)
    shown.push(more('otherwise not used', 'the audience found somebody'))
  return shown
}

type Named = Extract<AudienceMember, { id: string }>

/** One entry for all who are named by each of the request, the event type, and its `otherwise`. */
function traceNamed({ audience, found }: TracedEvent, at: Date): TraceEntry[] {
  return ([undefined, 'event_type', 'otherwise'] as const).flatMap((origin) => {
    const named = audience.flatMap((member, i) =>
      'id' in member && member.from === origin && found[i] !== undefined
        ? [{ ...(member satisfies Named), isFound: found[i] > 0 }]
        : [],
    )
    if (named.length === 0) return []
    const missing = named.filter(({ isFound }) => !isFound).map(({ id }) => `"${id}"`)
    const names = missing.slice(0, mostNames).join(', ')
    const rest = missing.length > mostNames ? ` and ${missing.length - mostNames} more` : ''
    const unknown = missing.length > 0 ? `; no subscriber is ${names}${rest}` : ''
    return [
      {
        at,
        step: 'audience',
        decision: `found ${named.length - missing.length}`,
        because: `${named.length} named ${whoNamed[origin ?? 'request']}${unknown}`,
      },
    ]
  })
}

const whoNamed = {
  request: 'in the request',
  event_type: 'by the event type',
  otherwise: 'to be told otherwise',
}

function traceTopic(
  { topic, from }: Extract<AudienceMember, { topic: string }>,
  count: number,
  at: Date,
): TraceEntry[] {
  const isOtherwise = from === 'otherwise' ? ', to be told otherwise' : ''
  const because = `the topic ${topic}${isOtherwise}${count === 0 ? ' has no members' : ''}`
  return [{ at, step: 'audience', decision: `found ${count}`, because }]
}

function traceEnd({ status, error, recipientCount, processedAt }: TracedEvent): TraceEntry[] {
  if (!processedAt) return []
  const ends: Record<string, [decision: string, because: string]> = {
    processed: [`${recipientCount} recipients`, 'each person once, however many ways led there'],
    no_audience: ['no_audience', 'no entry of the audience led to anybody'],
    failed: ['failed', error ?? 'its people could not be found'],
  }
  const [decision, because] = ends[status] ?? []
  if (decision === undefined || because === undefined) return []
  return [{ at: processedAt, step: 'fan_out', decision, because }]
}

function cancelled(at: Date): TraceEntry {
  const because = 'nothing of it begins any more; what had begun by then was finished'
  return { at, step: 'cancel', decision: 'cancelled', because }
}
