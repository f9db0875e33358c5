// What templates share: layouts around e-mails, partials within texts, translations. Three resources of
// one kind: kept in versions, checked when they are saved.
import { Type } from 'typebox'
import type { Context } from '../context.ts'
import type { PartVersion } from '../domain/template.ts'
import { ApiError } from '../errors.ts'
import { endPart, savePart } from '../pipeline/save-part.ts'
import {
  findLastPart,
  findPartVersion,
  listParts,
  listPartVersions,
} from '../sql/template-parts.ts'
import type { App } from './app.ts'
import { answerAfter } from './idempotency.ts'
import { PageBody, pageQuery, readPage, showPage } from './paging.ts'
import { Version } from './template-body.ts'
import {
  partKeyOf,
  partPath,
  partResources,
  partSourceOf,
  partViewOf,
  showPart,
  unknownPart,
  type PartResource,
} from './template-part-body.ts'

const tags = ['Configure']
const write = { scope: 'config:write' } as const
const read = { scope: 'config:read' } as const

export function templatePartRoutes(app: App, ctx: Context): void {
  for (const resource of partResources) {
    const View = partViewOf(resource)
    getParts(app, ctx, resource, View)
    getPart(app, ctx, resource, View)
    putPart(app, ctx, resource, View)
    removePart(app, ctx, resource)
    getVersions(app, ctx, resource, View)
    restoreVersion(app, ctx, resource, View)
  }
}

type View = ReturnType<typeof partViewOf>
type Row = PartVersion

function getParts(app: App, ctx: Context, resource: PartResource, view: View): void {
  const { path, list, many, operations, kind } = resource
  const schema = {
    summary: `List ${many}`,
    operationId: `list${operations}`,
    tags,
    querystring: Type.Object(pageQuery),
    response: { 200: PageBody(list, view) },
  }
  app.get(path, { schema, config: read }, async (request) => {
    const page = readPage(ctx, request)
    const rows: Row[] = await listParts(ctx.db, { workspaceId: request.workspaceId, kind, ...page })
    const position = ({ name }: Row) => name
    return showPage(ctx, request, {
      name: list,
      rows,
      position,
      show: (row) => showPart(row, resource),
    })
  })
}

function getPart(app: App, ctx: Context, resource: PartResource, view: View): void {
  const schema = {
    summary: `Show ${resource.one}`,
    operationId: `get${resource.operation}`,
    tags,
    params: Type.Object({ [resource.param]: resource.Name }),
    response: { 200: view },
  }
  app.get(partPath(resource), { schema, config: read }, async ({ workspaceId, params }) => {
    const key = partKeyOf(workspaceId, resource, params)
    const found = await findLastPart(ctx.db, key)
    if (!found?.content) throw unknownPart(key, resource)
    return showPart(found, resource)
  })
}

function putPart(app: App, ctx: Context, resource: PartResource, view: View): void {
  const schema = {
    summary: `Create or change ${resource.one}`,
    description: `${resource.about} A change makes a new version; notifications on their way keep theirs.`,
    operationId: `put${resource.operation}`,
    tags,
    params: Type.Object({ [resource.param]: resource.Name }),
    body: resource.Body,
    response: { 200: view, 201: view },
  }
  app.put(partPath(resource), { schema, config: write }, async (request, reply) => {
    const key = partKeyOf(request.workspaceId, resource, request.params)
    const content = partSourceOf(request.body)
    const saved = await savePart(ctx, key, { content, author: request.keyName })
    return reply
      .code(saved.isFirst ? 201 : 200)
      .send(showPart(saved.part, resource, saved.warnings))
  })
}

function removePart(app: App, ctx: Context, resource: PartResource): void {
  const schema = {
    summary: `Delete ${resource.one}`,
    description: 'Not while templates use it. Its versions stay: any of them can be restored.',
    operationId: `delete${resource.operation}`,
    tags,
    params: Type.Object({ [resource.param]: resource.Name }),
    response: { 204: Type.Null({ description: 'It is gone.' }) },
  }
  app.delete(partPath(resource), { schema, config: write }, async (request, reply) => {
    await endPart(ctx, partKeyOf(request.workspaceId, resource, request.params), request.keyName)
    return reply.code(204).send()
  })
}

function getVersions(app: App, ctx: Context, resource: PartResource, view: View): void {
  const schema = {
    summary: `List the versions of ${resource.one}, newest first`,
    operationId: `list${resource.operation}Versions`,
    tags,
    params: Type.Object({ [resource.param]: resource.Name }),
    querystring: Type.Object(pageQuery),
    response: { 200: PageBody('versions', view) },
  }
  app.get(`${partPath(resource)}/versions`, { schema, config: read }, async (request) => {
    const key = partKeyOf(request.workspaceId, resource, request.params)
    const { after, ...page } = readPage(ctx, request)
    const before = after === null ? null : Number(after)
    const rows = await listPartVersions(ctx.db, { ...key, before, ...page })
    if (rows.length === 0 && !(await findLastPart(ctx.db, key))) throw unknownPart(key, resource)
    const position = ({ version }: Row) => String(version)
    return showPage(ctx, request, {
      name: 'versions',
      rows,
      position,
      show: (row) => showPart(row, resource),
    })
  })
}

function restoreVersion(app: App, ctx: Context, resource: PartResource, view: View): void {
  const schema = {
    summary: `Restore a version of ${resource.one}`,
    description:
      'Its content becomes the newest version. Nothing is lost: the versions after it stay.',
    operationId: `restore${resource.operation}`,
    tags,
    params: Type.Object({ [resource.param]: resource.Name, version: Version }),
    response: { 200: view },
  }
  const path = `${partPath(resource)}/versions/:version/restore`
  app.post(path, { schema, config: write }, (request, reply) => {
    const params = request.params as Record<string, unknown>
    const key = partKeyOf(request.workspaceId, resource, params)
    return answerAfter(ctx, request, reply, async () => {
      const found = await findPartVersion(ctx.db, key, Number(params.version))
      if (!found) throw unknownPart(key, resource)
      if (!found.content)
        throw new ApiError('wrong_status', { detail: 'This version ended it: nothing to restore.' })
      const { content } = found
      const saved = await savePart(ctx, key, { content, author: request.keyName })
      return { status: 200, body: showPart(saved.part, resource, saved.warnings) }
    })
  })
}
