// The private directory of PostgreSQL's socket: the only way in, open to one account.
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, chown, lstat, mkdir, realpath, rmdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { canReach, type Account } from './account.ts'
import { card } from './card.ts'

const maxSocketPathBytes = 100 // the system allows 104 to 108

const socketFile = '.s.PGSQL.5432'

/**
 * Makes the socket directory of the cluster at `clusterDir`, mode 0700, and answers its path. `known`:
 * where others look for it already.
 */
export async function makeSocketDirectory(
  clusterDir: string,
  account: Account,
  known?: string,
): Promise<string> {
  const path = known ?? (await placeFor(clusterDir, account))
  await mkdir(path, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  // In a public place somebody else may have made it first, and could answer in our stead.
  const found = await lstat(path)
  const isOurs = found.uid === account.uid || found.uid === process.getuid?.()
  if (!found.isDirectory() || !isOurs) {
    throw card(`${path} is needed for PostgreSQL's socket, but belongs to someone else.`, [
      'Delete it.',
      'Set XDG_RUNTIME_DIR or TMPDIR to a directory of your own.',
    ])
  }
  await chmod(path, 0o700)
  if (account.isOther) await chown(path, account.uid, account.gid)
  return path
}

export async function removeSocketDirectory(path: string): Promise<void> {
  await rmdir(path).catch(() => undefined) // not empty or gone: nothing depends on it
}

async function placeFor(clusterDir: string, account: Account): Promise<string> {
  const mark = createHash('sha256')
    .update(await realpath(clusterDir))
    .digest('hex')
    .slice(0, 8)
  return join(await shortPlace(account), `belfry-${mark}`)
}

async function shortPlace(account: Account): Promise<string> {
  const { XDG_RUNTIME_DIR: runtime } = process.env
  const places = [...(runtime ? [runtime] : []), tmpdir(), '/tmp']
  for (const place of places) {
    if (!existsSync(place)) continue
    const real = await realpath(place)
    const bytes = Buffer.byteLength(join(real, 'belfry-01234567', socketFile))
    if (bytes <= maxSocketPathBytes && canReach(real, account)) return real
  }
  throw card("There is no directory for PostgreSQL's socket.", ['Set TMPDIR to a short path.'])
}
