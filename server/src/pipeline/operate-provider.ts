// What is done about the breaker of a provider by hand, or with its settings.
import type { Context } from '../context.ts'
import { operated, wellSince } from '../domain/provider-health.ts'
import type { Db } from '../sql/db.ts'
import { findHealthForUpdate, saveHealth } from '../sql/provider-health.ts'

/** The caller holds the provider's row, and rings when all is stored: who waits is let go by whoever hears it. */
export async function operateProvider(
  ctx: Context,
  tx: Db,
  { workspaceId, id }: { workspaceId: number; id: string },
  act: Parameters<typeof operated>[1],
): Promise<void> {
  const now = ctx.in(workspaceId).clock.now()
  const before = (await findHealthForUpdate(tx, workspaceId, id)) ?? wellSince(now)
  const after = operated(before, act, now)
  if (after !== before) await saveHealth(tx, { ...after, workspaceId, providerId: id })
}
