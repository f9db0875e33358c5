// What the texts of an event read from data sources: all of them asked at once, before the first text is
// written, and the same for everybody who is written to at that time.
import { randomUUID } from 'node:crypto'
import type { Channel } from '../domain/channel.ts'
import type { DataNote, DataSource, DataSources, EventData } from '../domain/data-source.ts'
import type { Event } from '../domain/event.ts'
import { scopeOf } from './content.ts'
import { createAnswerCache } from './data-cache.ts'
import { createDataFetch, type DataFetchOptions, type Fetched } from './data-fetch.ts'
import { compileUrl } from './data-urls.ts'
import type { CompiledTemplate, Scope } from './render.ts'

export type DataWanted = {
  event: DataEvent
  workspace: Scope['workspace'] | null
  /** The event type whose sources they are. */
  eventType: string
  sources: DataSources
  /** At which moment in the life of the event: what is fetched at another one is fetched anew. */
  moment: string
}

export type DataEvent = Pick<Event, 'workspaceId' | 'id' | 'type' | 'params' | 'createdAt'>

export type Gathered = {
  data: EventData
  /** A required source has failed in a way that may pass. */
  isPassing: boolean
  retryAfterMs: number | undefined
}

export type EventDataDesk = { gather(wanted: DataWanted): Promise<Gathered> }

/** The headers that a source is asked with at this URL. */
export type DataHeaders = (source: {
  workspaceId: number
  eventType: string
  name: string
  url: string
}) => Promise<Record<string, string>>

// People of a large event are found chunk by chunk: all of them are to read the same.
const sameMs = 60_000

export function createEventData(
  options: DataFetchOptions & { headersFor: DataHeaders },
): EventDataDesk {
  const { now } = options
  const { ask } = createDataFetch(options)
  const recent = createAnswerCache({ mostAnswers: 1_000 })

  async function askFor(wanted: DataWanted, name: string, source: DataSource): Promise<Fetched> {
    const { event, workspace, eventType } = wanted
    const { workspaceId } = event
    let url: string
    try {
      const { params, ...rest } = scopeOf(event, workspace)
      url = compileUrl(source.url)({ ...params, params, ...rest })
    } catch (error) {
      return { kind: 'failed', because: `could not be fetched: ${(error as Error).message}` }
    }
    const headers = await options.headersFor({ workspaceId, eventType, name, url })
    return ask({ workspaceId, source, url, headers })
  }

  return {
    async gather(wanted) {
      const { event, sources, moment } = wanted
      const names = Object.keys(sources)
      const known = `${event.workspaceId} ${event.id} ${moment} ${names.join()}`
      const found = recent.get(known, { now: now(event.workspaceId), maxAgeMs: sameMs })
      if (found)
        return { data: found.value as EventData, isPassing: false, retryAfterMs: undefined }
      const answers = await Promise.all(
        names.map(async (name) => ({
          name,
          source: sources[name]!,
          fetched: await askFor(wanted, name, sources[name]!),
        })),
      )
      const gathered = gather(answers, now(event.workspaceId))
      if (Object.keys(gathered.data.failed).length === 0)
        recent.set(known, {
          value: { ...gathered.data, notes: [] }, // they are told once
          because: '',
          at: now(event.workspaceId),
        })
      return gathered
    },
  }
}

type Answered = { name: string; source: DataSource; fetched: Fetched }

function gather(answers: Answered[], at: Date): Gathered {
  const data: EventData = { id: randomUUID(), values: {}, failed: {}, notes: [] }
  const waits: number[] = []
  let isPassing = false
  for (const answer of answers) {
    const { name, source, fetched } = answer
    data.notes.push(noteOf(answer, at))
    if ('value' in fetched) data.values[name] = fetched.value
    else if (source.required) {
      data.failed[name] = `${name} ${fetched.because}`
      if (fetched.kind !== 'retry') continue
      isPassing = true
      if (fetched.retryAfterMs !== undefined) waits.push(fetched.retryAfterMs)
    }
  }
  // One that fails for good decides for all of them.
  const isHopeless = answers.some(
    ({ source, fetched }) => source.required && fetched.kind === 'failed',
  )
  const retryAfterMs = waits.length > 0 ? Math.max(...waits) : undefined
  return { data, isPassing: isPassing && !isHopeless, retryAfterMs }
}

function noteOf({ name, source, fetched }: Answered, at: Date): DataNote {
  const because = `${name} ${fetched.because}`
  if ('value' in fetched) return { at, decision: `${name} ${fetched.kind}`, because }
  if (source.required)
    return { at, decision: `${name} failed`, because: `${because}; it is required` }
  return { at, decision: `${name} absent`, because: `${because}; it is not required, and left out` }
}

/** Those that texts on these channels may read. */
export function sourcesRead(
  { data = {} }: { data?: DataSources },
  templates: Pick<CompiledTemplate, 'channel' | 'readsSource'>[],
  channels: readonly Channel[],
): DataSources {
  const reading = templates.filter(({ channel }) => channels.includes(channel))
  const read = Object.entries(data).filter(([name]) =>
    reading.some(({ readsSource }) => readsSource(name)),
  )
  return Object.fromEntries(read)
}

/** The first required source that failed and that this template reads, in words; null: it can be written. */
export function missingFor(
  template: Pick<CompiledTemplate, 'readsSource'>,
  data: EventData | undefined,
): string | null {
  const [, why] =
    Object.entries(data?.failed ?? {}).find(([name]) => template.readsSource(name)) ?? []
  return why ?? null
}
