// Templates: what is said about an event type, per channel and language. Liquid.
import { Type } from 'typebox'
import type { Context } from '../context.ts'
import { channels, type Channel } from '../domain/channel.ts'
import type { Template, TemplateSource } from '../domain/event-type.ts'
import { canonicalLocale } from '../domain/subscriber.ts'
import { ApiError, type FieldError } from '../errors.ts'
import { templateProblems } from '../pipeline/render.ts'
import { findEventType } from '../sql/event-types.ts'
import {
  findTemplate,
  insertTemplateVersion,
  listTemplates,
  listTemplateVersions,
  type TemplateKey,
} from '../sql/templates.ts'
import type { App } from './app.ts'
import { EventTypeKey } from './event-type-body.ts'
import { Moment } from './ids.ts'
import { PageBody, pageQuery, readPage, showPage } from './paging.ts'
import { createChecker } from './validation.ts'

const text = Type.String({ minLength: 1, maxLength: 65_536 })
const line = Type.String({ minLength: 1, maxLength: 1_000 })

const Card = Type.Object({ title: line, body: text, url: Type.Optional(line) })
const Email = Type.Object({ subject: line, body: text, text: Type.Optional(text) })
const Text = Type.Object({ body: text })
const Webhook = Type.Object({ body: Type.Unknown() })

const checkers: Record<Channel, (content: unknown) => FieldError[]> = {
  in_app: createChecker(Card),
  push: createChecker(Card),
  email: createChecker(Email),
  sms: createChecker(Text),
  telegram: createChecker(Text),
  slack: createChecker(Text),
  discord: createChecker(Text),
  teams: createChecker(Text),
  webhook: createChecker(Webhook),
}

const TemplateBody = Type.Object(
  {},
  {
    additionalProperties: true,
    description:
      'in_app, push: `title`, `body`, `url`? · email: `subject`, `body` (Markdown, or HTML if it begins ' +
      'with <), `text`? · webhook: `body`, any JSON with Liquid in its texts · others: `body`.',
    examples: [
      {
        subject: 'Order {{ order_id }} is on its way',
        body: 'Hello **{{ subscriber.data.name }}**!',
      },
    ],
  },
)

const TemplateView = Type.Object({
  event_type: Type.String(),
  channel: Type.String(),
  locale: Type.String(),
  version: Type.Integer({ description: 'Grows by one with each change.' }),
  content: Type.Record(Type.String(), Type.Unknown()),
  created_at: Moment('When this version was made.'),
})

const params = Type.Object({
  event_type: EventTypeKey,
  channel: Type.Enum(channels),
  locale: Type.String({
    minLength: 1,
    maxLength: 100,
    description: 'A BCP 47 tag such as pt-BR, or `default`.',
  }),
})
const path = '/templates/:event_type/:channel/:locale'
const tags = ['Configure']
const write = { scope: 'config:write' } as const
const read = { scope: 'config:read' } as const

export function templateRoutes(app: App, ctx: Context): void {
  getTemplates(app, ctx)
  putTemplate(app, ctx)
  getVersions(app, ctx)
}

function getTemplates(app: App, ctx: Context): void {
  const list = {
    summary: 'List templates',
    operationId: 'listTemplates',
    tags,
    querystring: Type.Object({
      ...pageQuery,
      event_type: Type.Optional(EventTypeKey),
      channel: Type.Optional(Type.Enum(channels)),
    }),
    response: { 200: PageBody('templates', TemplateView) },
  }
  app.get('/templates', { schema: list, config: read }, async (request) => {
    const { workspaceId, query } = request
    const { after, ...page } = readPage(ctx, request)
    const rows = await listTemplates(ctx.db, {
      workspaceId,
      eventType: query.event_type ?? null,
      channel: query.channel ?? null,
      // Written by `position` below, and signed.
      after:
        after === null
          ? null
          : (JSON.parse(after) as { eventType: string; channel: string; locale: string }),
      ...page,
    })
    return showPage(ctx, request, {
      name: 'templates',
      rows,
      position: ({ eventType, channel, locale }) => JSON.stringify({ eventType, channel, locale }),
      show,
    })
  })

  const one = {
    summary: 'Show a template',
    operationId: 'getTemplate',
    tags,
    params,
    response: { 200: TemplateView },
  }
  app.get(path, { schema: one, config: read }, async ({ workspaceId, params }) => {
    const key = keyOf(workspaceId, params)
    const found = await findTemplate(ctx.db, key)
    if (!found) throw unknownTemplate(key)
    return show(found)
  })
}

