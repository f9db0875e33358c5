// Which system account PostgreSQL runs as. It refuses root, which is the normal account in
// containers, so root hands it to an existing account; no account is ever created.
import { readFileSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { userInfo } from 'node:os'
import { card, useAnotherDatabase } from './card.ts'

export type Account = {
  name: string
  uid: number
  gid: number
  isOther: boolean // another account than ours: processes must be started as it
}

type Ids = { uid: number; gid: number }

/**
 * The account for PostgreSQL: our own, or for root `postgres`, else `nobody`.
 * A cluster that exists stays with the account it belongs to.
 *
 * @throws a card when that account cannot be used from here.
 */
export function chooseAccount(clusterOwner: Ids | null): Account {
  const own = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
  if (own.uid !== 0) return ownAccount(own, clusterOwner)

  const accounts = readAccounts()
  if (clusterOwner && clusterOwner.uid !== 0) {
    const name = accounts.find((account) => account.uid === clusterOwner.uid)?.name
    const { uid, gid } = clusterOwner
    return { name: name ?? String(uid), uid, gid, isOther: true }
  }
  for (const name of ['postgres', 'nobody']) {
    const account = accounts.find((candidate) => candidate.name === name)
    if (account && account.uid !== 0) return { ...account, isOther: true }
  }
  throw card('PostgreSQL refuses to run as root, and there is no user "postgres" or "nobody".', [
    'Run Belfry as an ordinary user.',
    useAnotherDatabase,
  ])
}

/** What child_process.spawn needs to start something as `account`. */
export function spawnIds({ uid, gid, isOther }: Account): Partial<Ids> {
  return isOther ? { uid, gid } : {}
}

/** Whether `account` may pass through the directory `path` and everything above it. */
export function canReach(path: string, account: Account): boolean {
  const { uid, gid, mode } = statSync(path)
  // Started without supplementary groups, so its own group is the only one that counts.
  const shift = uid === account.uid ? 6 : gid === account.gid ? 3 : 0
  if (((mode >> shift) & 1) === 0) return false
  const parent = dirname(path)
  return parent === path || canReach(parent, account)
}

/** initdb looks its user up by name: an id without a name cannot create a cluster. */
export function assertNamed(): void {
  try {
    userInfo()
  } catch {
    throw card(`User id ${process.getuid?.()} has no name here, and initdb needs one.`, [
      useAnotherDatabase,
      'Add the user to /etc/passwd (in a container: `RUN useradd --uid …`, then `USER …`).',
      'Run the container as root: Belfry then runs PostgreSQL as "postgres" or "nobody".',
    ])
  }
}

function ownAccount(own: Ids, clusterOwner: Ids | null): Account {
  if (clusterOwner && clusterOwner.uid !== own.uid) {
    throw card(`The database belongs to user id ${clusterOwner.uid}, and this is ${own.uid}.`, [
      'Run Belfry as the user who started it first, or as root.',
      'Use another data directory.',
      useAnotherDatabase,
    ])
  }
  return { name: String(own.uid), ...own, isOther: false }
}

function readAccounts(): (Ids & { name: string })[] {
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n')
  return lines.map((line) => {
    const [name = '', , uid, gid] = line.split(':')
    return { name, uid: Number(uid), gid: Number(gid) }
  })
}
