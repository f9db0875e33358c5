// Frozen texts by id, so that the thousands who share one cost one read. They never change.
import type { Content } from '../domain/content.ts'

export type ContentCache = {
  get(id: string): Content | undefined
  /** Forgets the oldest when there are too many, or they are too large together. */
  set(id: string, content: Content): void
}

export function createContentCache({
  mostTexts = 1_000,
  mostBytes = 64 * 1_024 * 1_024,
} = {}): ContentCache {
  const texts = new Map<string, { content: Content; bytes: number }>()
  let bytes = 0

  function forget(id: string): void {
    bytes -= texts.get(id)?.bytes ?? 0
    texts.delete(id)
  }

  return {
    get: (id) => texts.get(id)?.content,
    set(id, content) {
      forget(id)
      const one = { content, bytes: 2 * JSON.stringify(content).length } // two for each character
      texts.set(id, one)
      bytes += one.bytes
      for (const oldest of texts.keys()) {
        if (texts.size <= mostTexts && bytes <= mostBytes) return
        forget(oldest)
      }
    },
  }
}
