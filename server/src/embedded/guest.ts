// Uses the PostgreSQL that another Belfry process runs, and takes the data directory over when that one is
// gone: PostgreSQL is adopted if it still runs, else started at the socket where everybody looks for it.
//
//            ┌── somebody was faster ──┐
//            ▼                         │
//   start → guest ── owner is gone → claim → owner
//            ▲                         │
//            └── it did not start ─────┘
import { setTimeout as delay } from 'node:timers/promises'
import type { EmbeddedPostgres } from './embedded.ts'
import type { Owner } from './owner.ts'
import type { Postmaster } from './postmaster.ts'

export type GuestOptions = {
  owner: Owner
  postmaster: Postmaster
  /** Null while there is none. */
  readOwner: () => Promise<Owner | null>
  /** Null while it does not answer. */
  findPostmaster: () => Promise<Postmaster | null>
  /** Null when another process has claimed the directory first. @throws when PostgreSQL does not start. */
  takeOver: () => Promise<EmbeddedPostgres | null>
  onNote: (text: string) => void
  /** It only looks in, as a command does: it ends without the owner rather than taking over. */
  isBrief: boolean
}

const watchMs = 500
const longestPauseMs = 30_000

export function createGuest(options: GuestOptions): EmbeddedPostgres {
  const { postmaster, owner, isBrief } = options
  const state: State = { owner, own: null, away: null, url: null }
  const stopping = new AbortController()
  const watching = isBrief ? Promise.resolve() : watch(options, state, stopping.signal)
  let stopped: Promise<void> | null = null
  return {
    connection: postmaster.connection,
    version: postmaster.version,
    notes: [`Using the PostgreSQL of the Belfry that runs here already (pid ${owner.pid}).`],
    get isOwner() {
      return state.own !== null
    },
    get away() {
      return state.own ? state.own.away : state.away
    },
    async setUrl(url) {
      state.url = url
      await state.own?.setUrl(url)
    },
    stop() {
      stopping.abort()
      return (stopped ??= watching.then(() => state.own?.stop()))
    },
  }
}

type State = {
  owner: Owner
  /** What runs here since it was taken over. */
  own: EmbeddedPostgres | null
  away: string | null
  url: string | null
}

async function watch(options: GuestOptions, state: State, signal: AbortSignal): Promise<void> {
  for (let pauseMs = watchMs; !signal.aborted && !state.own;) {
    await delay(pauseMs, undefined, { signal, ref: false }).catch(() => {})
    if (signal.aborted) return
    try {
      await look(options, state)
      pauseMs = watchMs
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      tell(options, state, `The database could not be taken over; it is tried again. ${reason}`)
      pauseMs = Math.min(pauseMs * 2, longestPauseMs)
    }
  }
}

async function look(options: GuestOptions, state: State): Promise<void> {
  const { owner } = state
  const found = await options.readOwner()
  if (!found) return tryToTakeOver(options, state)
  if (found.pid === owner.pid && found.startedAt === owner.startedAt) return
  const answering = await options.findPostmaster()
  if (!answering) return // it is still starting
  state.owner = found
  const { host } = answering.connection
  if (host === options.postmaster.connection.host) {
    state.away = null
    options.onNote(`Belfry with pid ${found.pid} runs the database now.`)
  } else {
    const text = `PostgreSQL is reached in ${host} now: restart this process, with the same TMPDIR.`
    tell(options, state, text)
  }
}

async function tryToTakeOver(options: GuestOptions, state: State): Promise<void> {
  const { pid } = state.owner
  if (state.away === null)
    tell(options, state, `Belfry (pid ${pid}), which ran the database, is gone; taking it over.`)
  state.own = await options.takeOver()
  if (!state.own) return
  options.onNote(`This process (pid ${process.pid}) runs the database now.`)
  if (state.url !== null) await state.own.setUrl(state.url)
}

/** The same is said once, however often it is found. */
function tell({ onNote }: GuestOptions, state: State, text: string): void {
  if (state.away !== text) onNote(text)
  state.away = text
}
