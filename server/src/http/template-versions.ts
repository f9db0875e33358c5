// Versions of templates: what was said before, by whom, and back to it.
import { Type } from 'typebox'
import type { Context } from '../context.ts'
import type { TemplateVersion } from '../domain/template.ts'
import { ApiError } from '../errors.ts'
import { saveTemplate } from '../pipeline/save-template.ts'
import {
  findLastTemplate,
  findTemplateVersion,
  listTemplateVersions,
  type TemplateKey,
} from '../sql/templates.ts'
import type { App } from './app.ts'
import { answerAfter } from './idempotency.ts'
import { PageBody, pageQuery, readPage, showPage } from './paging.ts'
import {
  showTemplate,
  templateKeyOf,
  TemplateParams,
  templatePath,
  TemplateView,
  unknownTemplate,
  Version,
} from './template-body.ts'

const params = Type.Object({ ...TemplateParams, version: Version })
const tags = ['Configure']
const write = { scope: 'config:write' } as const
const read = { scope: 'config:read' } as const

export function templateVersionRoutes(app: App, ctx: Context): void {
  getVersions(app, ctx)
  getVersion(app, ctx)
  restoreVersion(app, ctx)
}

function getVersions(app: App, ctx: Context): void {
  const schema = {
    summary: 'List the versions of a template, newest first',
    operationId: 'listTemplateVersions',
    tags,
    params: Type.Object(TemplateParams),
    querystring: Type.Object(pageQuery),
    response: { 200: PageBody('versions', TemplateView) },
  }
  app.get(`${templatePath}/versions`, { schema, config: read }, async (request) => {
    const key = templateKeyOf(request.workspaceId, request.params)
    const { after, ...page } = readPage(ctx, request)
    const before = after === null ? null : Number(after)
    const rows = await listTemplateVersions(ctx.db, { ...key, before, ...page })
    if (rows.length === 0 && !(await findLastTemplate(ctx.db, key))) throw unknownTemplate(key)
    const position = ({ version }: TemplateVersion) => String(version)
    return showPage(ctx, request, {
      name: 'versions',
      rows,
      position,
      show: (row) => showTemplate(row),
    })
  })
}

function getVersion(app: App, ctx: Context): void {
  const schema = {
    summary: 'Show a version of a template',
    operationId: 'getTemplateVersion',
    tags,
    params,
    response: { 200: TemplateView },
  }
  const path = `${templatePath}/versions/:version`
  app.get(path, { schema, config: read }, async ({ workspaceId, params }) =>
    showTemplate(await findVersion(ctx, templateKeyOf(workspaceId, params), params.version)),
  )
}

function restoreVersion(app: App, ctx: Context): void {
  const schema = {
    summary: 'Restore a version of a template',
    description:
      'Its content becomes the newest version, if it still fits the event type. Nothing is lost: the ' +
      'versions after it stay.',
    operationId: 'restoreTemplate',
    tags,
    params,
    response: { 200: TemplateView },
  }
  const path = `${templatePath}/versions/:version/restore`
  app.post(path, { schema, config: write }, (request, reply) => {
    const key = templateKeyOf(request.workspaceId, request.params)
    return answerAfter(ctx, request, reply, async () => {
      const { content } = await findVersion(ctx, key, request.params.version)
      if (!content)
        throw new ApiError('wrong_status', {
          detail: `Version ${request.params.version} ended the template: there is nothing to restore.`,
        })
      const saved = await saveTemplate(ctx, key, { content, author: request.keyName })
      return { status: 200, body: showTemplate(saved.template, saved.warnings) }
    })
  })
}

/** @throws ApiError `not_found` */
async function findVersion(
  ctx: Context,
  key: TemplateKey,
  version: number,
): Promise<TemplateVersion> {
  const found = await findTemplateVersion(ctx.db, key, version)
  if (found) return found
  const last = await findLastTemplate(ctx.db, key)
  if (!last) throw unknownTemplate(key)
  throw new ApiError('not_found', { detail: `The newest version is ${last.version}.` })
}
