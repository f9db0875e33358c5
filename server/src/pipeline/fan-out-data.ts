// The data of events whose people are about to be found: fetched before, outside of any transaction. An event that
// needs a source which is away for the moment waits for it.
import type { Context } from '../context.ts'
import type { Channel } from '../domain/channel.ts'
import { messageProgram } from '../domain/fallback.ts'
import { channelsOf, firstChannels, programOf, type Program } from '../domain/plan-steps.ts'
import { nextDataTry, triesOf, type DataNote, type DataSources } from '../domain/data-source.ts'
import type { Event } from '../domain/event.ts'
import type { EventType } from '../domain/event-type.ts'
import type { ClaimedEvent } from '../sql/events.ts'
import { waitForData } from '../sql/waiting-events.ts'
import { sourcesRead, type DataWanted } from './event-data.ts'

/** Those that can go on, with what their texts read. */
export async function withData(ctx: Context, events: ClaimedEvent[]): Promise<ClaimedEvent[]> {
  const needy = await namesWithData(ctx, events)
  if (needy.size === 0) return events
  const ready = await Promise.all(
    events.map(async (event) => (needy.has(dataTypeName(event)) ? withOwnData(ctx, event) : event)),
  )
  return ready.filter((event) => event !== null)
}

/** Whether its texts may read data, which takes time. */
export async function mayNeedData(ctx: Context, event: TypedEvent): Promise<boolean> {
  const type = await dataTypeOf(ctx, event)
  return type?.data !== undefined
}

type TypedEvent = Pick<Event, 'workspaceId' | 'type' | 'typeVersion' | 'message'>

function dataTypeName({ workspaceId, type, typeVersion, message }: TypedEvent): string {
  return `${workspaceId} ${typeVersion ?? ''} ${type ?? message?.template ?? ''}`
}

async function namesWithData(ctx: Context, events: ClaimedEvent[]): Promise<Set<string>> {
  const needy = new Set<string>()
  const one = new Map(events.map((event) => [dataTypeName(event), event]))
  for (const [name, event] of one) if (await mayNeedData(ctx, event)) needy.add(name)
  return needy
}

/** The event type whose templates it is written with. */
export async function dataTypeOf(
  { configuration }: Pick<Context, 'configuration'>,
  { workspaceId, type, typeVersion, message }: TypedEvent,
): Promise<EventType | null> {
  if (type !== null && typeVersion !== null)
    return configuration.eventTypeVersion(workspaceId, type, typeVersion)
  return message?.template ? configuration.eventType(workspaceId, message.template) : null
}

/** What the first texts of an event need; null: nothing. */
export async function firstDataOf(ctx: Context, event: ClaimedEvent): Promise<DataWanted | null> {
  const type = await dataTypeOf(ctx, event)
  return type?.data === undefined ? null : dataOnChannels(ctx, event, type, firstChannels)
}

/** What all its texts need, those of later steps as well. */
export function allDataOf(
  ctx: Context,
  event: ClaimedEvent,
  type: EventType,
): Promise<DataWanted | null> {
  return dataOnChannels(ctx, event, type, channelsOf)
}

async function dataOnChannels(
  ctx: Context,
  event: ClaimedEvent,
  type: EventType,
  channelsIn: (program: Program) => Channel[],
): Promise<DataWanted | null> {
  const { workspaceId, message, cursor } = event
  const program = message ? messageProgram(message) : type.plan && programOf(type.plan)
  const channels = program ? channelsIn(program) : (message?.channels ?? type.channels)
  const templates = await ctx.configuration.templates(workspaceId, type.key, cursor?.templates)
  const sources = sourcesRead(type, templates, channels)
  return wantedOf(ctx, event, { eventType: type.key, sources, moment: 'first' })
}

type Moment = Pick<DataWanted, 'eventType' | 'sources' | 'moment'>

export async function wantedOf(
  ctx: Context,
  event: DataWanted['event'],
  { sources, ...moment }: Moment,
): Promise<DataWanted | null> {
  if (isNothing(sources)) return null
  const workspace = await ctx.configuration.workspace(event.workspaceId)
  return { event, workspace, sources, ...moment }
}

function isNothing(sources: DataSources): boolean {
  return Object.keys(sources).length === 0
}

/** Null: it waits. */
async function withOwnData(ctx: Context, event: ClaimedEvent): Promise<ClaimedEvent | null> {
  const wanted = await firstDataOf(ctx, event)
  if (wanted === null) return event
  const { data, isPassing, retryAfterMs } = await ctx.eventData.gather(wanted)
  const type = await dataTypeOf(ctx, event)
  const policies = type?.retry ?? null
  const { workspaceId, expiresAt, failureCount = 0 } = event
  const now = ctx.in(workspaceId).clock.now()
  const tried = { policies, failureCount, retryAfterMs, expiresAt, now, random: Math.random() }
  const dueAt = isPassing ? nextDataTry(tried) : null
  if (dueAt === null) return { ...event, data }
  const notes = data.notes.map((note) => tellNextTry(note, dueAt, failureCount, triesOf(policies)))
  await waitForData(ctx.db, event, { dueAt, notes })
  return null
}

export function tellNextTry(
  { at, decision, because }: DataNote,
  dueAt: Date,
  failureCount: number,
  tries: number,
): DataNote {
  if (!decision.endsWith(' failed')) return { at, decision, because }
  const next = `try ${failureCount + 1} of ${tries}; the next is due ${dueAt.toISOString()}`
  return { at, decision, because: `${because} (${next})` }
}
