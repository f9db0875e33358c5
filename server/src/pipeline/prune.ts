// Forgetting what has served its time, in bounded batches, so that delivery never waits for it.
import type { Context } from '../context.ts'
import { deleteOldIdempotency } from '../sql/idempotency.ts'
import { deleteOldSandboxMessages } from '../sql/sandbox.ts'

const idempotencyHours = 48 // twice what is promised
const sandboxHours = 72
const batchSize = 5_000

/** Answers how many rows went; more may be left when it is not 0. */
export async function prune(ctx: Context): Promise<number> {
  const now = ctx.clock.now().getTime()
  const before = (hours: number) => new Date(now - hours * 3_600_000)
  const answers = await deleteOldIdempotency(ctx.db, before(idempotencyHours), batchSize)
  const messages = await deleteOldSandboxMessages(ctx.db, before(sandboxHours), batchSize)
  return answers + messages
}
