// The worker loop: take what is due, do it, repeat until told to stop.
import type { Doorbell } from './doorbell.ts'

export type LoopOptions = {
  /** Takes what is due and there is room for. True: more may be waiting, come again at once. */
  turn: () => Promise<boolean>
  doorbell: Doorbell // rung when something is queued or room has become free
  pollMs: number // longest sleep, in case a ring is lost
  stop: AbortSignal
  onError: (error: unknown) => void
}

/** Resolves after `stop`, once the turn under way is over. A turn that fails is tried again later. */
export async function workLoop({
  turn,
  doorbell,
  pollMs,
  stop,
  onError,
}: LoopOptions): Promise<void> {
  while (!stop.aborted) {
    let isMore = false
    try {
      isMore = await turn()
    } catch (error) {
      onError(error)
    }
    if (!isMore) await doorbell.wait(pollMs, stop)
  }
}
