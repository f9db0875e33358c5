// What the turns of plans come to as rows: the texts of what is to be sent, with the templates their plans began with,
// and with data that is fetched now.
import type { Context } from '../context.ts'
import type { Channel } from '../domain/channel.ts'
import { dataFailed, nextDataTry, triesOf, type EventData } from '../domain/data-source.ts'
import type { EventType } from '../domain/event-type.ts'
import { withoutTexts } from '../domain/plan.ts'
import type { StepNote } from '../domain/plan-steps.ts'
import { newId } from '../new-id.ts'
import { listPins, type ClaimedRun } from '../sql/plan-runs.ts'
import type { PlanTurn, TurnRows } from '../sql/plan-turns.ts'
import { sourcesRead } from './event-data.ts'
import { writeTexts, type EventTexts, type WantedText } from './event-texts.ts'
import { tellNextTry, wantedOf } from './fan-out-data.ts'
import { digestOf, type Decided } from './plan-decide.ts'
import type { CompiledTemplate } from './render.ts'
import { unsendable } from './unsendable.ts'

/** One whose texts need a data source that is away, and when that is asked again. */
export type WaitingRun = { run: ClaimedRun; dueAt: Date; notes: StepNote[] }

/** Who waits for data has no rows. */
export async function writeTurns(
  ctx: Context,
  decided: Decided[],
  now: Date,
): Promise<{ rows: TurnRows; waiting: WaitingRun[] }> {
  const waiting: WaitingRun[] = []
  const rows: TurnRows = { turns: [], deliveries: [], contents: [], notes: [] }
  const refs = decided.map(({ base: { event } }) => ({
    workspaceId: event.workspaceId,
    eventId: event.id,
  }))
  const pins = new Map((await listPins(ctx.db, refs)).map((row) => [row.eventId, row.templates]))
  const groups = Map.groupBy(decided, ({ base }) => `${base.event.id} ${base.run.position}`)
  for (const group of groups.values()) {
    const { event, run } = group[0]!.base
    const { workspaceId } = event
    const wanted = group.flatMap(wantedTexts)
    const around = await aroundOf(ctx, group[0]!, pins.get(event.id))
    const channels = wanted.map(({ channel }) => channel)
    const found = await dataOf(ctx, { ...around, run, event, channels })
    if ('dueAt' in found) {
      waiting.push(...group.map(({ base }) => ({ run: base.run, ...found })))
      continue
    }
    const chunk = { ...around, event: { ...event, ...found } }
    const texts = await writeTexts(ctx, chunk, wanted)
    rows.contents.push(...texts.contents.map((content) => ({ ...content, workspaceId })))
    for (const each of group)
      addRows(rows, withoutUnwritten(each, texts.unwritten, now), texts, found)
  }
  return { rows, waiting }
}

type Pins = Awaited<ReturnType<typeof listPins>>[number]['templates']

async function aroundOf({ configuration }: Context, { base }: Decided, pins: Pins | undefined) {
  const { event, type } = base
  const { workspaceId, message } = event
  const key = message ? message.template : event.type
  const [templates, workspace, spoken] = await Promise.all([
    key ? configuration.templates(workspaceId, key, pins) : [],
    configuration.workspace(workspaceId),
    message?.template ? configuration.eventType(workspaceId, message.template) : null,
  ])
  const written = type ?? spoken
  return { templates, workspace, fallback: written?.fallback ?? null, type: written }
}

type Asking = Pick<Decided['base'], 'run' | 'event'> & {
  type: EventType | null
  templates: CompiledTemplate[]
  channels: Channel[]
}

async function dataOf(
  ctx: Context,
  { run, event, type, templates, channels }: Asking,
): Promise<{ data?: EventData } | Omit<WaitingRun, 'run'>> {
  if (!type?.data) return {}
  const { position, failureCount } = run
  const sources = sourcesRead(type, templates, channels)
  const moment = { eventType: type.key, sources, moment: `step ${position}` }
  const wanted = await wantedOf(ctx, event, moment)
  if (wanted === null) return {}
  const { data, isPassing, retryAfterMs } = await ctx.eventData.gather(wanted)
  const now = ctx.in(event.workspaceId).clock.now()
  const { retry: policies } = type
  const { expiresAt } = event
  const tried = { policies, failureCount, retryAfterMs, expiresAt, now, random: Math.random() }
  const dueAt = isPassing ? nextDataTry(tried) : null
  if (dueAt === null) return { data }
  const notes = data.notes.map((note) => tellNextTry(note, dueAt, failureCount, triesOf(policies)))
  return { dueAt, notes: notesAt(position, notes) }
}

function notesAt(position: number, notes: Pick<StepNote, 'decision' | 'because'>[]): StepNote[] {
  return notes.map(({ decision, because }) => ({ position, step: 'data', decision, because }))
}

function addRows(
  rows: TurnRows,
  decided: Decided,
  { texts, unwritten, error }: EventTexts,
  { data }: { data?: EventData },
): void {
  const { workspaceId, notificationId, position } = decided.base.run
  for (const delivery of decided.deliveries) delivery.contentId = texts.get(delivery.id)?.id ?? null
  rows.deliveries.push(...decided.deliveries)
  rows.turns.push(turnOf(decided, texts.get(notificationId)?.id ?? null))
  const notes = [...decided.notes, ...notesAt(position, data?.notes ?? [])]
  if (error !== null) {
    const decision = unwritten.size > 0 ? 'not written' : 'fallback text'
    notes.push({ position, step: 'render', decision, because: error })
  }
  rows.notes.push(...notes.map((own) => ({ ...own, workspaceId, notificationId })))
}

/** What waits for something that cannot be sent is to be looked at at once. */
function withoutUnwritten(
  decided: Decided,
  unwritten: EventTexts['unwritten'],
  now: Date,
): Decided {
  const { base, next, plan, notes } = decided
  const deliveries = decided.deliveries.map((delivery) => unsendable(delivery, unwritten))
  const hasText = !unwritten.has(base.run.notificationId)
  if (hasText && deliveries.every((one, i) => one === decided.deliveries[i])) return decided
  const left = { reason: dataFailed, hasText, goesOn: false }
  const isAwaited = next !== null && base.steps?.program[next.position]?.kind === 'await'
  return {
    ...decided,
    deliveries,
    plan: withoutTexts(plan, deliveries, left),
    notes: hasText ? notes : notes.filter(({ step }) => step !== 'in_app'),
    next: isAwaited ? { ...next, dueAt: now } : next,
  }
}

function wantedTexts({ base, plan, deliveries }: Decided): WantedText[] {
  const { run, person, type } = base
  if (person === null) return []
  const digest = digestOf(run, type)
  const wanted = deliveries
    .filter(({ status }) => status !== 'skipped')
    .map(({ channel, id: ownId }): WantedText => ({ channel, person, ownId, digest }))
  if (plan.hasInApp) wanted.push({ channel: 'in_app', person, ownId: run.notificationId, digest })
  return wanted
}

function turnOf(
  { base, plan, next, replaces, staysForced }: Decided,
  contentId: string | null,
): PlanTurn {
  const { workspaceId, notificationId } = base.run
  const { status, outcome, reason, because = null } = plan
  // It stands where something new would, not where the event was.
  const feedPosition = contentId === null ? null : newId()
  return {
    workspaceId,
    notificationId,
    next,
    contentId,
    feedPosition,
    opened: plan.pending,
    status,
    outcome,
    reason,
    because,
    replaces,
    staysForced,
  }
}
