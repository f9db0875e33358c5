// What a process is busy with on each channel: attempts under way, and those that ended in the last minute.
import { carriedChannels, type CarriedChannel } from '../domain/channel.ts'
import type { ChannelLoad } from '../sql/workers.ts'

export type Loads = {
  begun(channel: CarriedChannel): void
  /** `isAttempt`: somebody was called. */
  ended(channel: CarriedChannel, isAttempt: boolean): void
  of(channel: CarriedChannel): ChannelLoad
}

const seconds = 60

export function createLoads(concurrencyOf: (channel: CarriedChannel) => number): Loads {
  const loads = new Map(
    carriedChannels.map((channel) => [channel, { busy: 0, ended: new LastMinute() }]),
  )
  return {
    begun: (channel) => void (loads.get(channel)!.busy += 1),
    ended(channel, isAttempt) {
      const load = loads.get(channel)!
      load.busy -= 1
      if (isAttempt) load.ended.count()
    },
    of(channel) {
      const { busy, ended } = loads.get(channel)!
      return { channel, busy, places: concurrencyOf(channel), ended: ended.total }
    },
  }
}

/** Counts to the second. */
class LastMinute {
  readonly #counts = Array.from({ length: seconds }, () => 0)
  #at = secondsNow()

  count(): void {
    this.#goOn()
    this.#counts[this.#at % seconds]! += 1
  }

  get total(): number {
    this.#goOn()
    return this.#counts.reduce((sum, count) => sum + count, 0)
  }

  /** Empties the seconds that have begun since. */
  #goOn(): void {
    const now = secondsNow()
    const passed = Math.min(now - this.#at, seconds)
    for (let i = 1; i <= passed; i++) this.#counts[(this.#at + i) % seconds] = 0
    this.#at = now
  }
}

function secondsNow(): number {
  return Math.floor(performance.now() / 1_000)
}
