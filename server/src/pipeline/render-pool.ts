// Child processes that render what may take too long, a few of them, each busy for one workspace at a
// time and no workspace busy in two: whose templates stand still, holds up nobody else.
import { hash } from 'node:crypto'
import type { RenderBatch, RenderResult } from './render-batch.ts'
import { startRenderProcess, type RenderProcess } from './render-process.ts'

const mostProcesses = 3
const idleMs = 60_000
// After two texts that had to be stopped, or failed slowly, a template is not tried again for a while.
const mostStrikes = 2
const restMs = 60_000
const slowMs = 100
const mostRecords = 1_000

type Waiting = { workspaceId: number; begin: (process: RenderProcess) => void }

export class RenderPool {
  readonly #start: () => RenderProcess
  readonly #idle: RenderProcess[] = []
  readonly #busy = new Map<number, RenderProcess>()
  readonly #waiting: Waiting[] = []
  readonly #records = new Map<string, { strikes: number; untilMs: number }>()
  #reaper: NodeJS.Timeout | null = null

  constructor(start: () => RenderProcess = startRenderProcess) {
    this.#start = start
  }

  /** One result per reader. A text that stops a process is an error like any other. */
  async render(workspaceId: number, batch: RenderBatch): Promise<RenderResult[]> {
    const name = `${workspaceId} ${hash('sha256', JSON.stringify(batch.unit))}`
    const results: RenderResult[] = []
    const { readers } = batch
    while (results.length < readers.length && !this.#isResting(name))
      await this.#turn(workspaceId, async (process) => {
        if (this.#isResting(name)) return // since this one began to wait
        let lastMs = performance.now()
        const rest = { ...batch, readers: readers.slice(results.length) }
        const end = await process.render(rest, (result) => {
          const tookMs = performance.now() - lastMs
          lastMs = performance.now()
          if ('error' in result && tookMs > slowMs) this.#strike(name)
          results.push(result)
        })
        // The machine may have stood still: a text is stopped twice before it is given up.
        if (end !== 'done') this.#strike(name)
      })
    while (results.length < readers.length) results.push(stopped)
    return results
  }

  close(): void {
    if (this.#reaper) clearTimeout(this.#reaper)
    for (const process of [...this.#idle, ...this.#busy.values()]) process.stop()
  }

  async #turn(workspaceId: number, work: (process: RenderProcess) => Promise<void>): Promise<void> {
    const process = await new Promise<RenderProcess>((begin) => {
      this.#waiting.push({ workspaceId, begin })
      this.#pump()
    })
    try {
      await work(process)
    } finally {
      this.#busy.delete(workspaceId)
      if (process.isAlive) this.#idle.push(process)
      this.#reaper ??= setTimeout(() => this.#reap(), idleMs).unref()
      this.#pump()
    }
  }

  /** Gives free processes to those who wait, in order, but none to a workspace that has one. */
  #pump(): void {
    while (this.#busy.size < mostProcesses) {
      const next = this.#waiting.findIndex(({ workspaceId }) => !this.#busy.has(workspaceId))
      const [waiting] = next === -1 ? [] : this.#waiting.splice(next, 1)
      if (!waiting) return
      let process = this.#idle.pop()
      while (process && !process.isAlive) process = this.#idle.pop()
      process ??= this.#start()
      this.#busy.set(waiting.workspaceId, process)
      waiting.begin(process)
    }
  }

  #reap(): void {
    this.#reaper = null
    for (const process of this.#idle.splice(0)) process.stop()
  }

  #strike(name: string): void {
    const nowMs = performance.now()
    const known = this.#records.get(name)
    const strikes = known && known.untilMs > nowMs ? known.strikes + 1 : 1
    this.#records.set(name, { strikes, untilMs: nowMs + restMs })
    if (this.#records.size > mostRecords) this.#records.delete(this.#records.keys().next().value!)
  }

  #isResting(name: string): boolean {
    const known = this.#records.get(name)
    return !!known && known.strikes >= mostStrikes && known.untilMs > performance.now()
  }
}

const stopped: RenderResult = {
  error: 'it took too long or too much memory and was stopped; it is tried again after a minute',
  isLimit: true,
}
