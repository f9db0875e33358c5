// The form of a direct message, as a request body and as what the library is given.
import { Type, type Static } from 'typebox'
import { channels } from '../domain/channel.ts'
import type { NotifyRequest } from '../pipeline/notify.ts'
import { Thread } from './event-type-body.ts'
import { ifItFails, mustAnswer, readFallback } from './fallback-body.ts'
import { ToBody, whenAndHow } from './recipients.ts'
import { createChecker, refuseMisfits } from './validation.ts'

export const MessageText = Type.String({ minLength: 1, maxLength: 20_000, pattern: '\\S' })
export const MessageSubject = Type.Optional(
  Type.String({ minLength: 1, maxLength: 998, pattern: '\\S' }),
)

export const NotifyBody = Type.Object(
  {
    to: ToBody,
    channels: Type.Array(Type.Enum(channels), { minItems: 1, uniqueItems: true }),
    message: Type.Optional(
      Type.String({ ...MessageText, description: 'The text. The same as `body`.' }),
    ),
    subject: MessageSubject,
    body: Type.Optional(MessageText),
    template: Type.Optional(
      Type.String({ maxLength: 200, description: 'The event type whose templates give the text.' }),
    ),
    thread: Type.Optional(Thread),
    params: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    ...ifItFails,
    ...mustAnswer,
    ...whenAndHow,
  },
  {
    examples: [{ to: ['ana'], channels: ['in_app', 'email'], message: 'Your order has shipped.' }],
  },
)

export type NotifyWords = Static<typeof NotifyBody>

const misfitsOf = createChecker(NotifyBody)

/** @throws ApiError `invalid_request`, as the route does. */
export function checkNotify(value: unknown): NotifyRequest {
  refuseMisfits(misfitsOf(value))
  return notifyRequestOf(value as NotifyWords) // checked just above
}

/** @throws ApiError `invalid_request` unless the text comes from exactly one place. */
export function notifyRequestOf({ message, body, ...words }: NotifyWords): NotifyRequest {
  const { fallback_channels: _given, ...rest } = words
  const count = [message, body, rest.template].filter((value) => value !== undefined).length
  if (count !== 1)
    refuseMisfits([
      { pointer: '', detail: 'needs exactly one of "message", "body" and "template"' },
    ])
  const given = message ?? body
  const fallback = readFallback(words.channels, words)
  return { ...rest, ...fallback, ...(given !== undefined && { body: given }) }
}
