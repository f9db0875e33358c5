// The configuration of a workspace as the database has it, in the form of a catalog.
import { shortForm, type Definition } from '../catalog-forms.ts'
import type { Context } from '../context.ts'
import { saidByDefault } from '../domain/preference-change.ts'
import type { Source } from '../domain/source.ts'
import { joinSettings, type Settings } from '../provider-settings.ts'
import type { Db } from '../sql/db.ts'
import { listEventTypes } from '../sql/event-types.ts'
import { findPreferenceDefaults, listPreferenceSubjects } from '../sql/preferences.ts'
import { listProviders, type ProviderRow } from '../sql/providers.ts'
import { listSchedules } from '../sql/schedules.ts'
import { listSources } from '../sql/sources.ts'
import { listParts } from '../sql/template-parts.ts'
import { listTemplates } from '../sql/templates.ts'
import { fingerprintOf, pointerOf, type Fields, type PartId } from './parts.ts'

export type StoredPart = {
  definition: Definition
  /** What has to be said of it; without secrets. */
  form: Fields
  version: number | null // null: of what is kept without versions
  author: string | null // null: not kept
  changedAt: Date
  source?: Source
  provider?: { row: ProviderRow; settings: Settings } // with the secrets
}

/** By pointer, in the order of kinds and names. */
export type StoredCatalog = Map<string, StoredPart>

type Reading = Pick<Context, 'secrets' | 'log'>
type Row = [PartId, Omit<StoredPart, 'form'>]

export async function readStored(
  ctx: Reading,
  db: Db,
  workspaceId: number,
): Promise<StoredCatalog> {
  const page = { workspaceId, offset: 0, limit: pageSize }
  const eventTypes = await readEventTypes(db, page)
  const rows = [
    ...eventTypes,
    ...(await readTemplateParts(db, page)),
    ...(await readTemplates(db, page, new Set(eventTypes.map(([{ names }]) => names[0])))),
    ...(await readSources(db, page)),
    ...(await readSchedules(db, page)),
    ...(await readProviders(ctx, db, page)),
    ...(await readDefaults(db, workspaceId)),
  ]
  return new Map(
    rows.map(([id, part]) => [pointerOf(id), { ...part, form: shortForm(id, part.definition) }]),
  )
}

const pageSize = 500
type Page = { workspaceId: number; offset: number; limit: number }

async function readEventTypes(db: Db, page: Page): Promise<Row[]> {
  const list = (after: string | null) => listEventTypes(db, { ...page, after })
  const rows = await all(list, ({ key }) => key)
  return rows.map(({ key, version, createdAt, ...definition }) => [
    { kind: 'event_types', names: [key] },
    {
      definition: { kind: 'event_types', definition, given: {} },
      version,
      author: null,
      changedAt: createdAt,
    },
  ])
}

const kindsOfParts = {
  layouts: 'layout',
  partials: 'partial',
  translations: 'translations',
} as const

async function readTemplateParts(db: Db, page: Page): Promise<Row[]> {
  const found: Row[] = []
  for (const kind of ['layouts', 'partials', 'translations'] as const) {
    const list = (after: string | null) =>
      listParts(db, { ...page, kind: kindsOfParts[kind], after })
    for (const { name, version, author, createdAt, content } of await all(list, (row) => row.name))
      found.push([
        { kind, names: [name] },
        { definition: { kind, content }, version, author, changedAt: createdAt },
      ])
  }
  return found
}

/** Those of an event type that was deleted stay on record; they are configuration no longer. */
async function readTemplates(
  db: Db,
  page: Page,
  eventTypes: Set<string | undefined>,
): Promise<Row[]> {
  const filter = { ...page, eventType: null, channel: null }
  const list = (after: Parameters<typeof listTemplates>[1]['after']) =>
    listTemplates(db, { ...filter, after })
  const rows = await all(list, ({ eventType, channel, locale }) => ({ eventType, channel, locale }))
  return rows
    .filter(({ eventType }) => eventTypes.has(eventType))
    .map(({ eventType, channel, locale, version, author, createdAt, content }) => [
      { kind: 'templates', names: [eventType, channel, locale] },
      {
        definition: { kind: 'templates', channel, content },
        version,
        author,
        changedAt: createdAt,
      },
    ])
}

