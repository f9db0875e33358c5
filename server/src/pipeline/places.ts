// How many may be at something at once, of each workspace; the others wait for their turn.

export type Places = {
  /** Null: no place was free until `signal` ended the wait. */
  take<T>(workspaceId: number, signal: AbortSignal, work: () => Promise<T>): Promise<T | null>
}

type Begin = () => void

export function createPlaces(mostOfOne: number): Places {
  const taken = new Map<number, { count: number; waiting: Set<Begin> }>()
  return {
    async take(workspaceId, signal, work) {
      const own = taken.getOrInsertComputed(workspaceId, () => ({ count: 0, waiting: new Set() }))
      if (own.count < mostOfOne) own.count++
      else if (!(await waitAmong(own.waiting, signal))) return null
      try {
        return await work()
      } finally {
        const [next] = own.waiting // takes the place over
        if (next) next()
        else if (--own.count === 0) taken.delete(workspaceId)
      }
    },
  }
}

/** Whether it got a place. */
function waitAmong(waiting: Set<Begin>, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const leave = (hasPlace: boolean) => {
      waiting.delete(begin)
      signal.removeEventListener('abort', giveUp)
      resolve(hasPlace)
    }
    const begin = () => leave(true)
    const giveUp = () => leave(false)
    waiting.add(begin)
    signal.addEventListener('abort', giveUp)
  })
}
