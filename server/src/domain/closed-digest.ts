// What a digest that has closed still tells: its person may have muted threads since, and what comes after the
// digest in its plan may be days away.
import type { Event } from './event.ts'
import type { Preferences } from './preferences.ts'

/** `threads`: of each of its events, the first of which are `items`; null: one event, or none with a thread. */
export type ClosedDigest = { count: number; items: unknown[]; threads: (string | null)[] | null }

/**
 * What is left of it, and the thread that preferences are to be asked about: none, as long as anything of another
 * one is left.
 */
export function heardOf(
  digest: ClosedDigest | null,
  { level, threadKey }: Pick<Event, 'level' | 'threadKey'>,
  said: Preferences | null,
): { digest: ClosedDigest | null; threadKey: string | null } {
  if (!digest?.threads || level === 'critical') return { digest, threadKey }
  const { items, threads } = digest
  const isHeard = threads.map((thread) => thread === null || !said?.muted_threads?.[thread])
  const left = threads.filter((_, i) => isHeard[i])
  if (left.length === 0) return { digest, threadKey }
  const shown = items.filter((_, i) => isHeard[i])
  return { digest: { count: left.length, items: shown, threads: left }, threadKey: null }
}
