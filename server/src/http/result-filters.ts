// Which results a stream tells: in a query, of a request or of a WebSocket.
import { Type, type Static } from 'typebox'
import { channels } from '../domain/channel.ts'
import { resultTypes, type ResultFilter } from '../domain/result.ts'
import { statuses } from '../domain/status.ts'
import { createChecker, refuseMisfits } from './validation.ts'

const one = `(${resultTypes.map((type) => type.replace('.', '\\.')).join('|')})`

export const resultQuery = {
  types: Type.Optional(
    Type.String({
      maxLength: 1_000,
      pattern: `^${one}(,${one})*$`,
      description: `of results, with commas between them: ${resultTypes.join(', ')}`,
    }),
  ),
  channel: Type.Optional(
    Type.Enum(channels, { description: 'Of the delivery; of a notification its first one.' }),
  ),
  status: Type.Optional(Type.Enum(statuses)),
  type: Type.Optional(
    Type.String({ minLength: 1, maxLength: 200, description: 'Of the event: order.shipped.' }),
  ),
  recipient_id: Type.Optional(Type.String({ minLength: 1, maxLength: 2_048 })),
  event_id: Type.Optional(Type.String({ format: 'uuid' })),
  last_event_id: Type.Optional(
    Type.String({ maxLength: 8_000, description: 'For those who cannot set a header.' }),
  ),
}

const ResultQuery = Type.Object(resultQuery)
type ResultWords = Static<typeof ResultQuery>
const problemsOf = createChecker(ResultQuery)

export function resultFilterOf(words: ResultWords): ResultFilter {
  return {
    types: words.types?.split(',') ?? null,
    channel: words.channel ?? null,
    status: words.status ?? null,
    type: words.type ?? null,
    recipientId: words.recipient_id ?? null,
    eventId: words.event_id ?? null,
  }
}

/** The query of a WebSocket, which no route has checked. @throws ApiError `invalid_request` */
export function readResultQuery(query: URLSearchParams): ResultWords {
  const words = Object.fromEntries(query)
  const problems = problemsOf(words)
  refuseMisfits(
    problems.map(({ pointer, detail }) => ({ pointer: `?${pointer.slice(1)}`, detail })),
  )
  return words
}
