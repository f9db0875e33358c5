// Small caches over the database for what every request needs: keys, event types, templates,
// providers. A change clears them in every process within milliseconds (see signals.ts); the age
// limit is the net below that.

export type Cache<V> = {
  get(key: string): Promise<V>
  forget(key: string): void
  clear(): void
}

export type CacheOptions<V> = {
  load: (key: string) => Promise<V>
  maxAgeMs?: number
  maxEntries?: number
}

/** Concurrent gets of one key share one load. A load that fails is not remembered. */
export function createCache<V>({
  load,
  maxAgeMs = 5_000,
  maxEntries = 10_000,
}: CacheOptions<V>): Cache<V> {
  const entries = new Map<string, { value: Promise<V>; staleAt: number }>()

  return {
    get(key) {
      const now = performance.now()
      const entry = entries.get(key)
      if (entry && entry.staleAt > now) return entry.value

      if (entries.size >= maxEntries) entries.delete(entries.keys().next().value!)
      const value = load(key)
      const fresh = { value, staleAt: now + maxAgeMs }
      entries.set(key, fresh)
      value.catch(() => entries.get(key) === fresh && entries.delete(key))
      return value
    },
    forget: (key) => void entries.delete(key),
    clear: () => entries.clear(),
  }
}
