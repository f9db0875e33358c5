// The values of the headers that data sources are asked with: secrets, encrypted, bound to their event type, never
// shown. They have no versions: one that is changed holds for work in flight as well.
import { headerProblem } from './channels/webhook/headers.ts'
import type { Context } from './context.ts'
import type { DataSources } from './domain/data-source.ts'
import { pointerTo } from './domain/json-pointer.ts'
import { ApiError, type FieldError } from './errors.ts'
import { originOf } from './pipeline/data-urls.ts'
import type { Secrets } from './secrets.ts'

/** By source: its headers, and where they may be sent. */
export type DataSecrets = Record<string, { origin: string; headers: Record<string, string> }>

/** As a request gives them: null is the value that is kept. */
export type GivenHeaders = Record<string, Record<string, string | null>>

type Place = { workspaceId: number; key: string }

export function sealDataSecrets(
  secrets: Secrets,
  place: Place,
  values: DataSecrets,
): Buffer | null {
  if (Object.keys(values).length === 0) return null
  return secrets.encrypt(JSON.stringify(values), sealName(place))
}

/** None when they were encrypted with a BELFRY_SECRET that is lost. */
export function openDataSecrets(
  { secrets, log }: Pick<Context, 'secrets' | 'log'>,
  place: Place,
  sealed: Buffer | null,
): DataSecrets {
  if (sealed === null) return {}
  try {
    return JSON.parse(secrets.decrypt(sealed, sealName(place))) as DataSecrets
  } catch (err) {
    log.error({ err, eventType: place.key }, 'the headers of data sources cannot be read')
    return {}
  }
}

function sealName({ workspaceId, key }: Place): string {
  return `event_types/${workspaceId}/${key}`
}

type GivenSources = Record<string, { headers?: Record<string, string | null> }>

/** Sources as they are stored and shown, and the values apart. */
export function splitHeaders<S extends GivenSources[string]>(
  data: Record<string, S>,
): {
  sources: Record<string, Omit<S, 'headers'> & { headers?: Record<string, null> }>
  given: GivenHeaders
} {
  const sources = Object.entries(data).map(([name, { headers, ...source }]) => {
    if (!headers || Object.keys(headers).length === 0) return [name, source] as const
    const names = Object.keys(headers).map((header) => [header, null] as const)
    return [name, { ...source, headers: Object.fromEntries(names) }] as const
  })
  const given = Object.entries(data).flatMap(([name, { headers }]) =>
    headers ? [[name, headers] as const] : [],
  )
  return { sources: Object.fromEntries(sources), given: Object.fromEntries(given) }
}

export function headerProblems(data: GivenSources): FieldError[] {
  return Object.entries(data).flatMap(([name, { headers = {} }]) =>
    Object.entries(headers).flatMap(([header, value], i, all) => {
      const isTwice = all.findIndex(([other]) => isSameHeader(other, header)) < i
      const problem = isTwice ? 'it is there twice' : headerProblem(header, value ?? '')
      const pointer = `/data/${name}/headers${pointerTo([header])}`
      return problem === null ? [] : [{ pointer, detail: `cannot be sent: ${problem}.` }]
    }),
  )
}

function isSameHeader(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}

/**
 * Those that an event type has after a change.
 *
 * @throws ApiError `invalid_request` for a value that is to be kept and is not there, or was for another host.
 */
export function newDataSecrets(
  before: DataSecrets,
  sources: DataSources | undefined,
  given: GivenHeaders,
): DataSecrets {
  const errors: FieldError[] = []
  const after: DataSecrets = {}
  for (const [name, { url }] of Object.entries(sources ?? {})) {
    const wanted = Object.entries(given[name] ?? {})
    if (wanted.length === 0) continue
    const origin = originOf(url) ?? ''
    const kept = before[name]
    const headers = wanted.map(([header, value]) => {
      const known = kept?.origin === origin ? kept.headers[header] : undefined
      const pointer = `/data/${name}/headers${pointerTo([header])}`
      if (value === null && known === undefined)
        errors.push({ pointer, detail: kept ? moved : missing })
      return [header, value ?? known ?? ''] as const
    })
    after[name] = { origin, headers: Object.fromEntries(headers) }
  }
  if (errors.length > 0) throw new ApiError('invalid_request', { errors })
  return after
}

const missing = 'needs its value: there is none that could be kept.'
const moved = 'must be given again: there is no value of it for the host that the URL leads to.'