function putTemplate(app: App, ctx: Context): void {
  const schema = {
    summary: 'Create or change a template',
    description:
      'A change makes a new version; notifications on their way keep theirs. The same content again ' +
      'changes nothing.',
    operationId: 'putTemplate',
    tags,
    params,
    body: TemplateBody,
    response: { 200: TemplateView, 201: TemplateView },
  }
  app.put(path, { schema, config: write }, async (request, reply) => {
    const key = keyOf(request.workspaceId, request.params)
    const content = check(key.channel, request.body)
    const saved = await ctx.db.transaction(async (tx) => {
      if (!(await findEventType(tx, key.workspaceId, key.eventType)))
        throw new ApiError('unknown_event_type', {
          detail: `Create it first: PUT /event-types/${encodeURIComponent(key.eventType)}.`,
        })
      return insertTemplateVersion(tx, key, content)
    })
    if (saved.isNew) ctx.signals.ring('belfry_config')
    const isFirst = saved.isNew && saved.template.version === 1
    return reply.code(isFirst ? 201 : 200).send(show(saved.template))
  })
}

function getVersions(app: App, ctx: Context): void {
  const schema = {
    summary: 'List the versions of a template, newest first',
    operationId: 'listTemplateVersions',
    tags,
    params,
    querystring: Type.Object(pageQuery),
    response: { 200: PageBody('versions', TemplateView) },
  }
  app.get(`${path}/versions`, { schema, config: read }, async (request) => {
    const key = keyOf(request.workspaceId, request.params)
    const { after, ...page } = readPage(ctx, request)
    const before = after === null ? null : Number(after)
    const rows = await listTemplateVersions(ctx.db, { ...key, before, ...page })
    if (rows.length === 0 && !(await findTemplate(ctx.db, key))) throw unknownTemplate(key)
    const position = ({ version }: Template) => String(version)
    return showPage(ctx, request, { name: 'versions', rows, position, show })
  })
}

type Params = { event_type: string; channel: Channel; locale: string }

/** @throws ApiError `invalid_request` for a locale that is none. */
function keyOf(
  workspaceId: number,
  { event_type: eventType, channel, locale }: Params,
): TemplateKey {
  const canonical = locale === 'default' ? locale : canonicalLocale(locale)
  if (canonical === null)
    throw new ApiError('invalid_request', {
      errors: [
        { pointer: '{locale}', detail: 'must be a BCP 47 tag such as pt-BR, or "default".' },
      ],
    })
  return { workspaceId, eventType, channel, locale: canonical }
}

/** @throws ApiError `invalid_request` for the wrong fields, `invalid_template` for wrong Liquid. */
function check(channel: Channel, content: object): TemplateSource {
  const errors = checkers[channel](content)
  if (errors.length > 0)
    throw new ApiError('invalid_request', { detail: `This is no template for ${channel}.`, errors })
  const source = content as TemplateSource // it fits the schema of its channel
  const problems = templateProblems(channel, source)
  if (problems.length > 0) throw new ApiError('invalid_template', { errors: problems })
  return source
}

function show({ eventType, channel, locale, version, content, createdAt }: Template) {
  return {
    event_type: eventType,
    channel,
    locale,
    version,
    content,
    created_at: createdAt.toISOString(),
  }
}

function unknownTemplate({ eventType, channel, locale }: TemplateKey): ApiError {
  return new ApiError('not_found', {
    detail: `There is no template for ${eventType} on ${channel} in ${locale}.`,
  })
}
