// How a process is, by when it was last heard of.

export const workerStatuses = ['working', 'stopping', 'silent'] as const
export type WorkerStatus = (typeof workerStatuses)[number]

/** Who has been silent for so long is not there any more, or is stuck. */
const silentAfterMs = 15_000

export function workerStatus(
  { isStopping, seenAt }: { isStopping: boolean; seenAt: Date },
  now: Date,
): WorkerStatus {
  if (now.getTime() - seenAt.getTime() > silentAfterMs) return 'silent'
  return isStopping ? 'stopping' : 'working'
}
