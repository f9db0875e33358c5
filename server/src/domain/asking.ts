// Messages that somebody has to answer: whether one answer is enough for everybody who was asked, and who is asked
// next when nobody answers.
import type { AudienceMember } from './audience.ts'
import type { AudienceEntry } from './event-type.ts'
import type { Program } from './plan-steps.ts'

/** any: the first answer is enough for all who were asked. each: everybody has to answer for themselves. */
export const answerers = ['any', 'each'] as const
export type Answerers = (typeof answerers)[number]

/** Of an event type; the deadlines stand in its plan. Left out: each. */
export type AskRule = { by?: Answerers; escalate_to?: AudienceEntry[] }

/** Of a direct message; whom it is taken to stands in its audience. */
export type AskWords = { within: string; by?: Answerers }

export const mostLevels = 10

export const ways = ['link', 'inbox', 'api'] as const
/** How an answer came. */
export type AnswerWay = (typeof ways)[number]

export function isOneEnough(rule: AskRule | AskWords | undefined): boolean {
  return rule !== undefined && rule.by !== 'each'
}

/** Whether anything of it is sent until somebody answers: then an answer ends it, wherever it stands. */
export function asksForAnswer(program: Program): boolean {
  return program.some((step) => step.kind === 'await' && step.until === 'acknowledged')
}

/** The same of what is sent behind its digest: what was asked before that was about one event of it. */
export function asksAboutDigest(program: Program): boolean {
  return asksForAnswer(program.slice(program.findIndex(({ kind }) => kind === 'digest') + 1))
}

/** 0: whom it is for from the start; others are asked level by level. */
export function levelOf({ level = 0 }: Pick<AudienceMember, 'level'>): number {
  return level
}

/** Those who are asked after `level`, and how many levels there are; null: nobody is left. */
export function nextLevel(
  audience: readonly AudienceMember[],
  level: number,
): { level: number; first: number; members: AudienceMember[]; of: number } | null {
  const first = audience.findIndex((member) => levelOf(member) > level)
  if (first === -1) return null
  const next = levelOf(audience[first]!)
  const members = audience.filter((member) => levelOf(member) === next)
  return { level: next, first, members, of: levelOf(audience.at(-1)!) }
}

/** The place in the audience behind those of a level. */
export function endOfLevel(audience: readonly AudienceMember[], level: number): number {
  const end = audience.findIndex((member) => levelOf(member) > level)
  return end === -1 ? audience.length : end
}

const mostNames = 5

/** "ben and the topic on-call" */
export function tellMembers(members: readonly AudienceMember[]): string {
  const names = members.map((member) =>
    'topic' in member
      ? `the topic ${member.topic}`
      : 'id' in member
        ? member.id
        : 'somebody by their address',
  )
  const shown = names.slice(0, mostNames)
  const rest = names.length - shown.length
  return rest > 0 ? `${shown.join(', ')} and ${rest} more` : shown.join(' and ')
}

/** Why somebody else is asked, or nobody any more. `afterMs`: since those before them were asked. */
export type Silence = { kind: 'silent' | 'unreachable' | 'nobody'; afterMs: number }

export function tellSilence({ kind, afterMs }: Silence): string {
  switch (kind) {
    case 'silent':
      return `nobody answered within ${tellTime(afterMs)}`
    case 'unreachable':
      return 'nobody could be reached'
    case 'nobody':
      return 'there was nobody to ask (no_audience)'
  }
}

/** "15 min", "1 h 30 min"; rounded to seconds. */
export function tellTime(ms: number): string {
  const seconds = Math.round(ms / 1_000)
  if (seconds < 60) return `${seconds} s`
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds < 3_600 ? seconds % 60 : 0, 's'],
  ] as const
  return parts.flatMap(([count, unit]) => (count > 0 ? `${count} ${unit}` : [])).join(' ')
}

export type Answerer = { recipient: string | null; isSubscriber: boolean | null; by: string | null }

/** As it may be told to everybody: a bare address is nobody's name. */
export function tellAnswerer({ recipient, isSubscriber, by }: Answerer): string {
  return by ?? (isSubscriber === false ? null : recipient) ?? 'somebody'
}
