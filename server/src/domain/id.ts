// Ids are UUIDv7: what was made later sorts later.

/** Before every id made at `time` or after it, and after every id made earlier. */
export function firstIdAt(time: Date): string {
  const hex = Math.max(0, time.getTime()).toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`
}

/** When an id was made, in milliseconds since 1970, by the clock of the machine that made it. */
export function timeOfId(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)
}

/** The ids between which the shared texts of an event lie, and hardly any other: see `contents`. */
export function sharedTextIds(eventId: string): { from: string; to: string } {
  const begin = `${eventId.slice(0, 13)}-8${eventId.slice(15, 18)}`
  return { from: `${begin}-0000-000000000000`, to: `${begin}-ffff-ffffffffffff` }
}
