// Hooks: outgoing webhooks that are told what becomes of notifications.
import { randomUUIDv7 } from 'node:crypto'
import { Type } from 'typebox'
import type { Context } from '../context.ts'
import type { Hook } from '../domain/hook.ts'
import { ApiError } from '../errors.ts'
import { untilFollowed } from '../live/following.ts'
import { wakeHooks } from '../pipeline/hooks.ts'
import { newHookSecret, openHookSecrets, sealHookSecrets } from '../pipeline/hook-secrets.ts'
import {
  countHooks,
  deleteHook,
  findHook,
  findHookForUpdate,
  insertHook,
  listHooks,
  updateHook,
} from '../sql/hooks.ts'
import type { App } from './app.ts'
import {
  checkHook,
  HookChanges,
  HookView,
  NewHookBody,
  NewHookView,
  showHook,
} from './hook-body.ts'
import { workOnce } from './idempotency.ts'
import { Uuid } from './ids.ts'
import { PageBody, pageQuery, readPage, showPage } from './paging.ts'

const params = Type.Object({ id: Uuid('The hook.') })
const tags = ['Hooks']
const write = { scope: 'config:write' } as const
const read = { scope: 'config:read' } as const
const mostHooks = 50 // of a workspace

export function hookRoutes(app: App, ctx: Context): void {
  getHooks(app, ctx)
  postHook(app, ctx)
  patchHook(app, ctx)
  removeHook(app, ctx)
}

function getHooks(app: App, ctx: Context): void {
  const list = {
    summary: 'List hooks',
    operationId: 'listHooks',
    tags,
    querystring: Type.Object(pageQuery),
    response: { 200: PageBody('hooks', HookView) },
  }
  app.get('/hooks', { schema: list, config: read }, async (request) => {
    const page = readPage(ctx, request)
    const rows = await listHooks(ctx.db, { workspaceId: request.workspaceId, ...page })
    const show = (hook: Hook) => showOne(ctx, hook)
    return showPage(ctx, request, { name: 'hooks', rows, position: ({ id }) => id, show })
  })

  const one = {
    summary: 'Show a hook',
    operationId: 'getHook',
    tags,
    params,
    response: { 200: HookView },
  }
  app.get('/hooks/:id', { schema: one, config: read }, async ({ workspaceId, params }) => {
    const hook = await findHook(ctx.db, workspaceId, params.id)
    if (!hook) throw unknownHook()
    return showOne(ctx, hook)
  })
}

function postHook(app: App, ctx: Context): void {
  const schema = {
    summary: 'Create a hook',
    description:
      'From the answer on it is told what becomes of notifications, signed as Standard Webhooks asks. The secret ' +
      `is in the answer and nowhere else. A workspace has up to ${mostHooks}.`,
    operationId: 'createHook',
    tags,
    body: NewHookBody,
    response: { 201: NewHookView },
  }
  app.post('/hooks', { schema, config: write }, async (request, reply) => {
    const { workspaceId, body } = request
    checkHook(ctx, body)
    const { url, types = null, description = '', enabled = true } = body
    const id = randomUUIDv7()
    const secret = body.secret ?? newHookSecret()
    const answer = await workOnce(
      ctx,
      request,
      reply,
      async (tx) => {
        if ((await countHooks(tx, workspaceId)) >= mostHooks) throw tooMany()
        const hook = await insertHook(tx, {
          workspaceId,
          id,
          url,
          description,
          types,
          secrets: sealHookSecrets(ctx.secrets, { workspaceId, id }, { secret }),
          isEnabled: enabled,
          now: ctx.in(workspaceId).clock.now(),
        })
        return { status: 201, body: { ...showHook(hook, { secret }), secret } }
      },
      { isSecret: true },
    )
    if (enabled) await untilFollowed(ctx.db)
    return reply.code(201).send(answer.body)
  })
}

function patchHook(app: App, ctx: Context): void {
  const schema = {
    summary: 'Change a hook',
    description:
      'What is absent stays. One that is enabled again goes on with what waited for it, and is told what happens ' +
      'from then on: not what happened meanwhile.',
    operationId: 'patchHook',
    tags,
    params,
    body: HookChanges,
    response: { 200: HookView },
  }
  app.patch('/hooks/:id', { schema, config: write }, async ({ workspaceId, params, body }) => {
    checkHook(ctx, body)
    const changed = await ctx.db.transaction(async (tx) => {
      const hook = await findHookForUpdate(tx, workspaceId, params.id)
      if (!hook) throw unknownHook()
      return updateHook(tx, {
        ...hook,
        url: body.url ?? hook.url,
        types: body.types === undefined ? hook.types : body.types,
        description: body.description ?? hook.description,
        isEnabled: body.enabled ?? hook.isEnabled,
        now: ctx.in(workspaceId).clock.now(),
      })
    })
    if (body.enabled === true) await untilFollowed(ctx.db)
    wakeHooks(ctx, workspaceId)
    return showOne(ctx, changed)
  })
}

function removeHook(app: App, ctx: Context): void {
  const schema = {
    summary: 'Delete a hook',
    description: 'With what waits for it and the log of its attempts.',
    operationId: 'deleteHook',
    tags,
    params,
    response: { 204: Type.Null({ description: 'It is gone.' }) },
  }
  app.delete('/hooks/:id', { schema, config: write }, async (request, reply) => {
    const { workspaceId, params } = request
    const isGone = await ctx.db.transaction((tx) => deleteHook(tx, workspaceId, params.id))
    if (!isGone) throw unknownHook()
    return reply.code(204).send()
  })
}

function showOne(ctx: Context, hook: Hook) {
  return showHook(hook, openHookSecrets(ctx, hook))
}

export function unknownHook(): ApiError {
  return new ApiError('not_found', { detail: 'There is no such hook.' })
}

function tooMany(): ApiError {
  return new ApiError('wrong_status', {
    detail: `A workspace has up to ${mostHooks} hooks. Delete one that is not needed.`,
  })
}
