// Changing how a channel is worked, for all workspaces and processes.
import type { Context } from '../context.ts'
import type { CarriedChannel } from '../domain/channel.ts'
import { hashOf, ofAll } from '../paces.ts'
import {
  findChannelControlForUpdate,
  updateChannelControl,
  type ChannelControl,
} from '../sql/channel-controls.ts'
import { deletePace, hurryLimited } from '../sql/paces.ts'

const batch = 5_000

/** With another limit nobody waits for the turn that the old one has given them. */
export async function controlChannel(
  ctx: Context,
  channel: CarriedChannel,
  changed: (before: ChannelControl) => ChannelControl,
): Promise<void> {
  const isOtherLimit = await ctx.db.transaction(async (tx) => {
    const before = await findChannelControlForUpdate(tx, channel)
    const after = changed(before)
    await updateChannelControl(tx, { channel, ...after })
    if (before.perSecond === after.perSecond) return false
    await deletePace(tx, ofAll, hashOf(channel))
    return true
  })
  ctx.signals.ring('belfry_channels')
  if (!isOtherLimit) return
  const hurry = { now: ctx.clock.now(), except: ctx.clocks.ids, limit: batch }
  while ((await hurryLimited(ctx.db, channel, hurry)) === batch);
  ctx.signals.ring('belfry_deliveries')
}
