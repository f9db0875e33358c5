// Belfry's data directory, and the place of the database cluster in it.
import { createHash, randomBytes } from 'node:crypto'
import { chmod, lstat, mkdir, readdir, readlink, realpath, stat } from 'node:fs/promises'
import { symlink, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { canReach, type Account } from './account.ts'
import { card, useAnotherDatabase } from './card.ts'

export type ClusterPlace = {
  directory: string // absolute; its parent exists
  isMoved: boolean // not inside the data directory
}

const readme = `This directory belongs to Belfry.

- postgres      the database; a link if it lives elsewhere
- postgres.log  what PostgreSQL had to say
- owner.json    which Belfry process is running here

Deleting the whole directory while Belfry is stopped resets everything: data, keys and settings.
`

/** Creates the directory if needed, explains it, and answers its real path. */
export async function prepareDataDirectory(dataDir: string): Promise<string> {
  // Another account may have to pass through: root's directory can be entered, but not listed.
  const mode = process.getuid?.() === 0 ? 0o711 : 0o700
  await mkdir(dirname(resolve(dataDir)), { recursive: true })
  await mkdir(dataDir, { mode }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  const path = await realpath(dataDir)

  // In a directory of somebody else's, git must not be told to ignore everything.
  const entries = await readdir(path)
  const isOurs = basename(path) === '.belfry' || entries.length === 0
  if (!isOurs) return path
  const { mode: found, uid } = await stat(path)
  if (uid === process.getuid?.()) await chmod(path, (found & 0o777) | mode)
  await writeOnce(join(path, '.gitignore'), '*\n')
  await writeOnce(join(path, 'README'), readme)
  return path
}

/** Where the cluster of `dataDir` is, or would be; null when nothing is there yet. */
export async function findCluster(dataDir: string): Promise<string | null> {
  const wanted = join(dataDir, 'postgres')
  const found = await lstat(wanted).catch(nullIfAbsent)
  if (found === null) return null
  return found.isSymbolicLink() ? resolve(dataDir, await readlink(wanted)) : wanted
}

/**
 * Where the cluster goes: into the data directory, or, if `account` cannot get there, below
 * `fallbackDir` with a link to it. The place is named at random and found by the link alone, so that
 * deleting the data directory begins anew there too.
 */
export async function placeCluster(
  dataDir: string,
  account: Account,
  fallbackDir: string,
): Promise<ClusterPlace> {
  const wanted = join(dataDir, 'postgres')
  const found = await findCluster(dataDir)
  if (found !== null && found !== wanted) return movedPlace(found, account)
  if (canReach(dataDir, account)) return { directory: wanted, isMoved: false }
  if (found !== null) throw unreachable(wanted, account)

  const name = createHash('sha256').update(dataDir).digest('hex').slice(0, 8)
  const home = join(fallbackDir, `${name}-${randomBytes(3).toString('hex')}`)
  await makeReachable(fallbackDir)
  await makeReachable(home)
  if (!canReach(home, account)) throw unreachable(home, account)
  await symlink(join(home, 'postgres'), wanted)
  return { directory: join(home, 'postgres'), isMoved: true }
}

/** Makes a directory that every account may pass through, whatever our umask. */
export async function makeReachable(path: string): Promise<void> {
  const made = await mkdir(path, { recursive: true })
  if (made !== undefined) await chmod(path, 0o755)
}

async function movedPlace(directory: string, account: Account): Promise<ClusterPlace> {
  const home = dirname(directory)
  const exists = (await stat(home).catch(nullIfAbsent)) !== null
  if (!exists || !canReach(home, account)) throw unreachable(directory, account)
  return { directory, isMoved: true }
}

function unreachable(path: string, account: Account): Error {
  return card(`PostgreSQL, as user "${account.name}", cannot get to ${path}.`, [
    'Make it and every directory above it passable for that user (chmod o+x).',
    'Use another data directory.',
    useAnotherDatabase,
  ])
}

async function writeOnce(path: string, text: string): Promise<void> {
  await writeFile(path, text, { flag: 'wx', mode: 0o644 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
}

function nullIfAbsent(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null
  throw error
}
