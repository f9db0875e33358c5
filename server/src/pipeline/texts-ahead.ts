// The texts of a direct message that are rendered in another process, and the data they read. That may take
// seconds, so it is done outside of the transaction that stores the message.
//
// The first try stores the message as if it were all at hand, which is nearly always so. Where a text needs
// data, or another process, that try is rolled back, what is missing is made, and the next one finds it.
import { hash, randomUUIDv7 } from 'node:crypto'
import type { Context } from '../context.ts'
import type { EventData } from '../domain/data-source.ts'
import { ApiError } from '../errors.ts'
import type { DataWanted, Gathered } from './event-data.ts'
import { failure, type RenderResult } from './render-batch.ts'
import type { Renderer } from './renderer.ts'

// Who changes between two tries has a text made anew. After so many it is made in the transaction.
const mostTries = 4

/** Stays inside: the caller's transaction is rolled back by it, and then tried again. */
class TextsMissing extends Error {}

export type TextsAhead = {
  /** The same in every try: texts may name them. */
  eventId: string
  startedAt: Date
  /** Looks texts up that take long; those that are missing are wanted, and an error for now. */
  renderer: Pick<Renderer, 'render'>
  /** What data sources answered. @throws as `check`, when they are still to be asked. */
  dataFor(wanted: DataWanted): EventData
  isMissing(): boolean
  /** @throws what `withTextsAhead` waits for, when a text is missing: nothing may be stored then. */
  check(): void
}

/** Runs `store`, which opens the transaction; once more for texts that are made meanwhile. */
export async function withTextsAhead<T>(
  ctx: Context,
  store: (texts: TextsAhead) => Promise<T>,
): Promise<T> {
  const made = new Map<string, RenderResult[]>()
  const wanted = new Map<string, () => Promise<RenderResult[]>>()
  const renderer: TextsAhead['renderer'] = {
    async render(...asked) {
      const here = ctx.renderer.renderHere(...asked)
      const [workspaceId, template, scope, readers] = asked
      if (here.length === readers.length) return here
      const name = hash('sha256', JSON.stringify([workspaceId, template.unit, scope, readers]))
      const known = made.get(name)
      if (known) return known
      wanted.set(name, () => ctx.renderer.render(...asked))
      return readers.map(() => failure(new TextsMissing()))
    },
  }
  let data: EventData | null = null
  let dataWanted: DataWanted | null = null
  const texts = {
    dataFor(asked: DataWanted): EventData {
      if (data) return data
      dataWanted = asked
      throw new TextsMissing('data is to be fetched first')
    },
    eventId: randomUUIDv7(),
    startedAt: ctx.clock.now(),
    isMissing: () => wanted.size > 0,
    check() {
      if (wanted.size > 0) throw new TextsMissing('texts are to be rendered first')
    },
  }
  for (let tries = 1; tries < mostTries; tries++)
    try {
      return await store({ ...texts, renderer })
    } catch (error) {
      if (!(error instanceof TextsMissing)) throw error
      if (dataWanted) data = await dataNow(ctx, dataWanted)
      for (const [name, make] of wanted) made.set(name, await make())
      wanted.clear()
    }
  return store({ ...texts, renderer: ctx.renderer })
}

/**
 * A message is answered at once, so it cannot wait for a source that is away.
 *
 * @throws ApiError `data_source_unavailable` for what may pass, else `data_source_failed`.
 */
async function dataNow(ctx: Context, wanted: DataWanted): Promise<EventData> {
  return dataOrRefusal(await ctx.eventData.gather(wanted))
}

/** @throws ApiError as above. */
export function dataOrRefusal({ data, isPassing, retryAfterMs = 1_000 }: Gathered): EventData {
  const [why] = Object.values(data.failed)
  if (why === undefined) return data
  const detail = `The data source ${why}. Nothing was stored.`
  if (!isPassing) throw new ApiError('data_source_failed', { detail })
  const retryAfterSeconds = Math.ceil(retryAfterMs / 1_000)
  throw new ApiError('data_source_unavailable', { detail, retryAfterSeconds })
}
