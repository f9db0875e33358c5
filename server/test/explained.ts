// What stories start from that compare an explanation with what then happens: a Belfry whose time stands still, and
// what came of an event, as an explanation tells it.
import { maskAddress } from '../src/domain/address.ts'
import { fanOutSafely } from '../src/pipeline/fan-out-safely.ts'
import { claimEvents } from '../src/sql/events.ts'
import { createLook } from './given.ts'
import { createTestContext } from './test-context.ts'

export type Explained = Awaited<ReturnType<typeof createExplained>>

export type ToldChannel = {
  channel: string
  status: string
  reason: string | null
  because: string | null
  at: string | null
  content: unknown
  address: string | null
}

export async function createExplained() {
  const belfry = await createTestContext()
  const look = createLook(belfry.connection)
  const clock = { now: new Date() }
  belfry.clock.now = () => clock.now

  return {
    belfry,
    look,
    /** Stands still until it is set. */
    clock,
    /** Finds the people of what was accepted. */
    async findPeople() {
      const leaseUntil = new Date(clock.now.getTime() + 30_000)
      const claimed = await claimEvents(belfry.ctx.db, { limit: 10, now: clock.now, leaseUntil })
      if (claimed.length > 0) await fanOutSafely(belfry.ctx, claimed, null)
    },
    /** What is stored of a notification's channels. */
    async channelsOf(notificationId: string): Promise<ToldChannel[]> {
      const deliveries = await look.rows(
        `select d.channel, d.address, d.status, d.reason, d.because, q.due_at as at, c.content
         from belfry.deliveries d left join belfry.queue q on q.delivery_id = d.id
         left join belfry.contents c on c.id = d.content_id where d.notification_id = $1`,
        [notificationId],
      )
      const inFeed = await look.rows(
        `select c.content, coalesce(n.arrived_at, n.created_at) as at from belfry.notifications n
         join belfry.contents c on c.id = n.content_id where n.id = $1`,
        [notificationId],
      )
      const same = { status: 'delivered', reason: null, because: null, address: null }
      return [...deliveries, ...inFeed.map((one) => ({ ...same, ...one, channel: 'in_app' }))].map(
        ({ channel, status, reason, because, at, content, address }) => ({
          channel,
          status,
          reason,
          because,
          at: at?.toISOString() ?? null,
          content,
          address: address && maskAddress(channel, address),
        }),
      )
    },
    async close() {
      await look.close()
      await belfry.close()
    },
  }
}

/** In an order that does not depend on when they were made. */
export function inOrder<T>(told: T[]): T[] {
  return told.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
}
