// What a template would look like, before anybody gets it.
import { Type } from 'typebox'
import type { Context } from '../context.ts'
import { channels } from '../domain/channel.ts'
import type { DataSources } from '../domain/data-source.ts'
import { didYouMean } from '../domain/nearest.ts'
import { ApiError } from '../errors.ts'
import { previewTemplate } from '../pipeline/preview.ts'
import type { Declared } from '../pipeline/template-check.ts'
import { findEventType } from '../sql/event-types.ts'
import type { App } from './app.ts'
import { EventTypeKey } from './event-type-body.ts'
import { answerAfter } from './idempotency.ts'
import { localeOf, TemplateBody, templateSourceOf, Warnings } from './template-body.ts'

const PreviewBody = Type.Object(
  {
    channel: Type.Enum(channels),
    template: TemplateBody,
    event_type: Type.Optional(EventTypeKey),
    locale: Type.Optional(
      Type.String({ minLength: 1, maxLength: 100, description: 'The language of the reader.' }),
    ),
    params: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), {
        description: 'Without them, examples are made for the schema of the event type.',
      }),
    ),
    data: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), {
        description:
          'What the data sources of the event type would answer, by name. Nothing is fetched: without it, examples ' +
          'are made for what the template reads.',
      }),
    ),
    subscriber: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), {
        description: 'As templates see it: `id`, `locale`, `timezone`, `data`, `email`, `phone`.',
      }),
    ),
  },
  {
    examples: [
      {
        channel: 'sms',
        template: { body: 'Order {{ order_id }} is on its way, {{ subscriber.data.name }}.' },
        params: { order_id: 'A-1001' },
        subscriber: { data: { name: 'Ana' } },
      },
    ],
  },
)

const PreviewView = Type.Object({
  rendered: Type.Record(Type.String(), Type.Unknown(), { description: 'As it would be sent.' }),
  variables: Type.Array(Type.String(), { description: 'What the template reads.' }),
  sms: Type.Optional(
    Type.Object({
      encoding: Type.String({ description: 'GSM-7, or UCS-2 if one character needs it.' }),
      units: Type.Integer(),
      segments: Type.Integer({ description: 'How many SMS it is.' }),
      because: Type.Union([Type.String(), Type.Null()], {
        description: 'The first character that needs UCS-2.',
      }),
    }),
  ),
  warnings: Warnings,
})

export function templatePreviewRoutes(app: App, ctx: Context): void {
  const schema = {
    summary: 'Preview a template',
    description:
      'Renders it with the limits it will have. With `event_type` it is checked against what that declares.',
    operationId: 'previewTemplate',
    tags: ['Configure'],
    body: PreviewBody,
    response: { 200: PreviewView },
  }
  app.post('/templates/preview', { schema, config: { scope: 'config:read' } }, (request, reply) =>
    answerAfter(ctx, request, reply, async () => {
      const { workspaceId, body } = request
      const { channel, event_type: eventType = null, data = null } = body
      const content = templateSourceOf(channel, body.template, '/template')
      const { sms, ...preview } = await previewTemplate(ctx, {
        workspaceId,
        channel,
        content,
        declared: await declaredFor(ctx, workspaceId, { eventType, data }),
        eventType,
        locale: body.locale === undefined ? null : localeOf(body.locale, '/locale'),
        params: body.params ?? null,
        data,
        subscriber: body.subscriber ?? null,
      })
      return { status: 200, body: { ...preview, ...(sms && { sms }) } }
    }),
  )
}

type Given = { eventType: string | null; data: Record<string, unknown> | null }

/** Without an event type, the sources are those that are given. */
async function declaredFor(
  ctx: Context,
  workspaceId: number,
  { eventType, data }: Given,
): Promise<Declared | null> {
  if (eventType === null) return data && { params: null, data: data as DataSources }
  const type = await findEventType(ctx.db, workspaceId, eventType)
  if (!type)
    throw new ApiError('unknown_event_type', {
      errors: [{ pointer: '/event_type', detail: `"${eventType}" is not registered.` }],
    })
  const unknown = Object.keys(data ?? {}).find((name) => !Object.hasOwn(type.data ?? {}, name))
  if (unknown === undefined) return type
  const known = Object.keys(type.data ?? {})
  const detail = `is no data source of "${eventType}".${didYouMean(unknown, known)}`
  throw new ApiError('invalid_request', { errors: [{ pointer: `/data/${unknown}`, detail }] })
}
