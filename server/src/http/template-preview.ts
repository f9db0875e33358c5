// What a template would look like, before anybody gets it.
import { Type } from 'typebox'
import type { Context } from '../context.ts'
import { channels } from '../domain/channel.ts'
import { ApiError } from '../errors.ts'
import { previewTemplate } from '../pipeline/preview.ts'
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
      const { channel, event_type: eventType = null } = body
      const content = templateSourceOf(channel, body.template, '/template')
      const { sms, ...preview } = await previewTemplate(ctx, {
        workspaceId,
        channel,
        content,
        schema: eventType === null ? null : await schemaOf(ctx, workspaceId, eventType),
        eventType,
        locale: body.locale === undefined ? null : localeOf(body.locale, '/locale'),
        params: body.params ?? null,
        subscriber: body.subscriber ?? null,
      })
      return { status: 200, body: { ...preview, ...(sms && { sms }) } }
    }),
  )
}

async function schemaOf(ctx: Context, workspaceId: number, key: string) {
  const type = await findEventType(ctx.db, workspaceId, key)
  if (type) return type.params
  throw new ApiError('unknown_event_type', {
    errors: [{ pointer: '/event_type', detail: `"${key}" is not registered.` }],
  })
}
