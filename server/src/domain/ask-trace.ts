// What became of asking for an answer, in words: for the event, and for each notification.
import {
  levelOf,
  tellAnswerer,
  tellMembers,
  tellSilence,
  type Answerer,
  type Silence,
} from './asking.ts'
import type { AudienceMember } from './audience.ts'
import type { TraceEntry } from './trace.ts'

export type TracedAsk = {
  asked: (Silence & { at: string; level: number | null })[]
  answer: { at: Date; who: string; via: string | null; stopped: number; inFlight: number } | null
}

/** `isOwn`: of this very notification; else somebody else's was enough. */
export type TracedAnswer = Answerer & { at: Date; via: string | null; isOwn: boolean }

export function traceAnswer(answer: TracedAnswer): TraceEntry {
  const { at, via, isOwn } = answer
  const way = via === null ? '' : ` (${via})`
  const rest = isOwn ? '' : ', so nothing more is sent'
  const because = `${tellAnswerer(answer)} answered${way}${rest}`
  return { at, step: 'answer', decision: isOwn ? 'answered' : 'stopped', because }
}

export function traceAsk({ asked, answer }: TracedAsk, audience: AudienceMember[]): TraceEntry[] {
  const of = Math.max(0, ...audience.map(levelOf))
  const entries = asked.map(({ at, level, ...silence }): TraceEntry => {
    const entry = { at: new Date(at), step: 'escalation' }
    const because = tellSilence(silence)
    if (level === null)
      return { ...entry, decision: 'ended', because: `${because}; nobody is left to ask` }
    const who = tellMembers(audience.filter((member) => levelOf(member) === level))
    const place = `(escalation ${level} of ${of})`
    return { ...entry, decision: 'asked', because: `${because}: asked ${who} ${place}` }
  })
  if (!answer) return entries
  const { at, who, via, stopped, inFlight } = answer
  const way = via === null ? '' : ` (${via})`
  const rest = inFlight > 0 ? `, ${inFlight} had begun` : ''
  const because = `${who} answered${way}; of what others were asked ${stopped} stopped${rest}`
  return [...entries, { at, step: 'answer', decision: 'answered', because }]
}
