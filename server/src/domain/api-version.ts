// The versions of the HTTP API. Each is the day of a change that old callers would notice; whoever asks
// for an older one gets the shapes of that day.

/** Newest first. */
export const apiVersions = ['2026-11-21', '2026-11-20'] as const

export type ApiVersion = (typeof apiVersions)[number]

export const newestApiVersion: ApiVersion = apiVersions[0]

const keptYears = 2

export function isApiVersion(text: unknown): text is ApiVersion {
  return apiVersions.some((version) => version === text)
}

/** Since when there is a newer one, and until when it is answered at least; null for the newest. */
export function deprecationOf(version: ApiVersion): { since: Date; until: Date } | null {
  const newer = apiVersions[apiVersions.indexOf(version) - 1]
  if (newer === undefined) return null
  const since = new Date(`${newer}T00:00:00Z`)
  const until = new Date(since)
  until.setUTCFullYear(since.getUTCFullYear() + keptYears)
  return { since, until }
}
