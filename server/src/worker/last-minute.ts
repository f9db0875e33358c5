// How often something has happened in the last minute, to the second.

export type LastMinute = {
  count(): void
  readonly total: number
}

const seconds = 60

export function createLastMinute(now: () => number = () => performance.now()): LastMinute {
  const counts = new Array<number>(seconds).fill(0)
  let at = Math.floor(now() / 1_000)

  /** Empties the seconds that have begun since. */
  function goOn(): void {
    const second = Math.floor(now() / 1_000)
    const passed = Math.min(second - at, seconds)
    for (let i = 1; i <= passed; i++) counts[(at + i) % seconds] = 0
    at = second
  }

  return {
    count() {
      goOn()
      counts[at % seconds]! += 1
    },
    get total() {
      goOn()
      return counts.reduce((sum, count) => sum + count, 0)
    },
  }
}
