// A process that stays: starts, says so, and at a signal lets what has begun come to its end.
import { setTimeout as delay } from 'node:timers/promises'
import type { Config } from '../config.ts'
import { createLog } from '../log.ts'
import { startSystem, type System, type SystemOptions } from '../system.ts'
import { portProblem } from './port.ts'
import type { Screen } from './start-screen.ts'

export type StayOptions = Pick<SystemOptions, 'roles' | 'worker'>

/** Ends the process, once a signal has come. */
export async function stay(config: Config, screen: Screen, options: StayOptions): Promise<void> {
  const { roles, worker } = options
  await checkPorts(config, roles)

  const startedAt = performance.now()
  const stop = firstSignal()
  const log = createLog({ level: config.logLevel })
  let isRunning = false
  const system = await startSystem({
    config,
    log,
    roles,
    ...(worker && { worker }),
    onStep: (text, ms) => screen.step(text, ms),
    onNote: (note) => (isRunning ? log.warn({ note }, 'news of the database') : screen.note(note)),
  })
  isRunning = true
  screen.ready(system, options, performance.now() - startedAt)
  await stop
  await drain(system, screen, performance.now() - startedAt)
}

/** Before anything is made: a first start that fails later would have shown its key to nobody. */
async function checkPorts(
  { host, port, metricsPort }: Config,
  roles: StayOptions['roles'],
): Promise<void> {
  const problem =
    (roles.includes('api') ? await portProblem(host, port) : null) ??
    (metricsPort === null ? null : await portProblem(host, metricsPort, 'BELFRY_METRICS_PORT'))
  if (problem) throw new Error(`${problem.text}\n  ${problem.fix}`)
}

/** Resolves with the first signal; while Belfry is still starting, a second one ends the process. */
function firstSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    process.once('SIGINT', resolve)
    process.once('SIGTERM', resolve)
  })
}

const graceMs = 25_000
const forcedMs = 500
const signalNumbers = { SIGINT: 2, SIGTERM: 15 } as const

async function drain(system: System, screen: Screen, ranMs: number): Promise<void> {
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.removeAllListeners(signal).once(signal, () => void force(system, screen, signal))
  screen.stopping(system.busy, graceMs)
  await system.close(graceMs)
  await screen.stopped(system, ranMs)
  // An attempt that outlives its grace must not hold the process: its lease tells what it was.
  process.exit(0)
}

/** At once, but for the moment PostgreSQL needs to hear of it. */
async function force(system: System, screen: Screen, signal: 'SIGINT' | 'SIGTERM'): Promise<void> {
  screen.forced()
  await Promise.race([system.embedded?.stop(), delay(forcedMs)])
  process.exit(128 + signalNumbers[signal])
}
