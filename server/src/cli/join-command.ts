// Runs the work of a command on the joined system, and ends it properly on Ctrl-C.
import { join, type Joined } from '../join.ts'
import { configOf, type JoinOptions } from './options.ts'

/**
 * `stop` is aborted by a signal: work that waits should end by it. Either way everything is closed
 * before this returns, above all a PostgreSQL that was started for the command alone.
 */
export async function withJoined(
  options: JoinOptions,
  work: (joined: Joined, stop: AbortSignal) => Promise<void>,
): Promise<void> {
  const stopping = new AbortController()
  const stop = () => stopping.abort()
  process.once('SIGINT', stop).once('SIGTERM', stop)
  try {
    await using joined = await join(configOf(options))
    await work(joined, stopping.signal)
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop)
  }
}
