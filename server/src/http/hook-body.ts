// Hooks as they are given and shown.
import { Type } from 'typebox'
import type { Context } from '../context.ts'
import {
  disabledReasons,
  type Hook,
  type HookSecrets,
  type PreviousSecret,
} from '../domain/hook.ts'
import { resultTypes } from '../domain/result.ts'
import { standardWebhookKey } from '../domain/webhook-signature.ts'
import { ApiError, type FieldError } from '../errors.ts'
import { Moment, Uuid } from './ids.ts'

const orNull = Type.Union([Moment(), Type.Null()])

const url = Type.String({
  minLength: 1,
  maxLength: 2_048,
  description: 'Where results are sent, by POST. A public address.',
})
const types = Type.Union(
  [Type.Array(Type.Enum(resultTypes), { minItems: 1, uniqueItems: true }), Type.Null()],
  { description: 'Which results; null: all.' },
)
const description = Type.String({ maxLength: 500, description: 'What it is for.' })

export const NewHookBody = Type.Object(
  {
    url,
    types: Type.Optional(types),
    description: Type.Optional(description),
    enabled: Type.Optional(Type.Boolean()),
    secret: Type.Optional(
      Type.String({
        maxLength: 128,
        description:
          'One of yours: `whsec_` and the base64 of 24 to 64 random bytes. Else one is made.',
      }),
    ),
  },
  {
    examples: [
      {
        url: 'https://example.com/belfry',
        types: ['delivery.failed', 'notification.read'],
        description: 'The order service',
      },
    ],
  },
)

export const HookChanges = Type.Object(
  {
    url: Type.Optional(url),
    types: Type.Optional(types),
    description: Type.Optional(description),
    enabled: Type.Optional(Type.Boolean()),
  },
  { examples: [{ enabled: true }, { types: null }] },
)

const hookFields = {
  id: Uuid('The hook.'),
  url: Type.String(),
  description: Type.String(),
  types,
  enabled: Type.Boolean(),
  disabled_reason: Type.Union([Type.Enum(disabledReasons), Type.Null()], {
    description:
      'gone: its receiver answered 410. failing: for five days, and ten calls or more, it took nothing. Null while ' +
      'it is enabled.',
  }),
  disabled_at: orNull,
  failing_since: Type.Union([Moment(), Type.Null()], {
    description:
      'The first call that failed after the last that did not, or after 36 hours without any. Null: all is well.',
  }),
  not_before: Type.Union([Moment(), Type.Null()], {
    description: 'It fails: before then nothing is called. Null: all is well.',
  }),
  reset_at: Type.Union([Moment(), Type.Null()], {
    description:
      'When it last began anew, since the database was restored: what was about to be told may be missing.',
  }),
  previous_secret_until: Type.Union([Moment(), Type.Null()], {
    description: 'Until when a secret of before a rotation signs, too: the last of them.',
  }),
  created_at: Moment(),
  updated_at: Moment(),
}
export const HookView = Type.Object(hookFields)
export const NewHookView = Type.Object({
  ...hookFields,
  secret: Type.String({ description: 'What signs. It is never shown again.' }),
})

export function showHook(hook: Hook, secrets: HookSecrets | null) {
  return {
    id: hook.id,
    url: hook.url,
    description: hook.description,
    types: hook.types,
    enabled: hook.isEnabled,
    disabled_reason: hook.disabledReason,
    disabled_at: hook.disabledAt?.toISOString() ?? null,
    failing_since: hook.failingSince?.toISOString() ?? null,
    not_before: hook.notBefore?.toISOString() ?? null,
    reset_at: hook.resetAt?.toISOString() ?? null,
    previous_secret_until: untilOf(secrets?.previous ?? []),
    created_at: hook.createdAt.toISOString(),
    updated_at: hook.updatedAt.toISOString(),
  }
}

function untilOf(previous: PreviousSecret[]): string | null {
  return (
    previous
      .map(({ until }) => until)
      .toSorted()
      .at(-1) ?? null
  ) // all in UTC
}

/** @throws ApiError `invalid_request` for a URL that may not be called, or a secret that is none. */
export function checkHook(
  { outgoing }: Pick<Context, 'outgoing'>,
  { url, secret }: { url?: string | undefined; secret?: string | undefined },
): void {
  const errors: FieldError[] = []
  const problem = url === undefined ? null : outgoing.problemOf(url)
  if (problem) errors.push({ pointer: '/url', detail: `${problem.detail} (${problem.code}).` })
  if (secret !== undefined && standardWebhookKey(secret) === null)
    errors.push({ pointer: '/secret', detail: 'must be whsec_ and 24 to 64 bytes in base64.' })
  if (errors.length > 0) throw new ApiError('invalid_request', { errors })
}
