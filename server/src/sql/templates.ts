// Templates. Versions are added, never changed: work in flight keeps its own.
import type { Channel } from '../domain/channel.ts'
import type { TemplatePin } from '../domain/event.ts'
import type { Template, TemplateSource, TemplateVersion } from '../domain/template.ts'
import { sql, type Db } from './db.ts'

export type TemplateKey = {
  workspaceId: number
  eventType: string
  channel: Channel
  locale: string
}

/** The current templates of an event type, all channels and locales (at most 1,000). */
export function listCurrentTemplates(
  db: Db,
  workspaceId: number,
  eventType: string,
): Promise<Template[]> {
  return db.query<Template>(sql`
    select event_type, channel, locale, version, content, author, created_at
    from (
      select distinct on (channel, locale)
        event_type, channel, locale, version, content, author, created_at
      from belfry.templates
      where workspace_id = ${workspaceId} and event_type = ${eventType}
      order by channel, locale, version desc
    ) t
    where content is not null
    order by channel, locale
    limit 1000`)
}

/** The templates of an event type in given versions. */
export function listPinnedTemplates(
  db: Db,
  workspaceId: number,
  eventType: string,
  pins: TemplatePin[],
): Promise<Template[]> {
  return db.query<Template>(sql`
    select t.event_type, t.channel, t.locale, t.version, t.content, t.author, t.created_at
    from json_to_recordset(${JSON.stringify(pins)}::json)
      as p (channel text, locale text, version integer)
    join belfry.templates t on t.workspace_id = ${workspaceId} and t.event_type = ${eventType}
      and t.channel = p.channel and t.locale = p.locale and t.version = p.version
    where t.content is not null
    order by t.channel, t.locale
    limit 1000`)
}

/** The last version, also when it ended the template; null when there never was one. */
export async function findLastTemplate(db: Db, key: TemplateKey): Promise<TemplateVersion | null> {
  const rows = await db.query<TemplateVersion>(sql`
    select event_type, channel, locale, version, content, author, created_at
    from belfry.templates
    where workspace_id = ${key.workspaceId} and event_type = ${key.eventType}
      and channel = ${key.channel} and locale = ${key.locale}
    order by version desc
    limit 1`)
  return rows[0] ?? null
}

export async function findTemplateVersion(
  db: Db,
  key: TemplateKey,
  version: number,
): Promise<TemplateVersion | null> {
  const rows = await db.query<TemplateVersion>(sql`
    select event_type, channel, locale, version, content, author, created_at
    from belfry.templates
    where workspace_id = ${key.workspaceId} and event_type = ${key.eventType}
      and channel = ${key.channel} and locale = ${key.locale} and version = ${version}`)
  return rows[0] ?? null
}

export type TemplateFilter = {
  workspaceId: number
  eventType: string | null
  channel: string | null
  after: { eventType: string; channel: string; locale: string } | null
  offset: number
  limit: number
}

/** A page of current versions, by event type, channel and locale. */
export function listTemplates(db: Db, filter: TemplateFilter): Promise<Template[]> {
  const { after } = filter
  return db.query<Template>(sql`
    select event_type, channel, locale, version, content, author, created_at
    from (
      select distinct on (event_type, channel, locale)
        event_type, channel, locale, version, content, author, created_at
      from belfry.templates
      where workspace_id = ${filter.workspaceId}
        and (${filter.eventType}::text is null or event_type = ${filter.eventType})
        and (${filter.channel}::text is null or channel = ${filter.channel})
        and (${after?.eventType ?? null}::text is null
          or (event_type, channel, locale)
            > (${after?.eventType ?? null}::text, ${after?.channel ?? null}::text, ${after?.locale ?? null}::text))
      order by event_type, channel, locale, version desc
    ) t
    where content is not null
    order by event_type, channel, locale
    limit ${filter.limit} offset ${filter.offset}`)
}

export type TemplateVersionFilter = TemplateKey & {
  before: number | null
  offset: number
  limit: number
}

/** A page of all versions of one template, newest first. */
export function listTemplateVersions(
  db: Db,
  filter: TemplateVersionFilter,
): Promise<TemplateVersion[]> {
  return db.query<TemplateVersion>(sql`
    select event_type, channel, locale, version, content, author, created_at
    from belfry.templates
    where workspace_id = ${filter.workspaceId} and event_type = ${filter.eventType}
      and channel = ${filter.channel} and locale = ${filter.locale}
      and (${filter.before}::integer is null or version < ${filter.before})
    order by version desc
    limit ${filter.limit} offset ${filter.offset}`)
}

/**
 * Adds a version if the content differs from the current one, and answers the version that is now
 * current. `content` null ends the template. The caller holds the lock of the workspace's templates.
 */
export async function insertTemplateVersion(
  tx: Db,
  key: TemplateKey,
  { content, author }: { content: TemplateSource | null; author: string },
): Promise<{ template: TemplateVersion; isNew: boolean }> {
  const { workspaceId, eventType, channel, locale } = key
  const current = await findLastTemplate(tx, key)
  const rows = await tx.query<TemplateVersion>(sql`
    insert into belfry.templates (workspace_id, event_type, channel, locale, version, content, author)
    select ${workspaceId}::integer, ${eventType}::text, ${channel}::text, ${locale}::text,
      ${(current?.version ?? 0) + 1}::integer, new, ${author}::text
    from (select ${content && JSON.stringify(content)}::jsonb as new) n
    where not exists (
      select from belfry.templates
      where workspace_id = ${workspaceId} and event_type = ${eventType} and channel = ${channel}
        and locale = ${locale} and version = ${current?.version ?? 0} and content is not distinct from new)
    returning event_type, channel, locale, version, content, author, created_at`)
  if (rows[0]) return { template: rows[0], isNew: true }
  if (!current) throw new Error('a template neither exists nor could be added')
  return { template: current, isNew: false }
}

/**
 * One change of templates, parts or event types of a workspace at a time, until the transaction ends: what
 * a change was checked against still holds when it is stored, and two never take the same number.
 */
export async function lockTemplates(tx: Db, workspaceId: number): Promise<void> {
  const name = `templates/${workspaceId}`
  await tx.query(sql`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`)
}

/** Current templates that have a word in their source; at most 1,000. */
export function listTemplatesWith(db: Db, workspaceId: number, word: string): Promise<Template[]> {
  return db.query<Template>(sql`
    select event_type, channel, locale, version, content, author, created_at
    from (
      select distinct on (event_type, channel, locale)
        event_type, channel, locale, version, content, author, created_at
      from belfry.templates
      where workspace_id = ${workspaceId}
      order by event_type, channel, locale, version desc
    ) t
    where strpos(content::text, ${word}) > 0
    order by event_type, channel, locale
    limit 1000`)
}
