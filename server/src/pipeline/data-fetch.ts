// Asking data sources: one request each, through the one way out, with a deadline, a bound on what comes back,
// and never too many at once for one workspace. Answers that may be used again are kept in memory.
import { hash } from 'node:crypto'
import type { Context } from '../context.ts'
import { mostAnswerBytes, usualTimeoutMs } from '../domain/data-source.ts'
import type { DataSource } from '../domain/data-source.ts'
import { durationMs } from '../domain/duration.ts'
import { readServiceJson } from '../domain/service-json.ts'
import { createAnswerCache } from './data-cache.ts'
import { createPlaces } from './places.ts'

export type Asked = {
  workspaceId: number
  source: DataSource
  url: string
  headers: Record<string, string>
}

/** `because` goes on from the name of the source. */
export type Fetched =
  | { kind: 'fetched' | 'cached'; value: unknown; because: string }
  | { kind: 'retry'; because: string; retryAfterMs?: number } // could work later
  | { kind: 'failed'; because: string }

export type DataFetch = {
  /** Never throws for what the service does: that is a `Fetched`. */
  ask(asked: Asked): Promise<Fetched>
}

export type DataFetchOptions = Pick<Context, 'outgoing' | 'metrics'> & {
  /** By the clock of the workspace. */
  now: (workspaceId: number) => Date
  longestWaitMs?: number
}

const mostAtOnce = 16 // of one workspace
const longestWaitMs = 30_000 // for a place among them

export function createDataFetch(options: DataFetchOptions): DataFetch {
  const { now, metrics, longestWaitMs: mostMs = longestWaitMs } = options
  const cache = createAnswerCache()
  const underWay = new Map<string, Promise<Fetched>>()
  const places = createPlaces(mostAtOnce)

  async function fetchNow(asked: Asked): Promise<Fetched> {
    const { workspaceId, url } = asked
    const fetched = await places.take(workspaceId, AbortSignal.timeout(mostMs), async () => {
      const startedMs = performance.now()
      try {
        return await request(options, asked, startedMs)
      } finally {
        metrics.dataSourceDuration.observe((performance.now() - startedMs) / 1_000)
      }
    })
    if (fetched !== null) return fetched
    const why = `the workspace had ${mostAtOnce} other questions under way for ${mostMs} ms`
    return { kind: 'retry', because: `could not be fetched from ${hostOf(url)}: ${why}` }
  }

  /** Who asks for the same at the same time gets the same answer, where it may be used again anyway. */
  async function askOrRemember(asked: Asked): Promise<Fetched> {
    const { workspaceId, source, url, headers } = asked
    if (source.cache === undefined) return fetchNow(asked)
    const name = hash('sha256', JSON.stringify([workspaceId, url, headers]))
    const found = cache.get(name, { now: now(workspaceId), maxAgeMs: durationMs(source.cache) })
    if (found) return { kind: 'cached', ...found }
    const other = underWay.get(name)
    if (other) return other
    const fetching = fetchNow(asked).finally(() => underWay.delete(name))
    underWay.set(name, fetching)
    const fetched = await fetching
    if (fetched.kind === 'fetched') {
      const because = `came from the cache; it was fetched from ${hostOf(url)} at ${now(workspaceId).toISOString()}`
      cache.set(name, { value: fetched.value, because, at: now(workspaceId) })
    }
    return fetched
  }

  return {
    async ask(asked) {
      const fetched = await askOrRemember(asked)
      metrics.dataSourceRequests.inc({ outcome: fetched.kind })
      return fetched
    },
  }
}

export function hostOf(url: string): string {
  return URL.parse(url)?.host ?? 'nowhere'
}

async function request(
  { outgoing }: Pick<DataFetchOptions, 'outgoing'>,
  { source, url, headers }: Asked,
  startedMs: number,
): Promise<Fetched> {
  const timeoutMs = source.timeout === undefined ? usualTimeoutMs : durationMs(source.timeout)
  const answer = await outgoing.request({
    method: 'GET',
    url,
    headers: { accept: 'application/json', 'accept-encoding': 'identity', ...headers },
    signal: AbortSignal.timeout(timeoutMs),
    maxResponseBytes: mostAnswerBytes,
  })
  const ms = Math.round(performance.now() - startedMs)
  const failed = (kind: 'retry' | 'failed', what: string) => {
    return { kind, because: `could not be fetched from ${hostOf(url)}: ${what}, after ${ms} ms` }
  }
  if (answer.kind !== 'answered')
    return failed(isHopeless(answer.code) ? 'failed' : 'retry', answer.detail)
  const { status, body, isComplete } = answer
  if (passing(status)) {
    const seconds = Number(answer.headers['retry-after'])
    return {
      ...failed('retry', `HTTP ${status}`),
      ...(seconds > 0 && { retryAfterMs: seconds * 1_000 }),
    }
  }
  if (status < 200 || status > 299) return failed('failed', `HTTP ${status}`)
  const isTooLong = !isComplete && Buffer.byteLength(body) >= mostAnswerBytes
  if (isTooLong) return failed('failed', `its answer has more than ${mostAnswerBytes} bytes`)
  if (!isComplete) return failed('retry', 'its answer broke off, or did not end in time')
  const encoding = answer.headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity')
    return failed('failed', 'its answer is compressed, though that was not asked for')
  try {
    const value = readServiceJson(body)
    return { kind: 'fetched', value, because: `was fetched from ${hostOf(url)} in ${ms} ms` }
  } catch (error) {
    return failed('failed', `its answer ${(error as Error).message}`)
  }
}

function passing(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || status >= 500
}

// What is asked is at fault, and would be again.
const hopeless: ReadonlySet<string> = new Set([
  'blocked_address',
  'invalid_request',
  'invalid_url',
  'url_not_allowed',
  'url_port',
  'url_scheme',
])

function isHopeless(code: string): boolean {
  return hopeless.has(code)
}
