// Preferences: what people said, the defaults, and the log of changes, which also tells whoever plans
// deliveries that it has read something old.
import type { FieldChange } from '../domain/preference-change.ts'
import type { PreferenceDefaults, PreferenceSubject, Preferences } from '../domain/preferences.ts'
import { sql, type Db } from './db.ts'

export type PreferenceState = { seq: number; defaults: PreferenceDefaults | null }

/** How many changes there have been, and the defaults. Read before the people whose wishes it is about. */
export async function findPreferenceState(db: Db, workspaceId: number): Promise<PreferenceState> {
  const rows = await db.query<PreferenceState>(sql`
    select seq, defaults from belfry.preference_heads where workspace_id = ${workspaceId}`)
  return rows[0] ?? { seq: 0, defaults: null }
}

export type FanOutState = PreferenceState & { awaited: [event: string, key: string | null][] }

/** The same for who finds the people of events of some types; with which of these are awaited, and by which keys. */
export async function findFanOutState(
  db: Db,
  workspaceId: number,
  types: string[],
): Promise<FanOutState> {
  const rows = await db.query<FanOutState>(sql`
    select coalesce(h.seq, 0) as seq, h.defaults, coalesce(a.awaited, '[]') as awaited
    from (
      select jsonb_agg(distinct jsonb_build_array(event, key)) as awaited from belfry.awaited_events
      where workspace_id = ${workspaceId} and event = any (${types}::text[])
    ) a
    left join belfry.preference_heads h on h.workspace_id = ${workspaceId}`)
  return rows[0]!
}

/** Until the transaction ends nobody can change preferences, but others may do the same. */
export async function holdPreferences(tx: Db, workspaceId: number): Promise<void> {
  await tx.query(sql`select pg_advisory_xact_lock_shared(8058, ${workspaceId}::integer)`)
}

/** Nobody else can change preferences, or plan by them, until the transaction ends. */
export async function lockPreferences(tx: Db, workspaceId: number): Promise<void> {
  await tx.query(sql`select pg_advisory_xact_lock(8058, ${workspaceId}::integer)`)
}

export type PreferencesRow = {
  subscriberId: string
  timezone: string | null
  document: Preferences
  updatedAt: Date | null // null: nothing was ever said
}

export async function findPreferences(
  db: Db,
  workspaceId: number,
  subscriberId: string,
): Promise<PreferencesRow | null> {
  const rows = await db.query<PreferencesRow>(sql`
    select s.id as subscriber_id, s.timezone, coalesce(p.document, '{}') as document, p.updated_at
    from belfry.subscribers s
    left join belfry.preferences p on p.workspace_id = s.workspace_id and p.subscriber_id = s.id
    where s.workspace_id = ${workspaceId} and s.id = ${subscriberId}`)
  return rows[0] ?? null
}

/** Holds the subscriber until the transaction ends, so that two changes do not overwrite each other. */
export async function lockSubscriber(tx: Db, workspaceId: number, id: string): Promise<boolean> {
  const rows = await tx.query(sql`
    select id from belfry.subscribers
    where workspace_id = ${workspaceId} and id = ${id}
    for no key update`)
  return rows.length > 0
}

/** Who changed something: the holder of a key, a push of a catalog, the person, or whoever followed a link. */
export type ChangedBy =
  | { kind: 'key'; keyId: string }
  | { kind: 'catalog'; name: string }
  | { kind: 'subscriber' | 'unsubscribe_link' | 'preferences_link' | 'why_link' }

/** `subscriber_update`: the zone of somebody with quiet hours changed where the subscriber was saved. */
export type ChangeKind = ChangedBy['kind'] | 'subscriber_update'

export type PreferenceUpdate = {
  workspaceId: number
  subscriberId: string
  document: Preferences
  timezone: string | null
  changes: FieldChange[]
  by: ChangedBy
  now: Date
}

/**
 * Stores and logs a change. From here on the transaction holds the lock of the workspace, for as short
 * as possible: who plans deliveries meanwhile waits for its commit.
 */
export async function updatePreferences(tx: Db, update: PreferenceUpdate): Promise<void> {
  const { workspaceId, subscriberId, document, timezone, now } = update
  const seq = await nextPreferenceSeq(tx, workspaceId)
  await tx.query(sql`select set_config('belfry.logs_zones', 'on', true)`)
  await tx.query(sql`
    with kept as (
      insert into belfry.preferences (workspace_id, subscriber_id, document, updated_at)
      values (${workspaceId}, ${subscriberId}, ${JSON.stringify(document)}, ${now})
      on conflict (workspace_id, subscriber_id)
        do update set document = excluded.document, updated_at = excluded.updated_at
    ),
    moved as (
      update belfry.subscribers set timezone = ${timezone}, updated_at = ${now}
      where workspace_id = ${workspaceId} and id = ${subscriberId}
        and timezone is distinct from ${timezone}
    ),
    noted as (
      insert into belfry.moves (workspace_id, subscriber_id, due_at)
      select ${workspaceId}, ${subscriberId}, ${now} where ${isAboutTime(update.changes)}::boolean
      on conflict (workspace_id, subscriber_id)
        do update set seq = null, is_done = false, due_at = excluded.due_at
    )
    insert into belfry.preference_changes (workspace_id, seq, subscriber_id, by_kind, by_name, changes, changed_at)
    select ${workspaceId}, ${seq}, ${subscriberId}, ${update.by.kind}, (
        select k.name from belfry.keys k
        where k.workspace_id = ${workspaceId} and k.id = ${keyIdOf(update.by)}),
      ${JSON.stringify(update.changes)}, ${now}`)
}

