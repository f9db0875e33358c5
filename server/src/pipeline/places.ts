// How many may be at something at once, of each workspace; the others wait for their turn.

export type Places = {
  take<T>(workspaceId: number, work: () => Promise<T>): Promise<T>
}

export function createPlaces(mostOfOne: number): Places {
  const taken = new Map<number, { count: number; waiting: (() => void)[] }>()
  return {
    async take(workspaceId, work) {
      const own = taken.getOrInsertComputed(workspaceId, () => ({ count: 0, waiting: [] }))
      if (own.count >= mostOfOne) await new Promise<void>((begin) => own.waiting.push(begin))
      else own.count++
      try {
        return await work()
      } finally {
        const next = own.waiting.shift() // takes the place over
        if (next) next()
        else if (--own.count === 0) taken.delete(workspaceId)
      }
    },
  }
}
