// Providers: the configured accounts that carry the channels. Their secrets go in and never come out.
import { randomUUIDv7 } from 'node:crypto'
import { Type } from 'typebox'
import type { Context } from '../context.ts'
import { carriedChannels } from '../domain/channel.ts'
import { ApiError } from '../errors.ts'
import { operateProvider } from '../pipeline/operate-provider.ts'
import type { Settings } from '../provider-settings.ts'
import {
  deleteProvider,
  findProvider,
  findProviderForUpdate,
  insertProvider,
  listProviders,
  updateProvider,
  type ProviderRow,
} from '../sql/providers.ts'
import { sqlState } from '../sql/db.ts'
import type { App } from './app.ts'
import { answerOnce } from './idempotency.ts'
import { Id, Uuid } from './ids.ts'
import { PageBody, pageQuery, readPage, showPage } from './paging.ts'
import { checkSettings, kindOf, refuseLeak, splitChecked } from './provider-checks.ts'
import {
  defaultRank,
  providerFields,
  ProviderView,
  readableSettings,
  rankOf,
  showProvider,
  showProviders,
} from './provider-views.ts'

const settings = Type.Record(Type.String(), Type.Unknown(), {
  description: 'What this kind needs: GET /provider-kinds.',
})
export const NewProviderBody = Type.Object(
  {
    channel: Type.Enum(carriedChannels),
    kind: Type.String({ maxLength: 100 }),
    name: Id('Yours, unique within the channel.'),
    ...providerFields,
    enabled: Type.Optional(Type.Boolean()),
    settings,
  },
  {
    examples: [
      {
        channel: 'email',
        kind: 'smtp',
        name: 'Postmark',
        settings: {
          host: 'smtp.example.com',
          port: 587,
          user: 'u',
          password: 'p',
          from: 'shop@example.com',
        },
      },
    ],
  },
)

const ProviderChanges = Type.Object(
  {
    name: Type.Optional(Id('Yours, unique within the channel.')),
    ...providerFields,
    enabled: Type.Optional(Type.Boolean()),
    settings: Type.Optional(settings),
  },
  { examples: [{ enabled: false }, { settings: { password: 'new' } }] },
)

const params = Type.Object({ id: Uuid('The provider.') })
const tags = ['Configure']
const write = { scope: 'config:write' } as const
const read = { scope: 'config:read' } as const

export function providerRoutes(app: App, ctx: Context): void {
  getProviders(app, ctx)
  postProvider(app, ctx)
  patchProvider(app, ctx)
  removeProvider(app, ctx)
}

function getProviders(app: App, ctx: Context): void {
  const list = {
    summary: 'List providers',
    operationId: 'listProviders',
    tags,
    querystring: Type.Object({ ...pageQuery, channel: Type.Optional(Type.Enum(carriedChannels)) }),
    response: { 200: PageBody('providers', ProviderView) },
  }
  app.get('/providers', { schema: list, config: read }, async (request) => {
    const { workspaceId, query } = request
    const page = readPage(ctx, request)
    const rows = await listProviders(ctx.db, {
      workspaceId,
      channel: query.channel ?? null,
      ...page,
    })
    const shown = await showProviders(ctx, workspaceId, rows)
    return showPage(ctx, request, {
      name: 'providers',
      rows,
      position: ({ id }) => id,
      show: (row) => shown.get(row.id)!,
    })
  })

  const one = {
    summary: 'Show a provider',
    operationId: 'getProvider',
    tags,
    params,
    response: { 200: ProviderView },
  }
  app.get('/providers/:id', { schema: one, config: read }, async ({ workspaceId, params }) => {
    const row = await findProvider(ctx.db, workspaceId, params.id)
    if (!row) throw unknownProvider()
    return showProvider(ctx, row)
  })
}

