// The steps of a plan, and how a notification goes through them: from where it stands to the next step that
// has to wait for something. The rules only; what is waited for, and until when, is a row.
import { durationMs } from './duration.ts'
import type { Channel } from './channel.ts'

/** What ends a plan early: the person has done something about it, or something else has happened. */
export type Unless = 'seen' | 'read' | 'acknowledged' | { event: string; key?: string }

export const weekdays = [
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
  'sunday',
] as const

/** A local time of the person: every hour, day or week. */
export type Rhythm = { every: 'hour' | 'day' | 'week'; at?: string; on?: (typeof weekdays)[number] }

export type DigestRule = {
  window: string | Rhythm
  key?: string // Liquid: what comes out alike is gathered together
  first_now?: boolean
  show?: number // how many of its events a text sees
  close_at?: number // how many events close it early
}

export type ThrottleRule = { limit: number; per: string; key?: string }

/** What has to be true of what was sent for no fallback to be needed. */
export const untils = ['sent', 'delivered', 'seen', 'read', 'acknowledged'] as const
export type Until = (typeof untils)[number]
export const isByPerson: ReadonlySet<Until> = new Set(['seen', 'read', 'acknowledged'])

export type SendStep = {
  send: Channel[]
  fallback?: Channel[] // one after the other
  until?: Until
  within?: string // how long each of them has
}

/** As it is written in an event type. */
export type Step =
  | SendStep
  | { wait: { for: string; unless?: Unless } }
  | { digest: DigestRule }
  | { throttle: ThrottleRule }
  | { if: string; then: Step[]; else?: Step[] }

/** A step in the order in which steps are gone through; `pointer` leads to it in the plan. */
export type Instruction = { pointer: string } & (
  | { kind: 'send'; channels: Channel[]; isAwaited: boolean }
  | Awaiting
  | { kind: 'wait'; for: string; unless: Unless | null }
  | { kind: 'digest'; rule: DigestRule }
  | { kind: 'throttle'; rule: ThrottleRule }
  | { kind: 'if'; condition: string; otherwise: number }
  | { kind: 'goto'; to: number }
)

/** A send whose end is waited for, with its fallbacks and rounds: `from` its first place, `end` the one behind it. */
type Group = { from: number; end: number; until: Until }

/**
 * await: for what was sent from the place `sent`; `next` follows if it does not get through.
 * round: everything of it has failed, and after a pause it is tried again.
 */
export type Awaiting = Group &
  (
    | {
        kind: 'await'
        channels: Channel[]
        sent: number
        within: string | null
        next: Channel[]
      }
    | { kind: 'round'; for: string; round: number; of: number }
  )

export type Program = Instruction[]

/** Steps as they are stored with an event type, made flat: a place in the plan is a number. */
export function programOf(steps: readonly Step[]): Program {
  const program: Program = []
  append(program, steps, '')
  return program
}

function append(program: Program, steps: readonly Step[], above: string): void {
  for (const [i, step] of steps.entries()) {
    const pointer = `${above}/${i}`
    if ('send' in step) appendSend(program, pointer, step)
    else if ('wait' in step)
      program.push({
        pointer,
        kind: 'wait',
        for: step.wait.for,
        unless: step.wait.unless ?? null,
      })
    else if ('digest' in step) program.push({ pointer, kind: 'digest', rule: step.digest })
    else if ('throttle' in step) program.push({ pointer, kind: 'throttle', rule: step.throttle })
    else {
      const choice = { pointer, kind: 'if' as const, condition: step.if, otherwise: 0 }
      program.push(choice)
      append(program, step.then, `${pointer}/then`)
      if (step.else) {
        const end = { pointer, kind: 'goto' as const, to: 0 }
        program.push(end)
        choice.otherwise = program.length
        append(program, step.else, `${pointer}/else`)
        end.to = program.length
      } else choice.otherwise = program.length
    }
  }
}

