// What a change of how a channel is worked means for what waits.
import type { Context } from '../context.ts'
import type { CarriedChannel } from '../domain/channel.ts'
import { hurryLimited } from '../sql/paces.ts'

const batch = 5_000

/**
 * With another limit nobody waits for the turn that the old one gave them. Every worker does it, once it has heard: what
 * it puts back from then on goes by the new one.
 */
export async function freeLimited(ctx: Context, channel: CarriedChannel): Promise<void> {
  ctx.paces.forget()
  const hurry = { now: ctx.clock.now(), except: ctx.clocks.ids, limit: batch }
  while ((await hurryLimited(ctx.db, channel, hurry)) === batch);
  ctx.signals.ring('belfry_deliveries')
}
