// What would happen if an event were accepted now: the fan-out's own way to its people, their plans and
// texts, up to where it would store them. Here nothing is stored and nobody is told; data sources are asked as they
// would be.
import type { Context } from '../context.ts'
import { askedAhead, type NextAsked } from '../domain/ask-ahead.ts'
import { triesOf, type EventData } from '../domain/data-source.ts'
import type { FanOutCursor } from '../domain/event.ts'
import { tellProspect, type Prospect } from '../domain/prospect.ts'
import { wishesOf } from '../domain/preferences.ts'
import type { ClaimedEvent } from '../sql/events.ts'
import type { CheckedEvent } from './accept.ts'
import { writeTexts, type EventTexts } from './event-texts.ts'
import { foreseeSteps } from './explain-steps.ts'
import { planChunk } from './fan-out.ts'
import { allDataOf, dataTypeOf } from './fan-out-data.ts'
import { givenPeople } from './given-people.ts'
import { findNextPeople } from './next-people.ts'
import { outlooksOf, type Sending } from './outlook.ts'
import { standingsOf } from './plan-standing.ts'
import { dataOrRefusal } from './texts-ahead.ts'
import { timingOf } from './timing.ts'
import { unsendable } from './unsendable.ts'

export type Foreseen = Prospect & { sentences: string[] }

export type Explained = {
  people: Foreseen[]
  /** How many people each entry of the audience has led to so far. */
  found: (number | null)[]
  /** Who would be asked next if nobody answered. */
  next: NextAsked[]
  /** Nobody at all: the audience is empty. */
  isNobody: boolean
  /** What became of its data sources, in sentences. */
  data: string[]
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
  const { data, told } = await dataOf(ctx, { ...event, epoch: 0, cursor: null })
  const claimed = { ...event, epoch: 0, cursor, ...(data && { data }) }
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
    const steps = later[i]!.steps.map(({ sending, ...step }) => {
      const left = sending && withoutUnwritten(sending, laterTexts.unwritten)
      return { ...step, outlooks: left ? outlooksOf(ctx, written, left, laterTexts.texts) : [] }
    })
    const prospect = { person, plan, outlooks, steps }
    return { ...prospect, sentences: tellProspect(prospect, beginning) }
  })
  const isNobody = people.length === 0 && cursor === null && written.cursor === null
  const error = written.error ?? laterTexts.error
  const { steps, isOneEnough, found } = written
  const startsAt = event.scheduledLocal === null ? (event.scheduledAt ?? now) : null
  const next = isOneEnough && steps ? askedAhead(event.audience, steps.program, startsAt) : []
  return { people, next, isNobody, data: told, found, error, cursor: written.cursor }
}

function withoutUnwritten(sending: Sending, unwritten: EventTexts['unwritten']): Sending {
  const deliveries = sending.deliveries.map((delivery) => unsendable(delivery, unwritten))
  return { ...sending, deliveries, hasInApp: sending.hasInApp && !unwritten.has(sending.id) }
}

/** Of all its texts, those of later steps as well: what they would read if they were written now. */
async function dataOf(
  ctx: Context,
  event: ClaimedEvent,
): Promise<{ data: EventData | null; told: string[] }> {
  const type = await dataTypeOf(ctx, event)
  const wanted = type?.data ? await allDataOf(ctx, event, type) : null
  if (type === null || wanted === null) return { data: null, told: [] }
  const gathered = await ctx.eventData.gather(wanted)
  if (event.message) dataOrRefusal(gathered) // as the route does that would accept it
  const { data, isPassing } = gathered
  const told = data.notes.map(
    ({ because }) => `${because.slice(0, 1).toUpperCase()}${because.slice(1)}.`,
  )
  const tries = triesOf(type.retry)
  if (isPassing && tries > 1)
    told.push(`That may pass: it would be asked ${tries} times before it is given up.`)
  return { data, told }
}
