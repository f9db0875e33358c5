// What a message says about not getting through: other channels, and rounds of all of it.
import { Type, type Static } from 'typebox'
import { goesWithAny } from '../domain/ask-check.ts'
import { mostLevels } from '../domain/asking.ts'
import { carriedChannels, channels, type Channel } from '../domain/channel.ts'
import { durationMs, durationPattern } from '../domain/duration.ts'
import type { FieldError } from '../errors.ts'
import { Answerers } from './event-type-body.ts'
import { Id } from './ids.ts'
import { refuseMisfits } from './validation.ts'

const Duration = (description: string) =>
  Type.Optional(Type.String({ pattern: durationPattern, description }))

export const ifItFails = {
  fallback_channels: Type.Optional(
    Type.Union(
      [Type.Array(Type.Enum(channels), { minItems: 1, uniqueItems: true }), Type.Literal('others')],
      {
        description:
          'Tried one after the other, each only when all before it have failed. "others": every other channel that ' +
          'goes out, for whatever address there is.',
      },
    ),
  ),
  fallback_after: Duration(
    'How long each channel has. Left out: until it has failed; one that may have taken the message is waited for.',
  ),
  max_retries: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 10,
      description:
        'How often all of it is tried again, for the people it failed for. With it, or with `fallback_channels`, ' +
        'one failure of a channel is enough for the next to be tried.',
    }),
  ),
  retry_delay: Duration('The pause before that; 15s unless said otherwise.'),
}

export const mustAnswer = {
  acknowledge: Type.Optional(
    Type.Object(
      {
        within: Type.String({
          pattern: durationPattern,
          description:
            'How long each channel has for an answer; then the next of `fallback_channels` is tried.',
        }),
        by: Answerers,
        escalate_to: Type.Optional(
          Type.Array(
            Type.Union([
              Id('A subscriber.'),
              Type.Object({ topic: Id('The members of a topic.') }),
            ]),
            {
              minItems: 1,
              maxItems: mostLevels,
              description:
                'Whom to ask when nobody has answered and the channels are used up: one after the other, on the same ' +
                'channels. A topic asks several at once.',
            },
          ),
        ),
      },
      {
        description:
          'Somebody has to answer: by the link in the message, in the inbox, or over the API. An answer stops ' +
          'everything else.',
      },
    ),
  ),
}

type IfItFails = { [Name in keyof typeof ifItFails]?: Static<(typeof ifItFails)[Name]> }
type Words = IfItFails & { acknowledge?: Static<typeof mustAnswer.acknowledge> }

const longestMs = 31 * 86_400_000

/** The channels after `asked`. @throws ApiError `invalid_request` when it does not fit together. */
export function readFallback(
  asked: readonly Channel[],
  words: Words,
): { fallback_channels?: Channel[] } {
  const { fallback_channels: given, fallback_after: after, max_retries: retries } = words
  const errors: FieldError[] = []
  const others = carriedChannels.filter((channel) => !asked.includes(channel))
  const fallback = given === 'others' ? others : given
  if (given === 'others' && others.length === 0)
    errors.push({
      pointer: '/fallback_channels',
      detail: 'leaves no other channel: all are asked for.',
    })
  for (const [i, channel] of (given === 'others' ? [] : (given ?? [])).entries())
    if (asked.includes(channel))
      errors.push({
        pointer: `/fallback_channels/${i}`,
        detail: `${channel} is tried before: it is among the channels.`,
      })
  if (words.retry_delay !== undefined && !retries)
    errors.push({ pointer: '/retry_delay', detail: 'goes with max_retries.' })
  errors.push(...misfitsOf(words))
  if (after !== undefined && given === undefined && !retries)
    errors.push({
      pointer: '/fallback_after',
      detail: 'goes with fallback_channels or max_retries.',
    })
  for (const name of ['fallback_after', 'retry_delay'] as const) {
    const text = words[name]
    if (text !== undefined && durationMs(text) > longestMs)
      errors.push({ pointer: `/${name}`, detail: 'may be at most 31d.' })
  }
  refuseMisfits(errors)
  return fallback ? { fallback_channels: [...fallback] } : {}
}

function misfitsOf({ acknowledge, fallback_after: after }: Words): FieldError[] {
  if (!acknowledge) return []
  const errors: FieldError[] = []
  if (after !== undefined)
    errors.push({
      pointer: '/fallback_after',
      detail: 'is said by acknowledge.within: how long each channel has for an answer.',
    })
  if (durationMs(acknowledge.within) > longestMs)
    errors.push({ pointer: '/acknowledge/within', detail: 'may be at most 31d.' })
  if (acknowledge.by === 'each' && acknowledge.escalate_to)
    errors.push({ pointer: '/acknowledge/escalate_to', detail: goesWithAny })
  return errors
}
