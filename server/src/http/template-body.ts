// What templates look like in requests and answers.
import { Type } from 'typebox'
import { channels, type Channel } from '../domain/channel.ts'
import { defaultLocale } from '../domain/locale.ts'
import { canonicalLocale } from '../domain/subscriber.ts'
import type { TemplateSource, TemplateVersion } from '../domain/template.ts'
import { ApiError, type FieldError } from '../errors.ts'
import type { TemplateProblem } from '../pipeline/template-check.ts'
import type { TemplateKey } from '../sql/templates.ts'
import { EventTypeKey } from './event-type-body.ts'
import { Moment } from './ids.ts'
import { createChecker } from './validation.ts'

const text = Type.String({ minLength: 1, maxLength: 65_536 })
const line = Type.String({ minLength: 1, maxLength: 1_000 })

const Card = Type.Object({ title: line, body: text, url: Type.Optional(line) })
const InApp = Type.Object({
  ...Card.properties,
  actions: Type.Optional(Type.Array(Type.Object({ label: line, url: line }), { maxItems: 2 })),
})
const Email = Type.Object({
  subject: line,
  body: text,
  text: Type.Optional(text),
  preheader: Type.Optional(line),
})
const Text = Type.Object({ body: text })
const Webhook = Type.Object({ body: Type.Unknown() })

const checkers: Record<Channel, (content: unknown) => FieldError[]> = {
  in_app: createChecker(InApp),
  push: createChecker(Card),
  email: createChecker(Email),
  sms: createChecker(Text),
  telegram: createChecker(Text),
  slack: createChecker(Text),
  discord: createChecker(Text),
  teams: createChecker(Text),
  webhook: createChecker(Webhook),
}

export const TemplateBody = Type.Object(
  {},
  {
    additionalProperties: true,
    description:
      'in_app: `title`, `body`, `url`?, `actions`? (up to two, each a `label` and a `url`) · push: `title`, ' +
      '`body`, `url`? · email: `subject`, `body` (Markdown, or HTML if it begins ' +
      'with <), `text`?, `preheader`? · webhook: `body`, any JSON with Liquid in its texts · others: `body`.',
    examples: [
      {
        subject: 'Order {{ order_id }} is on its way',
        body: 'Hello **{{ subscriber.data.name }}**!',
      },
    ],
  },
)

export const Warnings = Type.Array(Type.Object({ pointer: Type.String(), detail: Type.String() }), {
  description: 'What does not look right, although it is no reason to refuse it.',
})

const OrNull = (description: string) =>
  Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()], { description })

export const TemplateView = Type.Object({
  event_type: Type.String(),
  channel: Type.String(),
  locale: Type.String(),
  version: Type.Integer({ description: 'Grows by one with each change.' }),
  content: OrNull('Null: this version ended the template.'),
  author: Type.String({ description: 'The name of the key that made this version.' }),
  created_at: Moment('When this version was made.'),
  warnings: Type.Optional(Warnings),
})

export const TemplateParams = {
  event_type: EventTypeKey,
  channel: Type.Enum(channels),
  locale: Type.String({
    minLength: 1,
    maxLength: 100,
    description: 'A BCP 47 tag such as pt-BR, or `default`.',
  }),
}
export const templatePath = '/templates/:event_type/:channel/:locale'

export const Version = Type.Integer({ minimum: 1, description: 'The number of a version.' })

type Params = { event_type: string; channel: Channel; locale: string }

/** @throws ApiError `invalid_request` for a locale that is none. */
export function templateKeyOf(
  workspaceId: number,
  { event_type: eventType, channel, locale }: Params,
): TemplateKey {
  return { workspaceId, eventType, channel, locale: localeOf(locale, '{locale}') }
}

/** @throws ApiError `invalid_request` for what is no locale. */
export function localeOf(locale: string, pointer: string): string {
  const canonical = locale === defaultLocale ? locale : canonicalLocale(locale)
  if (canonical !== null) return canonical
  throw new ApiError('invalid_request', {
    errors: [{ pointer, detail: 'must be a BCP 47 tag such as pt-BR, or "default".' }],
  })
}

/** @throws ApiError `invalid_request` for the wrong fields. */
export function templateSourceOf(channel: Channel, content: object, pointer = ''): TemplateSource {
  const errors = checkers[channel](content).map((error) => ({
    ...error,
    pointer: `${pointer}${error.pointer}`,
  }))
  if (errors.length > 0)
    throw new ApiError('invalid_request', { detail: `This is no template for ${channel}.`, errors })
  return content as TemplateSource // it fits the schema of its channel
}

export function showTemplate(template: TemplateVersion, warnings: TemplateProblem[] = []) {
  const { eventType, channel, locale, version, content, author, createdAt } = template
  return {
    event_type: eventType,
    channel,
    locale,
    version,
    content,
    author,
    created_at: createdAt.toISOString(),
    ...(warnings.length > 0 && { warnings }),
  }
}

export function unknownTemplate({ eventType, channel, locale }: TemplateKey): ApiError {
  return new ApiError('not_found', {
    detail: `There is no template for ${eventType} on ${channel} in ${locale}.`,
  })
}
