// API keys: made here, shown once, revoked here.
import { randomUUIDv7 } from 'node:crypto'
import { Type } from 'typebox'
import type { Context } from '../context.ts'
import { scopes, type Grant } from '../domain/scope.ts'
import { ApiError } from '../errors.ts'
import { hashApiKey, newApiKey } from '../secrets.ts'
import { insertKey, listKeys, revokeKey, type KeyRow } from '../sql/keys.ts'
import type { App } from './app.ts'
import { answerOnce } from './idempotency.ts'
import { Id, Moment, Uuid } from './ids.ts'
import { PageBody, pageQuery, readPage, showPage } from './paging.ts'

const orNull = Type.Union([Moment(), Type.Null()])

const keyFields = {
  id: Uuid('Names the key; it is not the key.'),
  name: Type.String(),
  last_four: Type.String({ description: 'The last four characters.' }),
  scopes: Type.Array(Type.String()),
  created_at: Moment(),
  last_used_at: orNull,
  expires_at: orNull,
  revoked_at: orNull,
  api_version: Type.Union([Type.String(), Type.Null()], {
    description:
      'The newest version of the API at its first use, which it keeps; null before that.',
  }),
}
const KeyView = Type.Object(keyFields)
const NewKeyView = Type.Object({
  ...keyFields,
  key: Type.String({ description: 'The key itself. It is never shown again.' }),
})

const KeyBody = Type.Object(
  {
    name: Id('What the key is for.'),
    scopes: Type.Array(Type.Enum([...scopes, '*'] as Grant[]), { minItems: 1, uniqueItems: true }),
    expires_at: Type.Optional(Moment('When it stops working; never without one.')),
  },
  { examples: [{ name: 'Checkout service', scopes: ['events:write'] }] },
)

const tags = ['Configure']

export function keyRoutes(app: App, ctx: Context): void {
  getKeys(app, ctx)
  postKey(app, ctx)
  removeKey(app, ctx)
}

function getKeys(app: App, ctx: Context): void {
  const schema = {
    summary: 'List API keys, revoked ones included',
    operationId: 'listKeys',
    tags,
    querystring: Type.Object(pageQuery),
    response: { 200: PageBody('keys', KeyView) },
  }
  app.get('/keys', { schema, config: { scope: 'keys:read' } }, async (request) => {
    const page = readPage(ctx, request)
    const rows = await listKeys(ctx.db, { workspaceId: request.workspaceId, ...page })
    return showPage(ctx, request, { name: 'keys', rows, position: ({ id }) => id, show })
  })
}

function postKey(app: App, ctx: Context): void {
  const schema = {
    summary: 'Create an API key',
    description:
      'The key is in the answer and nowhere else. It can do no more than the key that makes it.',
    operationId: 'createKey',
    tags,
    body: KeyBody,
    response: { 201: NewKeyView },
  }
  app.post('/keys', { schema, config: { scope: 'keys:write' } }, (request, reply) => {
    const { workspaceId, body, grants } = request
    const missing = body.scopes.filter((scope) => !grants.has('*') && !grants.has(scope))
    if (missing.length > 0)
      throw new ApiError('insufficient_scope', {
        detail: `This key lacks ${missing.join(', ')} itself and so cannot give it.`,
      })
    const expiresAt = body.expires_at === undefined ? null : new Date(body.expires_at)
    const work = async (tx: Parameters<typeof insertKey>[0]) => {
      if (expiresAt && expiresAt <= ctx.clock.now())
        throw new ApiError('invalid_request', {
          errors: [{ pointer: '/expires_at', detail: 'is in the past.' }],
        })
      const key = newApiKey()
      const row = await insertKey(tx, {
        workspaceId,
        id: randomUUIDv7(),
        name: body.name,
        hash: hashApiKey(key),
        lastFour: key.slice(-4),
        scopes: body.scopes,
        expiresAt,
      })
      if (!row) throw new Error('a key was made that existed before')
      return { status: 201, body: { ...show(row), key } }
    }
    return answerOnce(ctx, request, reply, work, { isSecret: true })
  })
}

function removeKey(app: App, ctx: Context): void {
  const schema = {
    summary: 'Revoke an API key',
    description: 'At once, everywhere. It stays in the list. A key cannot revoke itself.',
    operationId: 'revokeKey',
    tags,
    params: Type.Object({ id: Uuid('The id of the key.') }),
    response: { 204: Type.Null({ description: 'It is revoked.' }) },
  }
  app.delete('/keys/:id', { schema, config: { scope: 'keys:write' } }, async (request, reply) => {
    const { id } = request.params
    if (id === request.keyId)
      throw new ApiError('wrong_status', {
        detail:
          'This is the key you are using. Revoke it with another one, so that one is left that works.',
      })
    const { workspaceId } = request
    if (!(await revokeKey(ctx.db, { workspaceId, id, now: ctx.clock.now() })))
      throw new ApiError('not_found', { detail: 'There is no such key.' })
    ctx.signals.ring('belfry_config')
    return reply.code(204).send()
  })
}

function show(row: KeyRow) {
  return {
    id: row.id,
    name: row.name,
    last_four: row.lastFour,
    scopes: row.scopes,
    created_at: row.createdAt.toISOString(),
    last_used_at: row.lastUsedAt?.toISOString() ?? null,
    expires_at: row.expiresAt?.toISOString() ?? null,
    revoked_at: row.revokedAt?.toISOString() ?? null,
    api_version: row.apiVersion,
  }
}
