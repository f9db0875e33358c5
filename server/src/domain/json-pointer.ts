// JSON Pointers: how a place inside a JSON document is written. RFC 6901.

/** `/a/0/b~1c` for ['a', 0, 'b/c']; empty for the document itself. */
export function pointerTo(segments: readonly (string | number)[]): string {
  return segments
    .map((segment) => `/${String(segment).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('')
}

/** Null when the text is no pointer. */
export function pointerSegments(pointer: string): string[] | null {
  if (pointer === '') return []
  if (!pointer.startsWith('/') || /~(?![01])/.test(pointer)) return null
  return pointer
    .slice(1)
    .split('/')
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** What stands there; undefined when nothing does. */
export function valueAt(document: unknown, segments: readonly string[]): unknown {
  let value = document
  for (const segment of segments) {
    if (Array.isArray(value) && !/^(0|[1-9]\d*)$/.test(segment)) return undefined
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, segment))
      return undefined
    value = (value as Record<string, unknown>)[segment]
  }
  return value
}
