// What would happen if an event were accepted now: the fan-out's own way to its people, their plans and
// texts, up to where it would store them. Here nothing is stored, and nobody is called.
import type { Context } from '../context.ts'
import type { FanOutCursor } from '../domain/event.ts'
import { tellProspect, type Prospect } from '../domain/prospect.ts'
import { wishesOf } from '../domain/preferences.ts'
import type { CheckedEvent } from './accept.ts'
import { writeTexts } from './event-texts.ts'
import { foreseeSteps } from './explain-steps.ts'
import { planChunk } from './fan-out.ts'
import { givenPeople } from './given-people.ts'
import { findNextPeople } from './next-people.ts'
import { outlooksOf } from './outlook.ts'
import { standingsOf } from './plan-standing.ts'
import { timingOf } from './timing.ts'

export type Foreseen = Prospect & { sentences: string[] }

export type Explained = {
  people: Foreseen[]
  /** How many people each entry of the audience has led to so far. */
  found: number[]
  /** Nobody at all: the audience is empty. */
  isNobody: boolean
  /** The first text that could not be written. */
  error: string | null
  /** Where the next page begins; null when this was the last. */
  cursor: FanOutCursor | null
}

export async function explain(
  ctx: Context,
  { event, subscribers }: CheckedEvent,
  { now, most, cursor }: { now: Date; most: number; cursor: FanOutCursor | null },
): Promise<Explained> {
  const given = givenPeople(subscribers)
  const claimed = { ...event, epoch: 0, cursor }
  const [chunk] = await findNextPeople(ctx, ctx.db, [claimed], { most, given })
  const written = await planChunk(ctx, chunk!, now)
  const { subject, preferences } = written
  const { defaults } = preferences
  const timing = timingOf(ctx, event, written.hours)
  const standings = await standingsOf(ctx, written)
  const later = written.planned.map((planned) => {
    const standing = standings.get(planned.person.recipient)
    return foreseeSteps(written, planned, { timing, standing })
  })
  const laterTexts = await writeTexts(
    ctx,
    written,
    later.flatMap(({ wanted }) => wanted),
  )
  const beginning = { now, expiresAt: event.expiresAt }
  const people = written.planned.map(({ id, person, plan, deliveries, startsAt }, i): Foreseen => {
    const isLater = startsAt > now
    const wishes = wishesOf(person, subject, { defaults, timing, at: startsAt })
    const sending = { id, hasInApp: plan.hasInApp, deliveries, at: startsAt, isLater, wishes }
    const outlooks = outlooksOf(ctx, written, sending, written.texts)
    const steps = later[i]!.steps.map(({ sending, ...step }) => ({
      ...step,
      outlooks: sending ? outlooksOf(ctx, written, sending, laterTexts.texts) : [],
    }))
    const prospect = { person, plan, outlooks, steps }
    return { ...prospect, sentences: tellProspect(prospect, beginning) }
  })
  const isNobody = people.length === 0 && cursor === null && written.cursor === null
  const error = written.error ?? laterTexts.error
  return { people, isNobody, found: written.found, error, cursor: written.cursor }
}
