// Keeps the cluster's PostgreSQL running for as long as its owner runs.
//
//   adopted ─┐
//            ├→ running ── ended by itself ──→ started again (recovery included) → running
//   started ─┘     └────── stop ─────────────→ gone
import { setTimeout as delay } from 'node:timers/promises'
import { card, useAnotherDatabase } from './card.ts'
import { findPostmaster, forgetReusedPid } from './postmaster.ts'
import { startPostmaster, stopPostmaster } from './postmaster.ts'
import type { Postmaster, ServerPlan } from './postmaster.ts'
import { isRunning } from './processes.ts'

const lockPatienceMs = 15_000 // for a postmaster that is still shutting down
const watchMs = 1_000
const longestPauseMs = 30_000

type Running = { postmaster: Postmaster; isAdopted: boolean; ended: Promise<void> }

export class Supervisor {
  readonly #plan: ServerPlan
  readonly #onNote: (text: string) => void
  readonly #stopping = new AbortController()
  #running: Running
  #watch: Promise<void>

  private constructor(plan: ServerPlan, running: Running, onNote: (text: string) => void) {
    this.#plan = plan
    this.#onNote = onNote
    this.#running = running
    this.#watch = this.#keepRunning()
  }

  /** Takes over the cluster's PostgreSQL if it runs, else starts it. */
  static async start(plan: ServerPlan, onNote: (text: string) => void): Promise<Supervisor> {
    return new Supervisor(plan, await startOrAdopt(plan), onNote)
  }

  get postmaster(): Postmaster {
    return this.#running.postmaster
  }

  /** Whether the PostgreSQL was running before us. */
  get isAdopted(): boolean {
    return this.#running.isAdopted
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#watch
    await stopPostmaster(this.postmaster)
  }

  async #keepRunning(): Promise<void> {
    const { signal } = this.#stopping
    const stopped = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true })
    })
    for (;;) {
      await Promise.race([this.#running.ended, stopped])
      if (signal.aborted) return
      this.#onNote(`PostgreSQL (pid ${this.postmaster.pid}) ended by itself; starting it again`)
      await this.#revive()
    }
  }

  async #revive(): Promise<void> {
    const { signal } = this.#stopping
    for (let pauseMs = 500; !signal.aborted; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
      try {
        this.#running = await startOrAdopt(this.#plan)
        this.#onNote(`PostgreSQL runs again (pid ${this.postmaster.pid})`)
        return
      } catch (error) {
        if (signal.aborted) return
        this.#onNote(`PostgreSQL did not start: ${String(error)}`)
      }
      await delay(pauseMs, undefined, { signal, ref: false }).catch(() => undefined)
    }
  }
}

/** @throws an error with PostgreSQL's own words, or a card when another process is in the way. */
async function startOrAdopt(plan: ServerPlan): Promise<Running> {
  const until = performance.now() + lockPatienceMs
  let started: Promise<void> | null = null
  let words = ''
  for (;;) {
    const answer = await findPostmaster(plan.clusterDir)
    if (answer.kind === 'answers') {
      const { postmaster } = answer
      return { postmaster, isAdopted: started === null, ended: started ?? endOf(postmaster) }
    }
    if (performance.now() > until) throw inTheWay(plan, answer, words)

    const start = await startPostmaster(plan)
    if (start.kind === 'failed') {
      throw new Error(`PostgreSQL did not start on ${plan.clusterDir}:\n${start.reason}`)
    }
    if (start.kind === 'ready') {
      started = start.ended
      continue
    }
    words = start.reason
    await forgetReusedPid(plan.clusterDir)
    await delay(50)
  }
}

/** For a process that is not our child: the system tells nobody but its parent of its end. */
function endOf(postmaster: Postmaster): Promise<void> {
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      if (isRunning(postmaster)) return
      clearInterval(timer)
      resolve()
    }, watchMs).unref()
  })
}

function inTheWay(
  { clusterDir }: ServerPlan,
  { pid, reason }: { pid: number | null; reason: string },
  words: string,
): Error {
  const problem = `The database in ${clusterDir} seems to be in use: ${reason}.\n${words}`
  return card(problem, [
    ...(pid === null ? [] : [`If process ${pid} is a PostgreSQL left behind: kill -INT ${pid}`]),
    'If no process uses it, not even in another container, delete postmaster.pid in it.',
    useAnotherDatabase,
  ])
}
