// Test workspaces whose clock stands: what this process knows of them. What is done for such a workspace is
// done at its own time and apart from everything else, by a context that is made for it.
import type { Context } from './context.ts'
import { everywhere, type Reach } from './domain/reach.ts'
import { createHandoff } from './handoff.ts'
import type { Signal, Signals } from './signals.ts'
import { listClocks, startTestClock } from './sql/clocks.ts'
import type { Db } from './sql/db.ts'

export type WorkspaceClocks = {
  /** When it is in the workspace; null: when it is everywhere. */
  at(workspaceId: number): Date | null
  /** Those whose clock stands. */
  readonly ids: readonly number[]
  /** For how many of them this process works just now; each takes a connection. */
  busy: number
  /** What others have told, or this process has moved. */
  set(workspaceId: number, at: Date): void
}

type Given = { db: Db; signals: Signals; warn: (words: string) => (error: unknown) => void }

export async function createWorkspaceClocks(given: Given): Promise<WorkspaceClocks> {
  const { db, signals, warn } = given
  const clocks = new Map<number, Date>()
  let ids: readonly number[] = []
  const set = (workspaceId: number, at: Date) => {
    const known = clocks.get(workspaceId)
    if (known && known >= at) return
    clocks.set(workspaceId, at)
    ids = [...clocks.keys()]
  }
  const read = async () => {
    for (const { id, clockAt } of await listClocks(db)) set(id, clockAt)
  }
  const onError = warn('the clocks of test workspaces could not be read')
  signals.on('belfry_clocks', () => void read().catch(onError))
  await read()
  return {
    at: (workspaceId) => clocks.get(workspaceId) ?? null,
    get ids() {
      return ids
    },
    busy: 0,
    set,
  }
}

/**
 * Makes a workspace one for tests whose clock stands, from before anything happens there.
 *
 * @throws Error when something has: everything that waits there would happen as soon as the clock is moved.
 */
export async function keepForTests(ctx: Context, workspaceId: number): Promise<void> {
  const at = await startTestClock(ctx.db, workspaceId, ctx.clock.now())
  if (at === null)
    throw new Error(
      'This database has been used for other than tests: its clock cannot be moved. Give tests a new one: ' +
        "createBelfry({ isTest: true, dataDir: await mkdtemp(join(tmpdir(), 'belfry-')) })",
    )
  ctx.clocks.set(workspaceId, at)
  ctx.signals.ringOthers('belfry_clocks')
}

export function reachOf({ ids }: WorkspaceClocks): Reach {
  return ids.length === 0 ? everywhere : { workspaceIds: ids, isOnly: false }
}

const isWork: ReadonlySet<Signal> = new Set(['belfry_events', 'belfry_deliveries', 'belfry_hooks'])

/** The context for work of one workspace: another one only where a clock stands. */
export function contextIn(ctx: Context, workspaceId: number): Context {
  const { clocks } = ctx
  if (clocks.at(workspaceId) === null) return ctx
  const { signals } = ctx
  const now = () => new Date(clocks.at(workspaceId)!)
  return {
    ...ctx,
    clock: { now },
    reach: () => ({ workspaceIds: [workspaceId], isOnly: true }),
    // Whoever works for the workspace, and nobody else.
    signals: {
      ...signals,
      ring: (signal) => signals.ring(isWork.has(signal) ? 'belfry_clocks' : signal),
    },
    handoff: createHandoff(), // nobody takes: what is due waits in the queue
    in: () => contextIn(ctx, workspaceId),
  }
}
