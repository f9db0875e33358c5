// Belfry in a process of its own, with the roles of the command line.
import { loadConfig } from '../../server/src/config.ts'
import { createLog } from '../../server/src/log.ts'
import { roles, startSystem, type Role } from '../../server/src/system.ts'
import { pruneAll } from '../../server/src/worker/pruning.ts'
import { serve } from './serve.ts'

const wanted = process.argv.slice(2)
const isRole = (name: string): name is Role => roles.some((role) => role === name)
const config = loadConfig()
const system = await startSystem({
  config,
  log: createLog({ level: config.logLevel }),
  roles: wanted.length > 0 ? wanted.filter(isRole) : roles,
})
process.on('SIGTERM', () => void system.close(5_000).then(() => process.exit()))
let pruning: { stop: AbortController; done: Promise<void> } | null = null
serve({
  url: () => system.url,
  connection: () => system.embedded?.connection,
  /** With --expose-gc: what is left is what is held. */
  collectGarbage: () => globalThis.gc?.(),
  startPruning() {
    const stop = new AbortController()
    pruning = { stop, done: pruneAll(system.ctx, stop.signal) }
  },
  async stopPruning() {
    pruning?.stop.abort()
    await pruning?.done
  },
})
