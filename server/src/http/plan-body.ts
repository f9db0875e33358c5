// What a plan looks like in requests, and its translation into steps.
import { type Static, type TSchema, Type } from 'typebox'
import { channels } from '../domain/channel.ts'
import { durationPattern } from '../domain/duration.ts'
import { planProblems } from '../domain/plan-check.ts'
import { channelsOf, programOf, untils, weekdays, type Step } from '../domain/plan-steps.ts'
import { localTimePattern } from '../domain/quiet-hours.ts'
import type { FieldError } from '../errors.ts'
import { planTextProblems } from '../pipeline/plan-texts.ts'

const Duration = (description: string) => Type.String({ pattern: durationPattern, description })
const Key = Type.String({
  minLength: 1,
  maxLength: 1_000,
  description: 'Liquid over the parameters: what comes out alike belongs together.',
})

const Unless = Type.Union(
  [
    Type.Enum(['seen', 'read', 'acknowledged']),
    Type.Object({ event: Type.String({ minLength: 1, maxLength: 200 }), key: Type.Optional(Key) }),
  ],
  {
    description:
      'seen, read, acknowledged, or {"event": a type, "key": Liquid over its parameters}',
  },
)

const Window = Type.Union(
  [
    Duration('a duration such as 10m'),
    Type.Object({
      every: Type.Enum(['hour', 'day', 'week']),
      at: Type.Optional(
        Type.String({ pattern: localTimePattern, description: 'a local time such as 09:00' }),
      ),
      on: Type.Optional(Type.Enum(weekdays)),
    }),
  ],
  {
    description:
      'a duration such as 10m, or {"every": "hour" | "day" | "week", "at": "09:00", "on": "monday"} in ' +
      "the person's time zone",
  },
)

const verbs = {
  send: Type.Optional(
    Type.Array(Type.Enum(channels), {
      minItems: 1,
      uniqueItems: true,
      description: 'Sends on these channels.',
    }),
  ),
  fallback: Type.Optional(
    Type.Array(Type.Enum(channels), {
      minItems: 1,
      uniqueItems: true,
      description:
        'Beside `send`: channels that are tried one after the other, each only when all before it have failed.',
    }),
  ),
  until: Type.Optional(
    Type.Enum(untils, {
      description:
        'Beside `send`: what has to come true for no fallback to be needed; sent unless said otherwise.',
    }),
  ),
  within: Type.Optional(
    Duration('beside `send`: how long each of its channels has for that, such as 10m'),
  ),
  wait: Type.Optional(
    Type.Object(
      {
        for: Duration('a duration such as 30m or 2d'),
        unless: Type.Optional(Unless),
      },
      { description: 'Waits; when what stands in `unless` happens meanwhile, the plan ends.' },
    ),
  ),
  digest: Type.Optional(
    Type.Object(
      {
        window: Window,
        key: Type.Optional(Key),
        first_now: Type.Optional(
          Type.Boolean({ description: 'The first goes on at once; what follows it is gathered.' }),
        ),
        show: Type.Optional(
          Type.Integer({
            minimum: 1,
            maximum: 100,
            description: 'How many of the events `digest.items` has; 10 unless said otherwise.',
          }),
        ),
        close_at: Type.Optional(
          Type.Integer({
            minimum: 2,
            maximum: 10_000,
            description: 'So many events close it before its time.',
          }),
        ),
      },
      { description: 'Gathers what happens within a time, and goes on once for all of it.' },
    ),
  ),
  throttle: Type.Optional(
    Type.Object(
      {
        limit: Type.Integer({ minimum: 1, maximum: 10_000 }),
        per: Duration('a duration such as 1h'),
        key: Type.Optional(Key),
      },
      { description: 'Lets so many through within a time, for each person; the others end here.' },
    ),
  ),
}

const Condition = Type.String({
  minLength: 1,
  maxLength: 1_000,
  description: 'A condition of Liquid over the parameters: `total > 100`.',
})

/** The steps of a branch may branch again, twice. */
function Steps(depth: number): TSchema {
  const most = { minItems: 1, maxItems: 50 }
  if (depth === 0) return Type.Array(Type.Object(verbs), most)
  const branches = {
    if: Type.Optional(Condition),
    // The word of plans; nobody awaits a schema.
    // oxlint-disable-next-line unicorn/no-thenable
    then: Type.Optional(Steps(depth - 1)),
    else: Type.Optional(Steps(depth - 1)),
  }
  return Type.Array(Type.Object({ ...verbs, ...branches }), most)
}

const deepest = 3

export const PlanBody = Type.Unsafe<PlanSteps>(Steps(deepest))

type Verbs = { [Name in keyof typeof verbs]?: Static<(typeof verbs)[Name]> }
export type PlanSteps = (Verbs & { if?: string; then?: PlanSteps; else?: PlanSteps })[]

/** The steps, or what is wrong with them; pointers lead into the body. */
export function readPlan(
  plan: PlanSteps,
  params: Record<string, unknown> | null,
): { steps: Step[]; channels: ReturnType<typeof channelsOf>; errors: FieldError[] } {
  const unclear = formProblems(plan, '')
  // Every step has one form now, so the rest may be read as steps.
  const steps = plan as Step[]
  const problems =
    unclear.length > 0 ? unclear : [...planProblems(steps), ...planTextProblems(steps, params)]
  const errors = problems.map(({ pointer, detail }) => ({ pointer: `/plan${pointer}`, detail }))
  return { steps, channels: errors.length > 0 ? [] : channelsOf(programOf(steps)), errors }
}

const kinds = ['send', 'wait', 'digest', 'throttle', 'if'] as const

function formProblems(plan: PlanSteps, above: string): FieldError[] {
  return plan.flatMap((step, i) => {
    const pointer = `${above}/${i}`
    const named = kinds.filter((kind) => step[kind] !== undefined)
    if (named.length !== 1)
      return [{ pointer, detail: `must be one of ${kinds.join(', ')}, and only one.` }]
    const stray = [
      ...strayWords(step, step.if !== undefined, ['then', 'else'], 'if'),
      ...strayWords(step, step.send !== undefined, ['fallback', 'until', 'within'], 'send'),
    ]
    if (stray.length > 0 || step.if === undefined)
      return stray.map(({ name, detail }) => ({ pointer: `${pointer}/${name}`, detail }))
    if (step.then === undefined)
      return [{ pointer: `${pointer}/then`, detail: 'is required beside `if`.' }]
    return [
      ...formProblems(step.then, `${pointer}/then`),
      ...formProblems(step.else ?? [], `${pointer}/else`),
    ]
  })
}

/** Words that mean nothing without another. */
function strayWords(
  step: PlanSteps[number],
  isThere: boolean,
  names: readonly (keyof PlanSteps[number])[],
  other: string,
) {
  if (isThere) return []
  const stray = names.filter((name) => step[name] !== undefined)
  return stray.map((name) => ({ name, detail: `goes with \`${other}\`.` }))
}
