// Test workspaces whose clock stands: what is due there at once, such as an event just accepted, is done here. What
// waits for later is done by whoever moves the clock.
import type { Context } from '../context.ts'
import { catchUp } from '../pipeline/advance.ts'
import { createDoorbell, type Doorbell } from './doorbell.ts'

export type TestWorkspaces = { bell: Doorbell; turn(): Promise<boolean> }

export function createTestWorkspaces(ctx: Context): TestWorkspaces {
  const bell = createDoorbell()
  ctx.signals.on('belfry_clocks', () => bell.ring())
  return {
    bell,
    async turn() {
      for (const workspaceId of ctx.clocks.ids) await catchUp(ctx, workspaceId)
      return false
    },
  }
}
