// Templates: what is said about an event type, per channel and language. Liquid.
import { Type } from 'typebox'
import type { Context } from '../context.ts'
import { channels } from '../domain/channel.ts'
import { saveTemplate } from '../pipeline/save-template.ts'
import {
  findLastTemplate,
  insertTemplateVersion,
  listTemplates,
  lockTemplates,
} from '../sql/templates.ts'
import type { App } from './app.ts'
import { EventTypeKey } from './event-type-body.ts'
import { PageBody, pageQuery, readPage, showPage } from './paging.ts'
import {
  showTemplate,
  TemplateBody,
  templateKeyOf,
  TemplateParams,
  templatePath,
  templateSourceOf,
  TemplateView,
  unknownTemplate,
} from './template-body.ts'

const params = Type.Object(TemplateParams)
const tags = ['Configure']
const write = { scope: 'config:write' } as const
const read = { scope: 'config:read' } as const

export function templateRoutes(app: App, ctx: Context): void {
  getTemplates(app, ctx)
  getTemplate(app, ctx)
  putTemplate(app, ctx)
  removeTemplate(app, ctx)
}

function getTemplates(app: App, ctx: Context): void {
  const schema = {
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
  app.get('/templates', { schema, config: read }, async (request) => {
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
      show: (row) => showTemplate(row),
    })
  })
}

function getTemplate(app: App, ctx: Context): void {
  const schema = {
    summary: 'Show a template',
    operationId: 'getTemplate',
    tags,
    params,
    response: { 200: TemplateView },
  }
  app.get(templatePath, { schema, config: read }, async ({ workspaceId, params }) => {
    const key = templateKeyOf(workspaceId, params)
    const found = await findLastTemplate(ctx.db, key)
    if (!found?.content) throw unknownTemplate(key)
    return showTemplate(found)
  })
}

function putTemplate(app: App, ctx: Context): void {
  const schema = {
    summary: 'Create or change a template',
    description:
      'A change makes a new version; notifications on their way keep theirs. The same content again ' +
      'changes nothing. What does not parse, or names parameters that the event type does not declare, ' +
      'is refused with its place.',
    operationId: 'putTemplate',
    tags,
    params,
    body: TemplateBody,
    response: { 200: TemplateView, 201: TemplateView },
  }
  app.put(templatePath, { schema, config: write }, async (request, reply) => {
    const key = templateKeyOf(request.workspaceId, request.params)
    const content = templateSourceOf(key.channel, request.body)
    const saved = await saveTemplate(ctx, key, { content, author: request.keyName })
    return reply.code(saved.isFirst ? 201 : 200).send(showTemplate(saved.template, saved.warnings))
  })
}

function removeTemplate(app: App, ctx: Context): void {
  const schema = {
    summary: 'Delete a template',
    description:
      'Its versions stay: any of them can be restored. Notifications on their way keep theirs.',
    operationId: 'deleteTemplate',
    tags,
    params,
    response: { 204: Type.Null({ description: 'It is gone.' }) },
  }
  app.delete(templatePath, { schema, config: write }, async (request, reply) => {
    const key = templateKeyOf(request.workspaceId, request.params)
    await ctx.db.transaction(async (tx) => {
      await lockTemplates(tx, key.workspaceId)
      const current = await findLastTemplate(tx, key)
      if (!current?.content) throw unknownTemplate(key)
      await insertTemplateVersion(tx, key, { content: null, author: request.keyName })
    })
    ctx.signals.ring('belfry_config')
    return reply.code(204).send()
  })
}
