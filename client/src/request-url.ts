// The address of a request: values into the path, filters into the query.

export type PathValues = Record<string, string>
export type QueryValues = Record<string, string | number | boolean | Date | undefined>

/** @throws TypeError for a path value that would lead to another path. */
export function urlOf(
  base: string,
  path: string,
  values: PathValues,
  query: QueryValues = {},
): string {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => segment(name, values[name]))
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue
    search.append(name, value instanceof Date ? value.toISOString() : String(value))
  }
  const text = search.toString()
  return `${base}${filled}${text && `?${text}`}`
}

/**
 * URLs resolve `.` and `..` even when they are encoded, and an empty value asks for the whole list:
 * none of them may become a segment. The types forbid what is not a text, JavaScript does not.
 */
function segment(name: string, value: unknown): string {
  if (typeof value !== 'string' || /^\.{0,2}$/.test(value))
    throw new TypeError(
      `"${name}" must be a text other than "", "." and "..", not ${String(value)}`,
    )
  return encodeURIComponent(value)
}
