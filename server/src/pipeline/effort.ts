// Work that a request may ask for in a great many small pieces, none of which can be interrupted: others
// have their turn in between, and all pieces together have one limit of time.
import { setImmediate } from 'node:timers/promises'

const sliceMs = 10
const usualMostMs = 500

export class EffortError extends Error {}

export class Effort {
  readonly #mostMs: number
  #spentMs = 0
  #sliceMs = 0
  #pause: Promise<void> | null = null

  /** One for each request. */
  constructor(mostMs = usualMostMs) {
    this.#mostMs = mostMs
  }

  /** Does a piece. @throws EffortError when the others have used up the time of all. */
  async do<T>(work: () => T): Promise<T> {
    // Again after each pause: those who waited for it come one after the other.
    while (this.#sliceMs >= sliceMs) await (this.#pause ??= this.#letOthers())
    if (this.#spentMs >= this.#mostMs)
      throw new EffortError(`more than ${this.#mostMs} ms have gone into this request`)
    const startedMs = performance.now()
    try {
      return work()
    } finally {
      const tookMs = performance.now() - startedMs
      this.#spentMs += tookMs
      this.#sliceMs += tookMs
    }
  }

  async #letOthers(): Promise<void> {
    await setImmediate()
    this.#sliceMs = 0
    this.#pause = null
  }
}