const unversioned = { version: null, author: null }

async function readSources(db: Db, page: Page): Promise<Row[]> {
  const list = (after: string | null) => listSources(db, { ...page, after })
  const rows = await all(list, ({ key }) => key)
  return rows.map((source) => {
    const { schema, auth, event, response, updatedAt } = source
    const definition = { schema, auth, event, response }
    return [
      { kind: 'sources', names: [source.key] },
      {
        definition: { kind: 'sources', definition, given: {} },
        ...unversioned,
        changedAt: updatedAt,
        source,
      },
    ]
  })
}

async function readSchedules(db: Db, page: Page): Promise<Row[]> {
  const list = (after: string | null) => listSchedules(db, { ...page, isPaused: null, after })
  const rows = await all(list, ({ key }) => key)
  return rows.map(({ key, updatedAt, ...row }) => {
    const { event, message, to, cron, timezone, startsAt, endsAt, catchUp } = row
    const definition = { event, message, to, cron, timezone, startsAt, endsAt, catchUp }
    return [
      { kind: 'schedules', names: [key] },
      { definition: { kind: 'schedules', definition }, ...unversioned, changedAt: updatedAt },
    ]
  })
}

async function readProviders(ctx: Reading, db: Db, page: Page): Promise<Row[]> {
  const list = (after: string | null) => listProviders(db, { ...page, channel: null, after })
  const rows = await all(list, ({ id }) => id)
  return rows.map((row) => {
    const { channel, name, kind, priority, weight, perSecond, mayDouble, settings, updatedAt } = row
    const { isEnabled: enabled } = row
    const rank = { priority, weight, perSecond, mayDouble }
    const definition = { channel, name, kind, ...rank, enabled, settings }
    return [
      { kind: 'providers', names: [channel, name] },
      {
        definition: { kind: 'providers', definition },
        ...unversioned,
        changedAt: updatedAt,
        provider: { row, settings: readable(ctx, row) },
      },
    ]
  })
}

/** None when they say nothing. What they say of event types that are gone is configuration no longer. */
async function readDefaults(db: Db, workspaceId: number): Promise<Row[]> {
  const { defaults, updatedAt } = await findPreferenceDefaults(db, workspaceId)
  if (updatedAt === null) return []
  const definition = saidByDefault(defaults, await listPreferenceSubjects(db, workspaceId))
  if (Object.keys(definition).length === 0) return []
  const part = { kind: 'preference_defaults', definition } as const
  return [
    [
      { kind: 'preference_defaults', names: [] },
      { definition: part, ...unversioned, changedAt: updatedAt },
    ],
  ]
}

/** Every row, page after page. */
async function all<Row, After>(
  list: (after: After | null) => Promise<Row[]>,
  place: (row: Row) => After,
): Promise<Row[]> {
  const rows: Row[] = []
  for (;;) {
    const last = rows.at(-1)
    const page = await list(last === undefined ? null : place(last))
    rows.push(...page)
    if (page.length < pageSize) return rows
  }
}

/** The same as long as nothing is changed. Changed secrets count, though nobody can tell what they are. */
export function revisionOf(stored: StoredCatalog): string {
  const parts = [...stored].map(([pointer, { form, version, provider, source, changedAt }]) => {
    const at = provider || source ? changedAt.toISOString() : ''
    return [pointer, [version, form, at]]
  })
  return fingerprintOf(Object.fromEntries(parts))
}

/** All settings; without the secrets when those were encrypted with a BELFRY_SECRET that is lost. */
function readable(ctx: Reading, row: ProviderRow): Settings {
  try {
    return joinSettings(ctx.secrets, row)
  } catch (error) {
    ctx.log.error({ err: error, providerId: row.id }, 'the secrets of a provider cannot be read')
    return row.settings
  }
}
