// The PostgreSQL that comes along: one per data directory, run by the first Belfry process there,
// shared by the others, reached over a private socket only. When the first is gone, another takes its place.
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { canReach, chooseAccount, type Account } from './account.ts'
import { findBinaries, linkLibraries, type Binaries } from './binaries.ts'
import { clusterMajor, clusterOwner, createCluster, handOver } from './cluster.ts'
import { findCluster, makeReachable, placeCluster } from './data-directory.ts'
import { prepareDataDirectory, type ClusterPlace } from './data-directory.ts'
import { createGuest } from './guest.ts'
import { claimOwnership, publishUrl, readOwner, releaseOwnership, type Owner } from './owner.ts'
import { findPostmaster, type Connection, type Postmaster } from './postmaster.ts'
import { serverSettings, type Settings } from './settings.ts'
import { makeSocketDirectory, removeSocketDirectory } from './socket-directory.ts'
import { Supervisor } from './supervisor.ts'

export type EmbeddedPostgres = {
  connection: Connection // for `pg`; host is the directory of the socket
  version: string // '18.4'
  readonly isOwner: boolean // false: another live process runs this PostgreSQL, and we only connect
  readonly away: string | null // why it may not answer just now, a sentence; null: it should
  notes: string[] // what a person should know about this start, a sentence each
  setUrl(url: string): Promise<void> // tells other processes where our API answers, while we are the owner
  stop(): Promise<void> // resolves when PostgreSQL is gone; nothing if not the owner; idempotent
}

export type EmbeddedOptions = {
  dataDir: string
  settings?: Settings // PostgreSQL settings in place of ours, for tests
  owner?: { url?: string }
  onNote?: (text: string) => void // called when PostgreSQL or its owner ends, and when it runs again
  isBrief?: boolean // for commands: never takes over from an owner that is gone
  fallbackDir?: string // for root: where data and programs go that the other account cannot reach
}

const guestPatienceMs = 60_000

/**
 * Connects to the PostgreSQL of `dataDir`, creating and starting it if need be.
 *
 * @throws an error to show as it is when PostgreSQL cannot run here.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const dataDir = await prepareDataDirectory(options.dataDir)
  const until = performance.now() + guestPatienceMs
  for (;;) {
    const claim = await claimOwnership(dataDir, options.owner?.url)
    if (claim.kind === 'mine') return startAsOwner(dataDir, claim.previous, options)
    const postmaster = await findAsGuest(dataDir)
    if (postmaster) return joinAsGuest(dataDir, postmaster, claim.owner, options)
    if (performance.now() > until) {
      throw new Error(
        `Belfry (process ${claim.owner.pid}) owns ${dataDir}, but its PostgreSQL does not answer.`,
      )
    }
    await delay(20)
  }
}

async function startAsOwner(
  dataDir: string,
  previous: Owner | null,
  options: EmbeddedOptions & { socketDirectory?: string },
): Promise<EmbeddedPostgres> {
  const notes: string[] = []
  try {
    const supervisor = await supervise(dataDir, options, notes)
    const { pid, connection, version } = supervisor.postmaster
    if (supervisor.isAdopted) {
      const from = previous?.pid ? `left by pid ${previous.pid}` : `that was running (pid ${pid})`
      notes.push(`Reattached to the PostgreSQL ${from}.`)
    }
    let stopped: Promise<void> | null = null
    return {
      connection,
      version,
      isOwner: true,
      away: null,
      notes,
      setUrl: (url) => publishUrl(dataDir, url),
      stop: () => (stopped ??= stopAsOwner(dataDir, supervisor)),
    }
  } catch (error) {
    await releaseOwnership(dataDir)
    throw error
  }
}

async function supervise(
  dataDir: string,
  options: EmbeddedOptions & { socketDirectory?: string },
  notes: string[],
): Promise<Supervisor> {
  const { settings = {}, onNote = () => undefined, fallbackDir = '/var/lib/belfry' } = options
  const existing = await findCluster(dataDir)
  const major = existing === null ? null : await clusterMajor(existing)
  const found = findBinaries(major)
  const account = chooseAccount(existing === null ? null : await clusterOwner(existing))
  const place = await placeCluster(dataDir, account, fallbackDir)
  if (account.isOther) notes.push(accountNote(account, place))

  const binaries = await reachableBinaries(found, { dataDir, account, place, fallbackDir })
  if (major === null) await createCluster(place.directory, binaries, account)
  await handOver(place.directory, account)
  const socketDirectory = await makeSocketDirectory(
    place.directory,
    account,
    options.socketDirectory,
  )
  const plan = {
    clusterDir: place.directory,
    binaries,
    account,
    settings: serverSettings({ major: binaries.major, socketDirectory }, settings),
    logPath: join(dataDir, 'postgres.log'),
  }
  return Supervisor.start(plan, onNote)
}

/** The programs where `account` can run them: where they are, or copied below `fallbackDir`. */
async function reachableBinaries(
  binaries: Binaries,
  where: { dataDir: string; account: Account; place: ClusterPlace; fallbackDir: string },
): Promise<Binaries> {
  const { dataDir, account, place, fallbackDir } = where
  const isCopied = place.isMoved || !canReach(binaries.directory, account)
  if (isCopied) await makeReachable(fallbackDir)
  return linkLibraries(binaries, { home: isCopied ? fallbackDir : dataDir, copy: isCopied })
}

function accountNote(account: Account, place: ClusterPlace): string {
  const note = `Running PostgreSQL as user '${account.name}' because it refuses root`
  return place.isMoved
    ? `${note}; its data is in ${place.directory}, since that user cannot enter this directory.`
    : `${note}.`
}

async function stopAsOwner(dataDir: string, supervisor: Supervisor): Promise<void> {
  await supervisor.stop()
  await removeSocketDirectory(supervisor.postmaster.connection.host)
  await releaseOwnership(dataDir)
}

/** Null while the owner is not that far. */
async function findAsGuest(dataDir: string): Promise<Postmaster | null> {
  const cluster = await findCluster(dataDir)
  if (cluster === null) return null
  const answer = await findPostmaster(cluster)
  return answer.kind === 'answers' ? answer.postmaster : null
}

function joinAsGuest(
  dataDir: string,
  postmaster: Postmaster,
  owner: Owner,
  options: EmbeddedOptions,
): EmbeddedPostgres {
  return createGuest({
    owner,
    postmaster,
    readOwner: () => readOwner(dataDir),
    findPostmaster: () => findAsGuest(dataDir),
    onNote: options.onNote ?? (() => undefined),
    isBrief: options.isBrief ?? false,
    async takeOver() {
      // Nobody who joined a database wants an empty one in its place.
      if (!(await findCluster(dataDir))) throw new Error(`The database is gone from ${dataDir}.`)
      const claim = await claimOwnership(dataDir)
      if (claim.kind === 'taken') return null
      const socketDirectory = postmaster.connection.host
      return startAsOwner(dataDir, claim.previous, { ...options, socketDirectory })
    },
  })
}
