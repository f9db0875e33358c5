// `belfry tail`: prints what becomes of notifications as they finish, until Ctrl-C.
import { setTimeout as delay } from 'node:timers/promises'
import { Command } from 'commander'
import { listLostEventsSince, listNotificationIdsSince, listOutcomes } from '../sql/outcomes.ts'
import type { Database } from '../sql/db.ts'
import { withWorkspace } from './join-command.ts'
import { examples, withWorkspaceOptions, type WorkspaceOptions } from './options.ts'
import { outcomeJson, outcomeLine } from './outcomes.ts'
import { print, printJson, say, styled } from './output.ts'

const lookEveryMs = 250
// Ids tell when they were made, not when their transaction ended: look this far behind again.
const overlapMs = 10_000
const pageSize = 1_000
// Of those scheduled for later, as many are watched.
const mostOpen = 5_000

export function tailCommand(): Command {
  const tail = new Command('tail')
    .description('Follow what is delivered, as it happens. Ctrl-C ends.')
    .addHelpText(
      'after',
      examples('belfry tail', 'belfry tail --json | jq \'select(.status=="failed")\''),
    )
    .action(tailOutcomes)
  return withWorkspaceOptions(tail)
}

async function tailOutcomes(options: WorkspaceOptions): Promise<void> {
  await withWorkspace(options, async ({ ctx, workspaceId, hasServer }, stop) => {
    if (hasServer === false)
      throw new Error('No Belfry is running here: nothing will happen. Run: belfry start')
    say('Waiting for notifications; Ctrl-C ends.')
    const follower = createFollower(ctx.db, workspaceId, ctx.clock.now().getTime())
    while (!stop.aborted) {
      await follower.look(ctx.clock.now().getTime(), options.json ?? false)
      await delay(lookEveryMs, undefined, { signal: stop }).catch(() => {})
    }
  })
}

function createFollower(db: Database, workspaceId: number, startedAtMs: number) {
  const open = new Set<string>()
  const told = new Set<string>()

  async function tellFinished(json: boolean): Promise<void> {
    for (const outcome of await listOutcomes(db, workspaceId, [...open])) {
      if (!outcome.isFinished) continue
      open.delete(outcome.id)
      if (json) printJson(outcomeJson(outcome))
      else print(outcomeLine(outcome))
    }
  }

  async function tellLost(from: string, json: boolean): Promise<void> {
    const lost = await listLostEventsSince(db, { workspaceId, from, limit: pageSize })
    for (const { id, type, status, error } of lost.filter((event) => !told.has(event.id))) {
      told.add(id)
      if (json) printJson({ event_id: id, type, status, error })
      else
        print(`${styled('dim', id)} ${type ?? 'message'}: ${styled('red', '✗')} ${error ?? status}`)
    }
  }

  return {
    async look(nowMs: number, json: boolean): Promise<void> {
      let from = firstIdAt(Math.max(startedAtMs, nowMs - overlapMs))
      forget(told, from)
      await tellLost(from, json)
      for (;;) {
        const ids = await listNotificationIdsSince(db, { workspaceId, from, limit: pageSize })
        for (const id of ids.filter((id) => !told.has(id))) {
          told.add(id)
          if (open.size < mostOpen) open.add(id)
        }
        await tellFinished(json)
        if (ids.length < pageSize) return
        from = ids.at(-1)!
      }
    },
  }
}

/** The smallest UUIDv7 of a millisecond. */
function firstIdAt(ms: number): string {
  const time = ms.toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000`
}

function forget(ids: Set<string>, before: string): void {
  for (const id of ids) if (id < before) ids.delete(id)
}