function postProvider(app: App, ctx: Context): void {
  const schema = {
    summary: 'Configure a provider',
    description: 'From then on it carries its channel. POST /providers/{id}/test tries it out.',
    operationId: 'createProvider',
    tags,
    body: NewProviderBody,
    response: { 201: ProviderView },
  }
  app.post('/providers', { schema, config: write }, async (request, reply) => {
    const { workspaceId, body } = request
    const { channel, name, enabled = true, settings } = body
    const kind = kindOf(ctx, channel, body.kind)
    checkSettings(ctx, kind, settings)
    const id = randomUUIDv7()
    const answer = await answerOnce(ctx, request, reply, async (tx) => {
      const row = await insertProvider(tx, {
        workspaceId,
        id,
        channel,
        kind: kind.kind,
        name,
        ...rankOf(body, defaultRank),
        isEnabled: enabled,
        ...splitChecked(ctx, kind, { workspaceId, id, settings }),
      })
      if (!row) throw nameTaken(channel, name)
      return { status: 201, body: await showProvider(ctx, row) }
    })
    ctx.signals.ring('belfry_config')
    return answer
  })
}

function patchProvider(app: App, ctx: Context): void {
  const schema = {
    summary: 'Change a provider',
    description:
      'Settings that are absent stay, secrets too; null removes. When the change leads elsewhere (a url, a ' +
      'host), secrets must be given again. Attempts under way end as they began.',
    operationId: 'patchProvider',
    tags,
    params,
    body: ProviderChanges,
    response: { 200: ProviderView },
  }
  app.patch('/providers/:id', { schema, config: write }, async ({ workspaceId, params, body }) => {
    const changed = await ctx.db.transaction(async (tx) => {
      const row = await findProviderForUpdate(tx, workspaceId, params.id)
      if (!row) throw unknownProvider()
      const { id, channel } = row
      const name = body.name ?? row.name
      const before = { settings: row.settings, secrets: row.secrets }
      const after = body.settings && changeSettings(ctx, row, body.settings)
      const isEnabled = body.enabled ?? row.isEnabled
      // It may be what was wrong with it.
      if (after) await operateProvider(ctx, tx, row, { kind: 'probe', reason: null })
      try {
        const rank = rankOf(body, row)
        const change = { workspaceId, id, name, ...rank, isEnabled, ...(after ?? before) }
        return await updateProvider(tx, change)
      } catch (error) {
        throw sqlState(error) === '23505' ? nameTaken(channel, name) : error
      }
    })
    if (!changed) throw unknownProvider()
    ctx.signals.ring('belfry_config')
    if (body.settings) ctx.signals.ring('belfry_health')
    return showProvider(ctx, changed)
  })
}

function removeProvider(app: App, ctx: Context): void {
  const schema = {
    summary: 'Delete a provider',
    description:
      'What it sent stays on record. Its channel goes to the next provider, or the sandbox.',
    operationId: 'deleteProvider',
    tags,
    params,
    response: { 204: Type.Null({ description: 'It is gone.' }) },
  }
  app.delete('/providers/:id', { schema, config: write }, async (request, reply) => {
    const { workspaceId, params } = request
    if (!(await deleteProvider(ctx.db, workspaceId, params.id))) throw unknownProvider()
    ctx.signals.ring('belfry_config')
    return reply.code(204).send()
  })
}

/** The settings with what is given put in, checked and parted again. */
function changeSettings(ctx: Context, row: ProviderRow, given: Settings) {
  const kind = kindOf(ctx, row.channel, row.kind)
  const before = readableSettings(ctx, row)
  refuseLeak(kind, before, given)
  const merged = { ...before, ...given }
  const settings = Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null))
  checkSettings(ctx, kind, settings)
  return splitChecked(ctx, kind, { workspaceId: row.workspaceId, id: row.id, settings })
}

export function unknownProvider(): ApiError {
  return new ApiError('not_found', { detail: 'There is no such provider.' })
}

function nameTaken(channel: string, name: string): ApiError {
  return new ApiError('already_exists', {
    detail: `${channel} has a provider called "${name}" already: change that one, or choose another name.`,
  })
}
