// Who would be asked next if nobody answered, and when.
import { nextLevel, tellMembers, tellTime } from './asking.ts'
import type { AudienceMember } from './audience.ts'
import { durationMs } from './duration.ts'
import type { Program } from './plan-steps.ts'

export type NextAsked = {
  level: number
  of: number
  members: AudienceMember[]
  /** After those before them have had all their time; null: that begins with each person's own clock. */
  at: Date | null
  /** The same, since those before them were asked. */
  afterMs: number
}

/** `startsAt`: when the first are asked. */
export function askedAhead(
  audience: readonly AudienceMember[],
  program: Program,
  startsAt: Date | null,
): NextAsked[] {
  const afterMs = longestMs(program, 0)
  const asked: NextAsked[] = []
  for (let next = nextLevel(audience, 0); next; next = nextLevel(audience, next.level)) {
    const { level, of, members } = next
    const waitedMs = afterMs * (asked.length + 1)
    const at = startsAt && new Date(startsAt.getTime() + waitedMs)
    asked.push({ level, of, members, at, afterMs })
  }
  return asked
}

/** From a step to the end, along the longest way. */
function longestMs(program: Program, position: number): number {
  const step = program[position]
  if (step === undefined) return 0
  switch (step.kind) {
    case 'if':
      return Math.max(longestMs(program, position + 1), longestMs(program, step.otherwise))
    case 'goto':
      return longestMs(program, step.to)
    case 'await':
      return (step.within === null ? 0 : durationMs(step.within)) + longestMs(program, position + 1)
    case 'wait':
    case 'round':
      return durationMs(step.for) + longestMs(program, position + 1)
    case 'send':
    case 'digest':
    case 'throttle':
      return longestMs(program, position + 1)
  }
}

/** "If nobody answers within 15 min, ben is asked (escalation 1 of 2)." */
export function tellAskedAhead({ level, of, members, afterMs }: NextAsked): string {
  const who = tellMembers(members)
  return `If nobody answers within ${tellTime(afterMs)}, ${who} is asked (escalation ${level} of ${of}).`
}
