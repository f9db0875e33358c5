// What became of an event, in words: who was looked for, who was found, and how it ended.
import { traceAsk, type TracedAsk } from './ask-trace.ts'
import type { AudienceMember } from './audience.ts'
import type { TraceEntry } from './trace.ts'

export type TracedEvent = {
  type: string | null
  typeVersion: number | null
  level: string
  audience: AudienceMember[]
  /** How many people each entry of the audience led to; null, or shorter than it: not looked at. */
  found: (number | null)[]
  status: string
  error: string | null
  /** What became of its data sources. */
  data?: TracedData[] | null
  recipientCount: number
  createdAt: Date
  processedAt: Date | null
  cancelledAt: Date | null
  occurrence: MadeBy | null
  /** Of one that a single answer is enough for. */
  ask?: TracedAsk | null
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
    ...(event.ask ? traceAsk(event.ask, event.audience) : []),
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
      'topic' in member ? traceTopic(member, event.found[i] ?? null, at) : [],
    ),
  ]
  const isOtherwiseLeft = event.audience.some(
    ({ from }, i) => from === 'otherwise' && (event.found[i] ?? null) === null,
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
  return ([undefined, 'event_type', 'otherwise', 'escalation'] as const).flatMap((origin) => {
    const named = audience.flatMap((member, i) => {
      const count = found[i] ?? null
      return 'id' in member && member.from === origin && count !== null
        ? [{ ...(member satisfies Named), isFound: count > 0 }]
        : []
    })
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
  escalation: 'to be asked when nobody answers',
}

function traceTopic(
  { topic, from }: Extract<AudienceMember, { topic: string }>,
  count: number | null,
  at: Date,
): TraceEntry[] {
  if (count === null) return []
  const named = from === 'otherwise' || from === 'escalation' ? `, ${whoNamed[from]}` : ''
  const because = `the topic ${topic}${named}${count === 0 ? ' has no members' : ''}`
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
