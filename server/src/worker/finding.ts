// Finding the people of events, at the pace at which their deliveries can be made. A delivery that
// begins with its own insert costs half of one that waits in the queue and is claimed later, so while
// places are short the next events are taken when there are some again: soon, in any case.
import type { Context } from '../context.ts'
import type { CarriedChannel } from '../domain/channel.ts'
import { fanOut } from '../pipeline/fan-out.ts'
import { mayNeedData } from '../pipeline/fan-out-data.ts'
import { fanOutSafely } from '../pipeline/fan-out-safely.ts'
import { fanOutLeaseMs } from '../pipeline/intake.ts'
import { claimEvents, type ClaimedEvent } from '../sql/events.ts'
import { createApart } from './apart.ts'
import type { Delivering } from './delivering.ts'
import { createDoorbell, type Doorbell } from './doorbell.ts'

export type Finding = {
  /** Rung when an API of this process has handed something over. */
  handoffBell: Doorbell
  /** Rung when there are events in the queue. */
  queueBell: Doorbell
  /** How many events to take at once; waits a little while there is no room. */
  batchSize(): Promise<number>
  /** Finds the people of events that the caller has taken. */
  findFor(events: ClaimedEvent[]): Promise<boolean>
  /** The next events that were handed over. */
  handoffTurn(): Promise<boolean>
  /** The next events of the queue. */
  queueTurn(): Promise<boolean>
  /** Resolves when the texts of no event are being rendered apart. */
  idle(): Promise<void>
  /** Gives back what was handed over and not begun: it would only come back when the leases end. */
  handBack(): Promise<void>
}

const mostEvents = 500
const fewestEvents = 100 // also when there is no room at all: the other channels' events are among them
const longestPauseMs = 20
const mostOfAGroup = 50
const mostNeedyOfAGroup = 20

export function createFinding(ctx: Context, delivering: Delivering, stop: AbortSignal): Finding {
  const { attempts } = delivering
  const handoffBell = createDoorbell()
  const queueBell = createDoorbell()
  let lastChannels: ReadonlySet<CarriedChannel> = new Set()

  async function batchSize(): Promise<number> {
    const short = [...lastChannels].filter((channel) => !delivering.hasRoom(channel))
    if (short.length > 0) await delivering.roomBell.wait(longestPauseMs, stop)
    const room = Math.min(mostEvents, ...[...lastChannels].map(attempts.free))
    return Math.max(fewestEvents, room)
  }

  const onFree = () => queueBell.ring()
  const apart = createApart(ctx, { find: findNow, onFree })
  // Most of the time these wait for others, so there may be more of them; but not all for one workspace.
  const fetching = createApart(ctx, { find: findNow, onFree, most: 32, mostOfOne: 4 })

  async function findFor(events: ClaimedEvent[]): Promise<boolean> {
    if (events.length === 0) return false
    const { here, groups, needy } = await bySpeed(ctx, events)
    await apart.begin(groups)
    await fetching.begin(needy)
    if (here.length > 0) await findNow(here)
    return true
  }

  async function findNow(events: ClaimedEvent[]): Promise<void> {
    const found = await fanOutSafely(ctx, events, attempts.starter)
    ctx.waits.tell()
    ctx.streams.tell()
    ctx.interest.tell()
    for (const delivery of found.begun) attempts.begin(delivery)
    for (const channel of found.waiting) delivering.expectMore(channel)
    if (found.waiting.size > 0) ctx.signals.ringOthers('belfry_deliveries')
    if (found.isPlanDue) ctx.signals.ring('belfry_plans')
    if (found.isMore) queueBell.ring()
    lastChannels = new Set([...found.begun.map(({ channel }) => channel), ...found.waiting])
  }

  return {
    handoffBell,
    queueBell,
    batchSize,
    findFor,
    handoffTurn: async () => findFor(ctx.handoff.take(await batchSize())),
    async queueTurn() {
      const limit = await batchSize()
      const now = ctx.clock.now()
      const leaseUntil = new Date(now.getTime() + fanOutLeaseMs)
      return findFor(await claimEvents(ctx.db, { limit, now, leaseUntil, reach: ctx.reach() }))
    },
    async idle() {
      await Promise.all([apart.idle(), fetching.idle()])
    },
    async handBack() {
      const { here, groups } = await bySpeed(ctx, ctx.handoff.take(Infinity))
      const events = [...here, ...groups.flat()] // nothing is fetched any more
      if (events.length === 0) return
      await fanOut(ctx, ctx.db, events, null).catch((err: unknown) =>
        ctx.log.warn(
          { err, count: events.length },
          'events could not be handed back; they will be late',
        ),
      )
    },
  }
}

type Speed = 'here' | 'slow' | 'needy'
type BySpeed = { here: ClaimedEvent[]; groups: ClaimedEvent[][]; needy: ClaimedEvent[][] }

/**
 * Those whose texts are rendered in this process, and the others, those of one template together: rendered in
 * another process, or with data that is still to be fetched.
 */
async function bySpeed(ctx: Context, events: ClaimedEvent[]): Promise<BySpeed> {
  const speeds = new Map<string, Promise<Speed>>()
  const nameOf = ({ workspaceId, type, typeVersion, message }: ClaimedEvent) =>
    `${workspaceId} ${message ? (message.template ?? '') : `${type} ${typeVersion}`}`
  for (const event of events)
    if (!speeds.has(nameOf(event))) speeds.set(nameOf(event), speedOf(ctx, event))

  const all: Record<Speed, ClaimedEvent[]> = { here: [], slow: [], needy: [] }
  for (const event of events) all[(await speeds.get(nameOf(event)))!].push(event)
  const grouped = (some: ClaimedEvent[], most: number) =>
    Object.values(Object.groupBy(some, nameOf)).flatMap((group = []) =>
      Array.from({ length: Math.ceil(group.length / most) }, (_, i) =>
        group.slice(i * most, (i + 1) * most),
      ),
    )
  return {
    here: all.here,
    groups: grouped(all.slow, mostOfAGroup),
    needy: grouped(all.needy, mostNeedyOfAGroup),
  }
}

async function speedOf(ctx: Context, event: ClaimedEvent): Promise<Speed> {
  if (await mayNeedData(ctx, event)) return 'needy'
  return (await isRenderedApart(ctx, event)) ? 'slow' : 'here'
}

/** A guess by the templates of today: the event may have begun with older ones. */
async function isRenderedApart(ctx: Context, event: ClaimedEvent): Promise<boolean> {
  const key = event.message ? event.message.template : event.type
  if (!key) return false
  const templates = await ctx.configuration.templates(event.workspaceId, key)
  return templates.some((template) => ctx.renderer.isApart(event.workspaceId, template))
}
