// Runs the work of a command on the joined system, and ends it properly on Ctrl-C, or when nobody reads
// its output any more.
import { didYouMean } from '../domain/nearest.ts'
import { join, type Joined } from '../join.ts'
import type { Db } from '../sql/db.ts'
import { findWorkspace, listWorkspaces } from '../sql/workspaces.ts'
import { configOf, type JoinOptions, type WorkspaceOptions } from './options.ts'

/**
 * `stop` is aborted by a signal, or when the reader is gone: work that waits should end by it. Either way everything is closed
 * before this returns, above all a PostgreSQL that was started for the command alone.
 */
export async function withJoined(
  options: JoinOptions,
  work: (joined: Joined, stop: AbortSignal) => Promise<void>,
): Promise<void> {
  const stopping = new AbortController()
  const stop = () => stopping.abort()
  process.once('SIGINT', stop).once('SIGTERM', stop)
  process.stdout.once('error', stop)
  try {
    await using joined = await join(configOf(options))
    await work(joined, stopping.signal)
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop)
    process.stdout.off('error', stop)
  }
}

export type JoinedWorkspace = Joined & { workspaceId: number }

/** As `withJoined`, for what is done in one workspace. */
export function withWorkspace(
  options: WorkspaceOptions,
  work: (joined: JoinedWorkspace, stop: AbortSignal) => Promise<void>,
): Promise<void> {
  return withJoined(options, async (joined, stop) => {
    const workspaceId = await workspaceIdOf(joined.ctx.db, options.workspace)
    await work({ ...joined, workspaceId }, stop)
  })
}

async function workspaceIdOf(db: Db, key: string): Promise<number> {
  const found = await findWorkspace(db, key)
  if (found) return found.id
  const known = (await listWorkspaces(db)).map((workspace) => workspace.key)
  const hint = didYouMean(key, known) || ' See: belfry workspaces list'
  throw new Error(`There is no workspace "${key}".${hint}`)
}
