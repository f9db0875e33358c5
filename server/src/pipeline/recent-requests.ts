// What sources got lately, for whoever connects a sender: kept in memory for a second, then written in
// bulk, so that a flood of bad requests costs one statement a second. What is lost with a process is
// lost: nothing depends on it.
import type { Context } from '../context.ts'
import { credentialHeaders, type SourceAuth } from '../domain/source.ts'
import { deleteAllButNewest, insertSourceRequests } from '../sql/source-requests.ts'
import type { NewSourceRequest, SourceRequest } from '../sql/source-requests.ts'

export type SeenRequest = Omit<SourceRequest, 'id' | 'body' | 'bodyBytes'> & {
  workspaceId: number
  key: string // of the source
  auth: SourceAuth
  body: Buffer
}

export type RecentRequests = {
  /** Never waits and never throws. */
  add(seen: SeenRequest): void
  /** Writes what is in memory. */
  flush(): Promise<void>
}

/** Of each source so many refused ones, and so many others: nobody can push those out with bad ones. */
const mostPerSource = 100
const flushAfterMs = 1_000
const longestBody = 8_192
const longestValue = 500
const mostValues = 100

export function createRecentRequests({ db, log }: Pick<Context, 'db' | 'log'>): RecentRequests {
  let waiting = new Map<string, NewSourceRequest[]>()
  let count = 0
  let timer: NodeJS.Timeout | null = null
  let writing = Promise.resolve()

  async function write(rows: NewSourceRequest[]): Promise<void> {
    const sources = new Map(rows.map((row) => [`${row.workspaceId} ${row.source}`, row]))
    try {
      await insertSourceRequests(db, rows)
      for (const { workspaceId, source } of sources.values())
        await deleteAllButNewest(db, { workspaceId, source, limit: mostPerSource })
    } catch (error) {
      log.warn({ err: error, count: rows.length }, 'the last requests of sources could not be kept')
    }
  }

  function flush(): Promise<void> {
    if (timer) clearTimeout(timer)
    timer = null
    const rows = [...waiting.values()].flat()
    waiting = new Map()
    count = 0
    if (rows.length > 0) writing = writing.then(() => write(rows))
    return writing
  }

  return {
    flush,
    add(seen) {
      const group = `${seen.workspaceId} ${seen.key} ${seen.outcome === 'refused'}`
      const rows = waiting.get(group) ?? []
      rows.push({ ...rowOf(seen), place: ++count })
      if (rows.length > mostPerSource) rows.shift()
      waiting.set(group, rows)
      timer ??= setTimeout(() => void flush(), flushAfterMs).unref()
    },
  }
}

function rowOf(seen: SeenRequest): Omit<NewSourceRequest, 'place'> {
  const { key, auth, headers, query, body, ...rest } = seen
  const { workspaceId, receivedAt, outcome, status, problem, eventId } = rest
  return {
    workspaceId,
    source: key,
    receivedAt,
    outcome,
    status,
    problem,
    eventId,
    headers: shown(headers, credentialHeaders(auth)),
    query: shown(query, []),
    body: storable(body.subarray(0, longestBody).toString('utf8')),
    bodyBytes: body.length,
  }
}

const secretName = /token|secret|signature|hmac|passw|api-?key|authoriz|credential|cookie|^sig$/i

/** Cut to a size that can be kept, and without what proves who somebody is. */
function shown(values: Record<string, unknown>, credentials: string[]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values)
      .slice(0, mostValues)
      .map(([name, value]) => {
        const isSecret = credentials.includes(name) || secretName.test(name)
        return [
          storable(name),
          isSecret ? '[redacted]' : storable(String(value)).slice(0, longestValue),
        ]
      }),
  )
}

/** PostgreSQL takes neither a zero byte nor half a character. */
function storable(text: string): string {
  return text.replaceAll('\0', '\uFFFD').toWellFormed()
}
