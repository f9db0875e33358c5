// A real Belfry process for stories that kill it. Started by process.ts, which hands it its options
// and hears from it over IPC. Its clock may run ahead or faster, so that leases end while one waits.
import { loadConfig } from '../src/config.ts'
import { createLog } from '../src/log.ts'
import { startSystem } from '../src/system.ts'
import { armFaults } from './faults.ts'
import type { ProcessOptions, Said } from './process.ts'

const options = JSON.parse(process.argv[2]!) as ProcessOptions
const {
  databaseUrl,
  dataDir,
  apiKey,
  secret,
  aheadMs = 0,
  fast = null,
  faults = [],
  graceMs,
} = options

const log = createLog({
  level: 'warn',
  isTerminal: false,
  write: (line) => process.send!({ kind: 'log', line: JSON.parse(line) } satisfies Said),
})
const system = await startSystem({
  config: loadConfig(
    {
      databaseUrl,
      ...(dataDir !== undefined && { dataDir }),
      apiKey,
      secret,
      port: 0,
      allowPrivateAddresses: ['127.0.0.1/32'],
    },
    {},
  ),
  log,
  onNote: (note) => log.warn({ note }, 'news of the database'),
  roles: options.roles ?? ['api', 'worker', 'scheduler'],
  worker: { pollMs: 50, sweepMs: 50, ...options.worker },
  clock: {
    now: () => {
      const now = Date.now()
      return new Date(fast ? fast.since + (now - fast.since) * fast.times : now + aheadMs)
    },
  },
})
armFaults(faults)
process.send!({ kind: 'ready', url: system.url } satisfies Said)

process.once('SIGTERM', () => {
  void system.close(graceMs).then(() => {
    process.disconnect!()
    process.exitCode = 0
  })
})
// Nobody is left to end it: do not stay behind.
process.once('disconnect', () => setTimeout(() => process.exit(1), 30_000).unref())
