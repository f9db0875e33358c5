// A source as it is given and shown.
import { Type, type Static } from 'typebox'
import type { Source, SourceAuth, SourceDefinition } from '../domain/source.ts'
import { ApiError, type FieldError } from '../errors.ts'
import type { GivenSecrets } from '../pipeline/source-secrets.ts'
import { Id, Moment } from './ids.ts'
import { createChecker } from './validation.ts'

export const SourceKey = Type.String({
  maxLength: 100,
  pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]*$',
  description: 'letters, digits and _ . - as in github or shop.alerts',
})

const Liquid = (description: string) =>
  Type.Optional(
    Type.Union([Type.String({ minLength: 1, maxLength: 4_000 }), Type.Null()], { description }),
  )

const HeaderName = (description: string) =>
  Type.String({ maxLength: 100, pattern: '^[A-Za-z0-9!#$%&*+.^_`|~-]+$', description })

const secret = Type.String({
  minLength: 8,
  maxLength: 1_000,
  description: 'Encrypted, never shown. Left out of a change it stays as it was.',
})
const previousSecret = Type.Union([Type.String({ minLength: 8, maxLength: 1_000 }), Type.Null()], {
  description: 'also good, while the sender changes to a new secret; null removes it',
})
const header = HeaderName('hmac: where the signature stands. key: where the key stands, bare.')
const prefix = Type.String({
  maxLength: 50,
  description: 'In front of the signature: sha256=. Of a list, only what begins with it counts.',
})
const username = Type.String({ minLength: 1, maxLength: 200, pattern: '^[^:\\p{Cc}]+$' })
const signed = Type.String({
  maxLength: 200,
  description: 'What is signed: {body}, or for example {timestamp}.{body}',
})
const Timestamp = Type.Object(
  {
    header: HeaderName('Where the time of signing stands, in seconds.'),
    prefix: Type.Optional(Type.String({ maxLength: 50 })),
  },
  { description: 'With it, what was signed long ago or comes again is not taken.' },
)
const algorithm = Type.Enum(['sha256', 'sha1', 'sha512'])
const encoding = Type.Enum(['hex', 'base64'])
const kinds = ['none', 'key', 'basic', 'standard_webhooks', 'hmac'] as const

/** All fields of all kinds; which of them go with which is checked next, by name of the kind. */
const Auth = Type.Object(
  {
    kind: Type.Enum(kinds),
    header: Type.Optional(Type.Union([header, Type.Null()], { description: 'a header' })),
    username: Type.Optional(username),
    password: Type.Optional(secret),
    secret: Type.Optional(secret),
    previous_secret: Type.Optional(previousSecret),
    algorithm: Type.Optional(algorithm),
    encoding: Type.Optional(encoding),
    prefix: Type.Optional(prefix),
    signed: Type.Optional(signed),
    timestamp: Type.Optional(
      Type.Union([Timestamp, Type.Null()], { description: '{"header": …, "prefix": …} or null' }),
    ),
  },
  {
    description:
      'none · key: a Belfry key with events:write (`header`?) · basic: `username`, `password` · ' +
      'standard_webhooks: `secret` (whsec_…) · hmac: `secret`, `header`, `algorithm`? (sha256), ' +
      '`encoding`? (hex), `prefix`?, `signed`? ({body}), `timestamp`?',
  },
)

const fieldsOfKinds: Record<(typeof kinds)[number], (auth: unknown) => FieldError[]> = {
  none: createChecker(Type.Object({ kind: Type.String() })),
  key: createChecker(
    Type.Object({
      kind: Type.String(),
      header: Type.Union([header, Type.Null()], { default: null }),
    }),
  ),
  basic: createChecker(
    Type.Object({ kind: Type.String(), username, password: Type.Optional(secret) }),
  ),
  standard_webhooks: createChecker(
    Type.Object({
      kind: Type.String(),
      secret: Type.Optional(secret),
      previous_secret: Type.Optional(previousSecret),
    }),
  ),
  hmac: createChecker(
    Type.Object({
      kind: Type.String(),
      secret: Type.Optional(secret),
      previous_secret: Type.Optional(previousSecret),
      header,
      algorithm: Type.Enum(algorithm.enum, { default: 'sha256' }),
      encoding: Type.Enum(encoding.enum, { default: 'hex' }),
      prefix: Type.String({ default: '' }),
      signed: Type.String({ default: '{body}' }),
      timestamp: Type.Union([Timestamp, Type.Null()], { default: null }),
    }),
  ),
}

const To = Type.Union(
  [
    Id('A subscriber, or Liquid; a list names several.'),
    Type.Object({ topic: Id('A topic, or Liquid.') }),
    Type.Object(
      { id: Id('A subscriber given in full, Liquid in every text.') },
      { additionalProperties: true },
    ),
  ],
  { description: 'a subscriber id, {"topic": …} or {"id": …, "email": …}, each may be Liquid' },
)