/** `rounds`: how often all of it is tried when nothing of it gets through, and the pause before each time but the first. */
export function appendSend(
  program: Program,
  pointer: string,
  { send, fallback, until = 'sent', within }: SendStep,
  rounds?: { count: number; pause: string },
): void {
  if (!fallback && until === 'sent' && !rounds) {
    program.push({ pointer, kind: 'send', channels: send, isAwaited: false })
    return
  }
  const group = { from: program.length, end: 0, until }
  const { count = 1, pause = '' } = rounds ?? {}
  const chain = [send, ...(fallback ?? []).map((channel) => [channel])]
  const end = group.from + count * (2 * chain.length + 1) - 1
  for (let round = 1; round <= count; round++) {
    if (round > 1)
      program.push({ ...group, end, pointer, kind: 'round', for: pause, round, of: count })
    for (const [i, channels] of chain.entries()) {
      const sent = program.length
      const next = chain[i + 1] ?? []
      program.push(
        { pointer, kind: 'send', channels, isAwaited: true },
        { ...group, end, pointer, kind: 'await', channels, sent, within: within ?? null, next },
      )
    }
  }
}

/** Every channel it may send on, each once, in the order in which they come. */
export function channelsOf(program: Program): Channel[] {
  return [...new Set(program.flatMap((step) => (step.kind === 'send' ? step.channels : [])))]
}

/** Those on which something may be sent before its first step that waits, whatever its conditions come to. */
export function firstChannels(program: Program): Channel[] {
  const channels = new Set<Channel>()
  const seen = new Set<number>()
  const go = (position: number): void => {
    if (seen.has(position)) return
    seen.add(position)
    const step = program[position]
    if (step?.kind === 'send') {
      for (const channel of step.channels) channels.add(channel)
      go(position + 1)
    } else if (step?.kind === 'if') {
      go(position + 1)
      go(step.otherwise)
    } else if (step?.kind === 'goto') go(step.to)
  }
  go(0)
  return [...channels]
}

/** What was decided at a step, in words; `position` is its place in the program. */
export type StepNote = { position: number; step: string; decision: string; because: string }

export type Stop = { position: number } & Exclude<
  Instruction,
  { kind: 'send' } | { kind: 'if' } | { kind: 'goto' }
>

/** Where a program sends, and whether it waits for what becomes of it. */
export type Sent = { position: number; isAwaited: boolean }

export type Progress = {
  /** What is to be sent now, each channel once. */
  channels: Channel[]
  sent: ReadonlyMap<Channel, Sent>
  notes: StepNote[]
  /** The step that cannot be decided at once; null: the plan is over. */
  stop: Stop | null
}

/** From `position` to the next step that waits, `holds` being the answer to conditions. */
export function advance(
  program: Program,
  position: number,
  holds: (condition: string) => boolean,
): Progress {
  const sent = new Map<Channel, Sent>()
  const notes: StepNote[] = []
  let at = position
  while (at < program.length) {
    const step = program[at]!
    switch (step.kind) {
      case 'send':
        for (const channel of step.channels)
          sent.set(channel, { position: at, isAwaited: step.isAwaited })
        at++
        break
      case 'if': {
        const isTrue = holds(step.condition)
        notes.push({
          position: at,
          step: 'if',
          decision: isTrue ? 'true' : 'false',
          because: `\`${step.condition}\` ${isTrue ? 'holds' : 'does not hold'}`,
        })
        at = isTrue ? at + 1 : step.otherwise
        break
      }
      case 'goto':
        at = step.to
        break
      case 'wait':
      case 'digest':
      case 'throttle':
      case 'await':
      case 'round':
        return { channels: [...sent.keys()], sent, notes, stop: { ...step, position: at } }
    }
  }
  return { channels: [...sent.keys()], sent, notes, stop: null }
}

/** When a wait that begins at `start` is over. */
export function waitEnd(wait: { for: string }, start: Date): Date {
  return new Date(start.getTime() + durationMs(wait.for))
}

/** What a person has done about a notification, and when. */
export type Done = { seenAt: Date | null; readAt: Date | null; acknowledgedAt: Date | null }

/** More is included: what was acknowledged was also read, what was read was also seen. */
export function doneAt(
  unless: 'seen' | 'read' | 'acknowledged',
  { seenAt, readAt, acknowledgedAt }: Done,
): Date | null {
  switch (unless) {
    case 'seen':
      return seenAt ?? readAt ?? acknowledgedAt
    case 'read':
      return readAt ?? acknowledgedAt
    case 'acknowledged':
      return acknowledgedAt
  }
}

export const usuallyShown = 10

/** How many of its events the text of a plan's digest sees. */
export function shownOf(program: Program): number {
  const step = program.find(({ kind }) => kind === 'digest')
  return (step?.kind === 'digest' ? step.rule.show : null) ?? usuallyShown
}
