// Belfry as people start it: the `belfry` command in a process of its own.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { apiKey, belfryEnvironment } from './belfry.ts'
import { childrenOf } from './processes.ts'

const program = join(import.meta.dirname, '../server/bin/belfry.js')
const patienceMs = 30_000

export type Command = {
  url: string
  authorization: string
  /** Of Node and of its PostgreSQL, every process. */
  pids(): number[]
  stop(): Promise<void>
}

/** Resolves once the API answers: asked again and again, so that no output has to be understood. */
export async function startCommand(dataDir: string): Promise<Command> {
  const port = await freePort()
  const child = spawn(process.execPath, [program, 'start'], {
    env: { PATH: process.env.PATH, ...belfryEnvironment(dataDir, port) },
    stdio: 'ignore',
  })
  const url = `http://127.0.0.1:${port}`
  const until = performance.now() + patienceMs
  while (!(await answers(`${url}/health/ready`))) {
    if (child.exitCode !== null) throw new Error(`belfry start ended with ${child.exitCode}`)
    if (performance.now() > until) throw new Error('belfry start does not become ready')
    await new Promise((resolve) => setTimeout(resolve, 3))
  }
  return {
    url,
    authorization: `Bearer ${apiKey}`,
    pids() {
      const below = childrenOf(child.pid!)
      return [child.pid!, ...below, ...below.flatMap(childrenOf)]
    },
    stop: () => end(child),
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(1_000) })).ok
  } catch {
    return false // nobody listens there yet
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
