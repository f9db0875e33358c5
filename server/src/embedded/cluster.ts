// The database cluster on disk: made once, whole or not at all, and never made again over another.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, chown, lchown, mkdir, open, readdir, readFile } from 'node:fs/promises'
import { rename, rm, rmdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { assertNamed, spawnIds, type Account } from './account.ts'
import type { Binaries } from './binaries.ts'
import { card, useAnotherDatabase } from './card.ts'

export const superuser = 'belfry'
export const database = 'belfry'

/**
 * The major version of the cluster in `directory`; null when there is none yet.
 *
 * @throws a card when something else is there.
 */
export async function clusterMajor(directory: string): Promise<number | null> {
  if (!existsSync(directory)) return null
  const entries = await readdir(directory)
  if (entries.length === 0) return null
  if (entries.includes('PG_VERSION')) {
    return Number.parseInt(await readFile(join(directory, 'PG_VERSION'), 'utf8'), 10)
  }
  throw card(`${directory} holds files that are no PostgreSQL database. Nothing was changed.`, [
    'Move them away if they do not belong there.',
    'Use another data directory.',
    useAnotherDatabase,
  ])
}

/** Who a cluster belongs to; null when there is none. */
export async function clusterOwner(
  directory: string,
): Promise<{ uid: number; gid: number } | null> {
  if (!existsSync(join(directory, 'PG_VERSION'))) return null
  const { uid, gid } = await stat(directory)
  return { uid, gid }
}

/**
 * Makes the cluster, with our empty database in it, beside its place and then renames it there: an
 * interrupted start leaves no half cluster. On disk once this resolves. Ask only as the owner.
 */
export async function createCluster(
  directory: string,
  binaries: Binaries,
  account: Account,
): Promise<void> {
  if (!account.isOther) assertNamed()
  // What an interrupted start left was never in use: nothing goes by this name after the rename.
  // Its initdb may still be at it for a moment.
  const patiently = { recursive: true, force: true, maxRetries: 20, retryDelay: 50 }
  const home = dirname(directory)
  for (const entry of await readdir(home)) {
    if (entry.startsWith(`${basename(directory)}.new-`)) await rm(join(home, entry), patiently)
  }

  const draft = `${directory}.new-${process.pid}`
  await mkdir(draft, { mode: 0o700 })
  if (account.isOther) await chown(draft, account.uid, account.gid)
  try {
    await fill(draft, binaries, account)
  } catch (error) {
    await rm(draft, { recursive: true })
    const { stderr = '' } = error as { stderr?: string } // set by execFile
    throw new Error(`PostgreSQL could not create ${directory}: ${stderr.trim()}`, { cause: error })
  }
  if (existsSync(directory)) await rmdir(directory) // refuses one that is not empty
  await rename(draft, directory)
  await syncDirectory(home)
}

/** Hands a cluster that belongs to root, say from a restored backup, to the account that runs it. */
export async function handOver(directory: string, account: Account): Promise<void> {
  const { uid } = await stat(directory)
  if (uid !== 0 || !account.isOther) return
  const entries = await readdir(directory, { recursive: true })
  for (const entry of entries) await lchown(join(directory, entry), account.uid, account.gid)
  // Last, so that an interrupted hand-over is seen and done again.
  await chmod(directory, 0o700)
  await chown(directory, account.uid, account.gid)
}

/** Nothing is synced until everything is written: one pass costs less than a sync at each step. */
async function fill(directory: string, binaries: Binaries, account: Account): Promise<void> {
  // The built-in provider sorts the same on every system; older versions do not have it.
  const systemLocale = process.platform === 'darwin' ? 'C' : 'C.UTF-8'
  const locale =
    binaries.major >= 17
      ? ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
      : [`--locale=${systemLocale}`]
  const options = {
    cwd: '/', // ours may be closed to the account
    env: { PATH: '/usr/bin:/bin', TZ: 'UTC', LC_ALL: 'C', ...binaries.env },
    ...spawnIds(account),
  }
  const run = (program: string, args: string[], input = '') => {
    const running = promisify(execFile)(join(binaries.directory, program), args, options)
    running.child.stdin?.end(input)
    return running
  }
  const where = `--pgdata=${directory}`
  const access = ['--auth-local=trust', '--auth-host=reject'] // the socket's directory is private
  const content = [`--username=${superuser}`, '--encoding=UTF8', ...locale]
  await run('initdb', [where, '--no-sync', ...access, ...content])

  const unsynced = ['-c', 'fsync=off', '-c', 'exit_on_error=on', '-D', directory]
  const create = `create database ${database} strategy file_copy\n`
  await run('postgres', ['--single', ...unsynced, 'template1'], create)
  await run('initdb', [where, '--sync-only'])
}

async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
