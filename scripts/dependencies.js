// Installs the dependencies when they are missing or are not those of package-lock.json, and does
// nothing else. Plain JavaScript for Node 20: the Node 26 that runs everything else is one of them.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/[\\/]$/, '')
const isWindows = process.platform === 'win32'

/**
 * Leaves `node_modules` as package-lock.json describes it; silent when it already is.
 *
 * @throws Error with a sentence for the user when that cannot be done.
 */
export async function prepare() {
  // `npm start` needs no tools, so an installation made with --omit=dev is left as it is.
  const withTools = process.env.npm_lifecycle_event !== 'prestart'

  if (missingPackages(root, withTools).length > 0) {
    await oneAtATime(async () => {
      if (missingPackages(root, withTools).length > 0) await install(withTools)
    })
  }
  assertNode()
}

/**
 * The packages of package-lock.json that are not installed in that version. Optional ones, which
 * depend on the platform, are not looked at. Reads two files and tests that each package is there.
 */
export function missingPackages(directory, withTools) {
  const wanted = readPackages(path.join(directory, 'package-lock.json'))
  // npm writes this file last, so an installation that was interrupted has none.
  const installedFile = path.join(directory, 'node_modules/.package-lock.json')
  if (!existsSync(installedFile)) return Object.keys(wanted).filter((name) => name !== '')
  const installed = readPackages(installedFile)

  return Object.entries(wanted)
    .filter(([name, entry]) => {
      if (!name.includes('node_modules/')) return false // the workspaces themselves
      return !entry.optional && !entry.devOptional && (withTools || !entry.dev)
    })
    .filter(([name, entry]) => {
      const found = installed[name]
      const isSame = found?.version === entry.version && found?.integrity === entry.integrity
      return !isSame || !existsSync(path.join(directory, name, 'package.json'))
    })
    .map(([name]) => name)
}

function readPackages(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages
}

async function install(withTools) {
  const startedAt = performance.now()
  console.log('Installing dependencies (first run, about a minute)…')
  const code = await npm([
    'ci',
    '--include=optional',
    ...(withTools ? ['--include=dev'] : []),
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ])
  if (code !== 0) {
    throw new Error('`npm ci` failed, so nothing was started. Run it by hand to see more.')
  }
  console.log(`Installed in ${((performance.now() - startedAt) / 1000).toFixed(1)} s.`)
}

/** The exit code of npm; what it reports on success stays unseen, its errors are shown. */
function npm(args) {
  const script = process.env.npm_execpath
  const isNpm = script !== undefined && path.basename(script) === 'npm-cli.js'
  const [command, commandArgs] = isNpm ? [process.execPath, [script, ...args]] : ['npm', args]
  return new Promise((resolve, reject) => {
    const child = spawn(command, commandArgs, {
      cwd: root,
      stdio: ['ignore', 'ignore', 'inherit'],
      shell: isWindows && !isNpm, // npm is a .cmd file there
    })
    child.on('error', (cause) => reject(new Error('npm could not be started.', { cause })))
    child.on('exit', (code) => resolve(code ?? 1))
  })
}

/**
 * Runs `work` while no other process does so for this checkout: `npm ci` begins by deleting
 * node_modules, so two at once break each other. The lock names its process and dies with it.
 */
async function oneAtATime(work) {
  const hash = createHash('sha256').update(root).digest('hex').slice(0, 16)
  const lock = path.join(tmpdir(), `belfry-install-${hash}`)
  for (let isAnnounced = false; !take(lock); isAnnounced = true) {
    if (!isAnnounced) console.log('Waiting for another run that is installing the dependencies…')
    await sleep(200)
  }

  const release = () => rmSync(lock, { force: true })
  process.on('exit', release)
  try {
    await work()
  } finally {
    process.off('exit', release)
    release()
  }
}

function take(lock) {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
  }
  const owner = readOwner(lock)
  if (owner === undefined || isRunning(owner)) return false
  rmSync(lock, { force: true })
  return take(lock)
}

/** The process id in the lock; undefined when its owner has not written it yet or is gone. */
function readOwner(lock) {
  try {
    return Number(readFileSync(lock, 'utf8')) || undefined
  } catch {
    return undefined
  }
}

function isRunning(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

function assertNode() {
  const bundled = path.join(root, 'node_modules/.bin', isWindows ? 'node.cmd' : 'node')
  if (existsSync(bundled) || Number(process.versions.node.split('.')[0]) >= 26) return
  throw new Error(
    `No Node 26 comes along for ${process.platform}-${process.arch}: ` +
      `Belfry needs Node 26 or newer on the PATH there; this is ${process.version}.`,
  )
}
