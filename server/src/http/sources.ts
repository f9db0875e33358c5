// Sources: inbound webhooks, each with what it looks like, who may send it, and the event it becomes.
import { Type } from 'typebox'
import type { Context } from '../context.ts'
import { didYouMean } from '../domain/nearest.ts'
import type { Source, SourceDefinition } from '../domain/source.ts'
import { ApiError } from '../errors.ts'
import { checkSource, hasFixedType } from '../pipeline/source-checks.ts'
import { compileSource } from '../pipeline/source-mapping.ts'
import { newSourceSecrets, readableSecrets, sealSourceSecrets } from '../pipeline/source-secrets.ts'
import type { Db } from '../sql/db.ts'
import { findEventType, listEventTypeKeys } from '../sql/event-types.ts'
import {
  deleteSource,
  findSource,
  listSourceKeys,
  listSources,
  lockSource,
  upsertSource,
} from '../sql/sources.ts'
import type { App } from './app.ts'
import { PageBody, pageQuery, readPage, showPage } from './paging.ts'
import { readSource, showSource, SourceBody, SourceKey, SourceView } from './source-body.ts'

const params = Type.Object({ key: SourceKey })
const tags = ['Configure']
const write = { scope: 'config:write' } as const
const read = { scope: 'config:read' } as const

export function sourceRoutes(app: App, ctx: Context): void {
  getSources(app, ctx)
  putSource(app, ctx)
  removeSource(app, ctx)
}

function getSources(app: App, ctx: Context): void {
  const list = {
    summary: 'List sources',
    operationId: 'listSources',
    tags,
    querystring: Type.Object(pageQuery),
    response: { 200: PageBody('sources', SourceView) },
  }
  app.get('/sources', { schema: list, config: read }, async (request) => {
    const page = readPage(ctx, request)
    const rows = await listSources(ctx.db, { workspaceId: request.workspaceId, ...page })
    const position = ({ key }: Source) => key
    return showPage(ctx, request, {
      name: 'sources',
      rows,
      position,
      show: (row) => show(ctx, row),
    })
  })

  const one = {
    summary: 'Show a source',
    operationId: 'getSource',
    tags,
    params,
    response: { 200: SourceView },
  }
  app.get('/sources/:key', { schema: one, config: read }, async ({ workspaceId, params }) => {
    const found = await findSource(ctx.db, workspaceId, params.key)
    if (!found) throw await unknownSource(ctx.db, workspaceId, params.key)
    return show(ctx, found)
  })
}

function putSource(app: App, ctx: Context): void {
  const schema = {
    summary: 'Create or change a source',
    description:
      'The whole definition: what is left out gets its default, except secrets, which stay while ' +
      'the kind of authentication stays. POST /sources/{key}/test tries it out.',
    operationId: 'putSource',
    tags,
    params,
    body: SourceBody,
    response: { 200: SourceView, 201: SourceView },
  }
  app.put('/sources/:key', { schema, config: write }, async (request, reply) => {
    const { workspaceId, params, body } = request
    const { key } = params
    const { definition, given } = readSource(body)
    checkSource(definition, await namedEventType(ctx.db, workspaceId, definition))
    compileSource(definition)

    const { saved, isNew } = await ctx.db.transaction(async (tx) => {
      await lockSource(tx, workspaceId, key)
      const before = await findSource(tx, workspaceId, key)
      const secrets = newSourceSecrets(ctx, before, { auth: definition.auth, given })
      await upsertSource(tx, {
        workspaceId,
        key,
        definition,
        secrets: sealSourceSecrets(ctx.secrets, { workspaceId, key }, secrets),
      })
      return { saved: await findSource(tx, workspaceId, key), isNew: before === null }
    })
    ctx.signals.ring('belfry_config')
    return reply.code(isNew ? 201 : 200).send(saved && show(ctx, saved))
  })
}

function removeSource(app: App, ctx: Context): void {
  const schema = {
    summary: 'Delete a source',
    description: 'Its webhooks are answered with 404 from then on. Events it made stay.',
    operationId: 'deleteSource',
    tags,
    params,
    response: { 204: Type.Null({ description: 'It is gone.' }) },
  }
  app.delete('/sources/:key', { schema, config: write }, async (request, reply) => {
    const { workspaceId, params } = request
    if (!(await deleteSource(ctx.db, workspaceId, params.key)))
      throw await unknownSource(ctx.db, workspaceId, params.key)
    ctx.signals.ring('belfry_config')
    return reply.code(204).send()
  })
}

/** Null when it is worked out from each body. @throws ApiError `unknown_event_type` */
async function namedEventType(db: Db, workspaceId: number, { event }: SourceDefinition) {
  if (!hasFixedType(event)) return null
  const found = await findEventType(db, workspaceId, event.type)
  if (found) return found
  const known = await listEventTypeKeys(db, workspaceId)
  const detail = `"${event.type}" is not registered.${didYouMean(event.type, known)}`
  throw new ApiError('unknown_event_type', {
    detail,
    errors: [{ pointer: '/event/type', detail }],
  })
}

function show(ctx: Context, source: Source) {
  return showSource(source, Object.keys(readableSecrets(ctx, source)))
}

export async function unknownSource(db: Db, workspaceId: number, key: string): Promise<ApiError> {
  const known = await listSourceKeys(db, workspaceId)
  return new ApiError('not_found', {
    detail: `There is no source "${key}".${didYouMean(key, known)}`,
  })
}
