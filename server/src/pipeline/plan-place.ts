// The step a notification has come to, and what it shares that step with.
import type { Context } from '../context.ts'
import type { Instruction } from '../domain/plan-steps.ts'
import type { ClaimedRun } from '../sql/plan-runs.ts'
import { findPeople, type PersonRow } from '../sql/people.ts'
import { stepHash } from './plan-hash.ts'
import { planScope } from './plan-texts.ts'

export type RunPlace = {
  run: ClaimedRun
  step: Instruction
  key: string
  hash: string
  timezone: string // of the person
}

/** Where runs stand that have come to a step with a key. */
export async function placesOf(ctx: Context, runs: ClaimedRun[]): Promise<RunPlace[]> {
  const people = await peopleOf(ctx, runs)
  const places: RunPlace[] = []
  for (const run of runs) {
    const { event, position, recipient, workspaceId } = run
    if (event.type === null || event.typeVersion === null) continue
    const { type, typeVersion, level } = event
    const found = await ctx.configuration.eventTypeVersion(workspaceId, type, typeVersion)
    const step = found?.steps?.program[position]
    if (!found?.steps || (step?.kind !== 'digest' && step?.kind !== 'throttle')) continue
    const person = people.get(`${workspaceId} ${recipient}`) ?? {
      locale: null,
      timezone: null,
      data: {},
    }
    const scope = planScope(event, { ...person, recipient }, null)
    const key = step.rule.key === undefined ? '' : found.steps.keyOf(step.rule.key, scope)
    const place = { workspaceId, position, level, recipient, key }
    const hash = stepHash(type, found.steps.program, place)
    places.push({ run, step, key, hash, timezone: person.timezone ?? 'UTC' })
  }
  return places
}

async function peopleOf(ctx: Context, runs: ClaimedRun[]): Promise<Map<string, PersonRow>> {
  const people = new Map<string, PersonRow>()
  for (const [workspaceId, group] of Map.groupBy(runs, (run) => run.workspaceId)) {
    const ids = [...new Set(group.map(({ recipient }) => recipient))]
    for (const row of await findPeople(ctx.db, workspaceId, ids, []))
      people.set(`${workspaceId} ${row.id}`, row)
  }
  return people
}
