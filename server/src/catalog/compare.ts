// Files and server beside each other, and what both were when they were last equal: which side has
// changed, and where both have.
import { fingerprintOf, type Parts } from './parts.ts'
import type { Pulled } from './pulled.ts'

/** What is different, and on which side it was changed since; `unknown`: it is not known. */
export type Difference = {
  part: string
  files: 'has' | 'lacks'
  server: 'has' | 'lacks'
  changed: 'files' | 'server' | 'both' | 'unknown'
}

export function compare(files: Parts, server: Parts, pulled: Pulled | null): Difference[] {
  const all = [...new Set([...files.keys(), ...server.keys()])].toSorted()
  return all.flatMap((part): Difference[] => {
    const [ours, theirs] = [printOf(files, part), printOf(server, part)]
    if (ours === theirs) return []
    const before = pulled?.get(part) ?? null
    const isChangedHere = ours !== before
    const isChangedThere = theirs !== before
    const changed = isChangedHere ? (isChangedThere ? 'both' : 'files') : 'server'
    return [
      {
        part,
        files: ours === null ? 'lacks' : 'has',
        server: theirs === null ? 'lacks' : 'has',
        changed: pulled === null ? 'unknown' : changed,
      },
    ]
  })
}

function printOf(parts: Parts, part: string): string | null {
  const value = parts.get(part)
  return value === undefined ? null : fingerprintOf(value)
}
