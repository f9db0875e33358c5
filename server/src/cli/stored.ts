// What `send` and `trigger` say once their message is on disk.
import { notify } from '../sql/signals.ts'
import { Failed } from './failure.ts'
import type { JoinedWorkspace } from './join-command.ts'
import { outcomeJson, outcomeLine, waitForOutcomes, type Waited } from './outcomes.ts'
import { print, printJson, say } from './output.ts'

export type Stored = { eventId: string; notificationIds?: string[] }
export type StoredOptions = { wait?: boolean; json?: boolean }

const longestWaitMs = 30_000
const terminalWaitMs = 5_000

export const waitMeaning =
  `wait until it has ended, ${longestWaitMs / 1_000} s at most; exit 1 unless it has, ` +
  'somebody was reached, and no channel failed'

/** Prints the ids, wakes the workers, and tells the outcome when asked to, or in a terminal. */
export async function tellStored(
  { ctx, workspaceId, hasServer }: JoinedWorkspace,
  { eventId, notificationIds }: Stored,
  { wait = false, json = false }: StoredOptions,
  stop: AbortSignal,
): Promise<void> {
  await notify(ctx.db, notificationIds ? 'belfry_deliveries' : 'belfry_events')
  if (!json) for (const id of notificationIds ?? [eventId]) print(id)
  const ids = { event_id: eventId, ...(notificationIds && { notification_ids: notificationIds }) }
  if (hasServer === false) {
    if (json) printJson({ ...ids, has_server: false })
    say('Stored. No Belfry is running here; it is delivered when one starts: belfry start')
    if (wait) throw new Failed()
    return
  }

  const isWaiting = wait || (process.stdout.isTTY && !json)
  if (!isWaiting) return json ? printJson(ids) : undefined
  const timeoutMs = wait ? longestWaitMs : terminalWaitMs
  const waited = await waitForOutcomes(ctx, { workspaceId, eventId }, { timeoutMs, stop })
  if (json)
    printJson({ ...ids, is_over: waited.isOver, outcomes: waited.outcomes.map(outcomeJson) })
  else for (const outcome of waited.outcomes) print(outcomeLine(outcome))
  sayRest(waited, timeoutMs)
  const isBad = waited.error !== null || waited.hasFailed
  const isMissed = wait && !(waited.isOver && waited.isReached)
  if (isBad || isMissed) throw new Failed(stop.aborted ? 130 : 1)
}

function sayRest({ outcomes, isOver, error }: Waited, timeoutMs: number): void {
  if (error !== null) say(`It went wrong: ${error}`)
  else if (isOver && outcomes.length === 0) say('Nobody was to be told: the audience is empty.')
  else if (!isOver)
    say(
      `Not delivered within ${timeoutMs / 1_000} s; that goes on. Is a worker running? belfry doctor`,
    )
}