const Event = Type.Object({
  type: Type.String({
    minLength: 1,
    maxLength: 1_000,
    description: 'An event type, or Liquid: github.{{ headers.x-github-event }}',
  }),
  params: Type.Optional(
    Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()], {
      description:
        'by name: a JSON Pointer into the body (/order/id), or any JSON with Liquid in its texts; ' +
        'null: the body itself',
    }),
  ),
  to: Type.Array(To, {
    maxItems: 100,
    default: [],
    description: 'Who hears about it, besides those whom the event type names.',
  }),
  when: Liquid('comes out as false or empty: there is no event, and that is fine'),
  dedupe_key: Liquid('the same key twice is the same event; kept for two days'),
  level: Liquid('standard, critical, or Liquid that comes out as one of them'),
  thread_key: Liquid('ties messages on one subject together'),
  scheduled_time: Liquid('not before this moment'),
  timezone: Liquid('where the recipients are: an IANA name'),
  expires_at: Liquid('no attempt begins at or after this moment'),
  require_audience: Type.Union([Type.Boolean(), Type.String({ maxLength: 1_000 })], {
    default: false,
    description:
      'true, or the JSON Pointer to blame: refuse what nobody would hear about at this moment',
  }),
})

export const SourceBody = Type.Object(
  {
    schema: Type.Optional(
      Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()], {
        description: 'a JSON Schema (2020-12) that bodies must fit, or null',
      }),
    ),
    auth: Auth,
    event: Event,
    response: Type.Optional(
      Type.Union(
        [
          Type.Object({
            status: Type.Optional(Type.Integer({ minimum: 200, maximum: 299 })),
            body: Type.Optional(
              Type.Unknown({ description: 'Any JSON with Liquid in its texts.' }),
            ),
          }),
          Type.Null(),
        ],
        { description: '{"status", "body"}; null: 202 with the id of the event' },
      ),
    ),
  },
  {
    examples: [
      {
        schema: {
          type: 'object',
          required: ['order', 'email'],
          properties: { order: { type: 'string' }, email: { type: 'string', format: 'email' } },
        },
        auth: { kind: 'hmac', secret: 'a long secret of the sender', header: 'X-Shop-Signature' },
        event: {
          type: 'order.shipped',
          params: { order_id: '/order' },
          to: [{ id: '{{ body.email }}', email: '{{ body.email }}' }],
          dedupe_key: '{{ body.order }}',
        },
        response: { status: 201, body: { order: '{{ body.order }}', event_id: '{{ event.id }}' } },
      },
    ],
  },
)

export const SourceView = Type.Object({
  key: Type.String(),
  path: Type.String({ description: 'Where its webhooks go.' }),
  schema: Type.Unknown(),
  auth: Type.Record(Type.String(), Type.Unknown(), { description: 'Without the secrets.' }),
  secrets: Type.Array(Type.String(), { description: 'The names of the secrets that are set.' }),
  event: Type.Record(Type.String(), Type.Unknown()),
  response: Type.Unknown(),
  created_at: Moment(),
  updated_at: Moment(),
})

/**
 * What is given, with every default in it and the secrets apart.
 *
 * @throws ApiError `invalid_request` for authentication that lacks something, or has too much.
 */
export function readSource(body: Static<typeof SourceBody>): {
  definition: SourceDefinition
  given: GivenSecrets
} {
  const { auth, given } = partAuth(body.auth)
  const { event, response } = body
  return {
    given,
    definition: {
      schema: body.schema ?? null,
      auth,
      event: {
        type: event.type,
        params: event.params ?? null,
        to: event.to,
        when: event.when ?? null,
        dedupe_key: event.dedupe_key ?? null,
        level: event.level ?? null,
        thread_key: event.thread_key ?? null,
        scheduled_time: event.scheduled_time ?? null,
        timezone: event.timezone ?? null,
        expires_at: event.expires_at ?? null,
        require_audience: event.require_audience,
      },
      response: response ? { status: response.status ?? 202, body: response.body ?? null } : null,
    },
  }
}

function partAuth(given: Static<typeof Auth>): { auth: SourceAuth; given: GivenSecrets } {
  const whole = { ...given }
  const errors = fieldsOfKinds[given.kind](whole) // and fills in the defaults
  if (errors.length > 0)
    throw new ApiError('invalid_request', {
      errors: errors.map(({ pointer, detail }) => ({ pointer: `/auth${pointer}`, detail })),
    })
  const { password, secret, previous_secret, ...auth } = whole
  const secrets = Object.entries({ password, secret, previous_secret })
  return {
    auth: {
      ...auth,
      ...(auth.timestamp && { timestamp: { prefix: '', ...auth.timestamp } }),
    } as SourceAuth, // checked just above
    given: Object.fromEntries(secrets.filter(([, value]) => value !== undefined)),
  }
}

/** `secrets`: the names of those that are set. */
export function showSource(source: Source, secrets: string[]) {
  return {
    key: source.key,
    path: webhookPath(source),
    schema: source.schema,
    auth: source.auth,
    secrets,
    event: source.event,
    response: source.response,
    created_at: source.createdAt.toISOString(),
    updated_at: source.updatedAt.toISOString(),
  }
}

export const defaultWorkspace = 'default'

/** A webhook comes without a key that would tell the workspace: its path does. */
function webhookPath({ workspace, key }: Source): string {
  return workspace === defaultWorkspace ? `/webhooks/${key}` : `/webhooks/${workspace}/${key}`
}
