// The catalog: all configuration of a workspace in one document, to read it and to apply it.
import { Type } from 'typebox'
import { applyCatalog, type Applied } from '../catalog/apply.ts'
import { documentOf, partKinds, partNames, partsOf } from '../catalog/parts.ts'
import { readStored, revisionOf } from '../catalog/stored.ts'
import type { Context } from '../context.ts'
import { ApiError, type FieldError } from '../errors.ts'
import type { App } from './app.ts'
import { replaceBodyLimit } from './bodies.ts'

const Members = (description: string) =>
  Type.Optional(Type.Record(Type.String(), Type.Unknown(), { description }))

const Document = Type.Object(
  Object.fromEntries(
    partKinds.map((kind) => [
      kind,
      Members(
        partNames[kind].length === 0
          ? 'As the resource takes it.'
          : `By ${partNames[kind].join(', then ')}; each as the resource takes it.`,
      ),
    ]),
  ),
)

const CatalogBody = Type.Object(
  {
    revision: Type.Optional(
      Type.String({
        maxLength: 100,
        description: 'That of the catalog that was changed: refused if it is another one by now.',
      }),
    ),
    catalog: Document,
  },
  {
    examples: [
      {
        catalog: {
          event_types: { 'order.shipped': { channels: ['in_app'], params: { type: 'object' } } },
          templates: {
            'order.shipped': {
              in_app: { default: { title: 'On its way', body: 'It has left us.' } },
            },
          },
        },
      },
    ],
  },
)

const Revision = Type.String({ description: 'The same as long as nothing is changed.' })

const CatalogView = Type.Object({
  revision: Revision,
  catalog: Type.Record(Type.String(), Type.Unknown(), {
    description: 'Without secrets, and without what has its default.',
  }),
  defaults: Type.Object({
    retention: Type.String({ description: 'Of event types that say none, when they are applied.' }),
  }),
  parts: Type.Array(
    Type.Object({
      part: Type.String({ description: 'A JSON Pointer into the catalog.' }),
      version: Type.Union([Type.Integer(), Type.Null()]),
      author: Type.Union([Type.String(), Type.Null()]),
      changed_at: Type.String({ format: 'date-time' }),
    }),
    { description: 'Who changed what when, as far as it is kept.' },
  ),
})

const Placed = Type.Array(Type.Object({ pointer: Type.String(), detail: Type.String() }))

const AppliedView = Type.Object({
  dry_run: Type.Boolean(),
  revision: Revision,
  counts: Type.Object({
    created: Type.Integer(),
    updated: Type.Integer(),
    deleted: Type.Integer(),
    unchanged: Type.Integer(),
    kept: Type.Integer({ description: 'There, and not named: untouched.' }),
  }),
  changes: Type.Array(
    Type.Object({ action: Type.Enum(['create', 'update', 'delete']), part: Type.String() }),
  ),
  kept: Type.Array(Type.String()),
  warnings: Placed,
})

const Flag = (description: string) => Type.Optional(Type.Boolean({ description }))
const tags = ['Configure']

export function catalogRoutes(app: App, ctx: Context): void {
  const show = {
    summary: 'Show the whole configuration',
    description:
      'Event types, templates and what they share, sources, schedules, providers and preference defaults in one document.',
    operationId: 'getCatalog',
    tags,
    response: { 200: CatalogView },
  }
  app.get('/catalog', { schema: show, config: { scope: 'config:read' } }, ({ workspaceId }) =>
    showCatalog(ctx, workspaceId),
  )

  const put = {
    summary: 'Apply a whole configuration',
    description:
      'All of it or nothing: what is wrong is refused with its place. Only what changed gets a new ' +
      'version; work on its way keeps the one it began with. Secrets that are left out stay.',
    operationId: 'putCatalog',
    tags,
    querystring: Type.Object({
      dry_run: Flag('Only say what would be changed.'),
      prune: Flag('Delete what the catalog does not name.'),
    }),
    body: CatalogBody,
    response: { 200: AppliedView },
  }
  const options = {
    schema: put,
    config: { scope: 'config:write' },
    bodyLimit: replaceBodyLimit,
  } as const
  app.put('/catalog', options, async ({ workspaceId, keyName, query, body }) => {
    const { parts, problems } = partsOf(body.catalog)
    if (problems.length > 0) throw refusal(problems)
    const applied = await applyCatalog(ctx, {
      workspaceId,
      parts,
      revision: body.revision ?? null,
      mayDelete: query.prune ?? false,
      isDryRun: query.dry_run ?? false,
      author: keyName,
    }).catch((error: unknown) => {
      const isRefused = error instanceof ApiError && error.code === 'invalid_catalog'
      throw isRefused ? refusal(error.details.errors ?? []) : error
    })
    return showApplied(applied, query.dry_run ?? false)
  })
}

export async function showCatalog(ctx: Context, workspaceId: number) {
  const stored = await readStored(ctx, ctx.db, workspaceId)
  return {
    revision: revisionOf(stored),
    catalog: documentOf(new Map([...stored].map(([pointer, { form }]) => [pointer, form]))),
    defaults: { retention: ctx.config.retention },
    parts: [...stored].map(([part, { version, author, changedAt }]) => ({
      part,
      version,
      author,
      changed_at: changedAt.toISOString(),
    })),
  }
}

function showApplied({ changes, unchanged, kept, warnings, revision }: Applied, isDryRun: boolean) {
  const count = (wanted: string) => changes.filter(({ action }) => action === wanted).length
  return {
    dry_run: isDryRun,
    revision,
    counts: {
      created: count('create'),
      updated: count('update'),
      deleted: count('delete'),
      unchanged,
      kept: kept.length,
    },
    changes,
    kept,
    warnings,
  }
}

function refusal(errors: FieldError[]): ApiError {
  const inBody = errors.map(({ pointer, detail }) => ({ pointer: `/catalog${pointer}`, detail }))
  return new ApiError('invalid_catalog', { errors: inBody })
}