/** What waits has to be looked at again. */
function isAboutTime(changes: FieldChange[]): boolean {
  return changes.some(({ field: [name] }) => name === 'quiet_hours' || name === 'hours')
}

export type DefaultsUpdate = {
  workspaceId: number
  defaults: PreferenceDefaults
  changes: FieldChange[]
  by: ChangedBy
  now: Date
}

/** Keeps other writers of the defaults away until the transaction ends; who plans deliveries does not wait for it. */
export async function lockPreferenceDefaults(tx: Db, workspaceId: number): Promise<void> {
  await tx.query(sql`
    select pg_advisory_xact_lock(hashtextextended(${`preference_defaults/${workspaceId}`}, 0))`)
}

/** As `updatePreferences`, for what holds for everybody. */
export async function updatePreferenceDefaults(tx: Db, update: DefaultsUpdate): Promise<void> {
  const { workspaceId, defaults, now } = update
  const seq = await nextPreferenceSeq(tx, workspaceId)
  await tx.query(sql`
    with kept as (
      update belfry.preference_heads
      set defaults = ${JSON.stringify(defaults)}, defaults_updated_at = ${now}
      where workspace_id = ${workspaceId}
    ),
    noted as (
      insert into belfry.moves (workspace_id, subscriber_id, due_at)
      select ${workspaceId}, null::text, ${now} where ${isAboutTime(update.changes)}::boolean
      on conflict (workspace_id, subscriber_id)
        do update set seq = null, is_done = false, due_at = excluded.due_at
    )
    insert into belfry.preference_changes (workspace_id, seq, by_kind, by_name, changes, changed_at)
    select ${workspaceId}, ${seq}, ${update.by.kind}, coalesce(${update.by.kind === 'catalog' ? update.by.name : null}, (
        select k.name from belfry.keys k
        where k.workspace_id = ${workspaceId} and k.id = ${keyIdOf(update.by)})),
      ${JSON.stringify(update.changes)}, ${now}`)
}

/** Takes the lock of changed_preferences until the transaction ends: planning waits for its commit. */
export async function nextPreferenceSeq(tx: Db, workspaceId: number): Promise<number> {
  await lockPreferences(tx, workspaceId)
  const rows = await tx.query<{ seq: number }>(sql`
    insert into belfry.preference_heads as h (workspace_id, seq) values (${workspaceId}, 1)
    on conflict (workspace_id) do update set seq = h.seq + 1
    returning seq`)
  return rows[0]!.seq
}

function keyIdOf(by: ChangedBy): string | null {
  return by.kind === 'key' ? by.keyId : null
}

export async function findPreferenceDefaults(
  db: Db,
  workspaceId: number,
): Promise<{ defaults: PreferenceDefaults; updatedAt: Date | null }> {
  const rows = await db.query<{ defaults: PreferenceDefaults; updatedAt: Date | null }>(sql`
    select coalesce(defaults, '{}') as defaults, defaults_updated_at as updated_at
    from belfry.preference_heads where workspace_id = ${workspaceId}`)
  return rows[0] ?? { defaults: {}, updatedAt: null }
}

export type PreferenceChangeRow = {
  seq: number
  byKind: ChangeKind
  byName: string | null
  changes: FieldChange[]
  changedAt: Date
}

/** A page of one person's changes, newest first. */
export function listPreferenceChanges(
  db: Db,
  page: {
    workspaceId: number
    subscriberId: string
    before: number | null
    offset: number
    limit: number
  },
): Promise<PreferenceChangeRow[]> {
  return db.query<PreferenceChangeRow>(sql`
    select seq, by_kind, by_name, changes, changed_at
    from belfry.preference_changes
    where workspace_id = ${page.workspaceId}
      and subscriber_id = ${page.subscriberId}
      and (${page.before}::bigint is null or seq < ${page.before})
    order by seq desc
    limit ${page.limit} offset ${page.offset}`)
}

/**
 * Forgets up to `limit` changes made before `before`, of all workspaces; answers how many. Whoever plans
 * deliveries asks only for what came after it began (`changed_preferences`), so it must lie far back.
 */
export async function deleteOldPreferenceChanges(
  db: Db,
  before: Date,
  limit: number,
): Promise<number> {
  const rows = await db.query(sql`
    delete from belfry.preference_changes
    where (workspace_id, seq) in (
      select workspace_id, seq from belfry.preference_changes
      where changed_at < ${before}
      order by changed_at
      limit ${limit}
      for update skip locked)
    returning 1`)
  return rows.length
}

/** The registry as far as preferences go, by key; at most 5,000 event types. */
export function listPreferenceSubjects(db: Db, workspaceId: number): Promise<PreferenceSubject[]> {
  return db.query<PreferenceSubject>(sql`
    select key, definition ->> 'name' as name, definition ->> 'category' as category,
      definition ->> 'level' as level, definition -> 'channels' as channels,
      coalesce((definition ->> 'opt_in')::boolean, false) as is_opt_in
    from (
      select distinct on (key) key, definition, deleted_at from belfry.event_types
      where workspace_id = ${workspaceId}
      order by key, version desc
    ) last
    where deleted_at is null
    order by key
    limit 5000`)
}
