// The live things of one process, built once and handed down as an argument.
import type { OutgoingClient } from './channels/outgoing.ts'
import type { Config } from './config.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics.ts'
import type { Secrets } from './secrets.ts'
import type { Signals } from './signals.ts'
import type { Database } from './sql/db.ts'

export type Context = {
  config: Config
  /** This process among others: host, pid and a few random letters. */
  worker: string
  log: Log
  db: Database
  /** The database's clock: schedules never depend on what this machine thinks the time is. */
  clock: Clock
  secrets: Secrets
  /** Rings between processes: work is waiting, the configuration has changed. */
  signals: Signals
  outgoing: OutgoingClient
  metrics: Metrics
}

export type Clock = { now: () => Date }
