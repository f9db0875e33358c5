// Hooks. `secrets` is encrypted: only the program that holds the secret reads it.
import type { Hook } from '../domain/hook.ts'
import type { Reach } from '../domain/reach.ts'
import { sql, type Db } from './db.ts'
import type { ResultPlace } from './results.ts'

export type NewHook = Pick<
  Hook,
  'workspaceId' | 'id' | 'url' | 'description' | 'types' | 'secrets' | 'isEnabled'
> & { now: Date }

/** It is told what happens from its commit on. */
export async function insertHook(db: Db, hook: NewHook): Promise<Hook> {
  const { isEnabled, now } = hook
  const rows = await db.query<Hook>(sql`
    insert into belfry.hooks (workspace_id, id, url, description, types, secrets, is_enabled,
      disabled_reason, disabled_at, created_at, updated_at)
    values (${hook.workspaceId}, ${hook.id}, ${hook.url}, ${hook.description}, ${hook.types},
      ${hook.secrets}, ${isEnabled}, ${isEnabled ? null : 'by_hand'}, ${isEnabled ? null : now}, ${now}, ${now})
    returning workspace_id, id, url, description, types, secrets, is_enabled, disabled_reason, disabled_at,
      failing_since, not_before, reset_at, created_at, updated_at`)
  return rows[0]!
}

export async function countHooks(db: Db, workspaceId: number): Promise<number> {
  const rows = await db.query<{ count: number }>(sql`
    select count(*) from belfry.hooks where workspace_id = ${workspaceId}`)
  return rows[0]!.count
}

export type HookFilter = {
  workspaceId: number
  after: string | null // an id
  offset: number
  limit: number
}

/** A page of hooks, oldest first. */
export function listHooks(db: Db, filter: HookFilter): Promise<Hook[]> {
  return db.query<Hook>(sql`
    select workspace_id, id, url, description, types, secrets, is_enabled, disabled_reason, disabled_at,
      failing_since, not_before, reset_at, created_at, updated_at
    from belfry.hooks
    where workspace_id = ${filter.workspaceId} and (${filter.after}::uuid is null or id > ${filter.after})
    order by id
    limit ${filter.limit} offset ${filter.offset}`)
}

export async function findHook(db: Db, workspaceId: number, id: string): Promise<Hook | null> {
  const rows = await db.query<Hook>(sql`
    select workspace_id, id, url, description, types, secrets, is_enabled, disabled_reason, disabled_at,
      failing_since, not_before, reset_at, created_at, updated_at
    from belfry.hooks
    where workspace_id = ${workspaceId} and id = ${id}`)
  return rows[0] ?? null
}

/** Holds the row until the transaction ends, so that what is read is what is changed. */
export async function findHookForUpdate(
  tx: Db,
  workspaceId: number,
  id: string,
): Promise<Hook | null> {
  const rows = await tx.query<Hook>(sql`
    select workspace_id, id, url, description, types, secrets, is_enabled, disabled_reason, disabled_at,
      failing_since, not_before, reset_at, created_at, updated_at
    from belfry.hooks
    where workspace_id = ${workspaceId} and id = ${id}
    for no key update`)
  return rows[0] ?? null
}

/**
 * What may change of a hook. One that is switched on again is told what happens from then on. How it fared counts no
 * more then, nor at another address.
 */
export async function updateHook(
  db: Db,
  hook: Omit<NewHook, 'secrets'> & { secrets: Buffer },
): Promise<Hook> {
  const { isEnabled, now } = hook
  const rows = await db.query<Hook>(sql`
    with before as (
      select h.id, h.is_enabled <> ${isEnabled} as is_switched,
        h.is_enabled <> ${isEnabled} or h.url <> ${hook.url} as is_fresh
      from belfry.hooks h
      where h.workspace_id = ${hook.workspaceId} and h.id = ${hook.id}
    )
    update belfry.hooks h
    set url = ${hook.url}, description = ${hook.description}, types = ${hook.types},
      secrets = ${hook.secrets}, is_enabled = ${isEnabled}, updated_at = ${now},
      disabled_reason = case when ${isEnabled} then null else coalesce(h.disabled_reason, 'by_hand') end,
      disabled_at = case when ${isEnabled} then null else coalesce(h.disabled_at, ${now}) end,
      failing_since = case when b.is_fresh then null else h.failing_since end,
      last_failed_at = case when b.is_fresh then null else h.last_failed_at end,
      failure_count = case when b.is_fresh then 0 else h.failure_count end,
      not_before = case when b.is_fresh then null else h.not_before end,
      since = case when ${isEnabled} and b.is_switched then pg_current_snapshot() else h.since end,
      page_until = case when ${isEnabled} and b.is_switched then null else h.page_until end
    from before b
    where h.workspace_id = ${hook.workspaceId} and h.id = b.id
    returning h.workspace_id, h.id, h.url, h.description, h.types, h.secrets, h.is_enabled, h.disabled_reason,
      h.disabled_at, h.failing_since, h.not_before, h.reset_at, h.created_at, h.updated_at`)
  return rows[0]!
}

/** What waits of a hook that fails may be called at once: somebody says that its receiver is well again. */
export async function callHookSoon(db: Db, workspaceId: number, id: string): Promise<void> {
  await db.query(sql`
    update belfry.hooks set not_before = null
    where workspace_id = ${workspaceId} and id = ${id} and not_before is not null`)
}

/** With all it was told. Its messages go first: whoever writes how a call ended holds them before the hook. */
export async function deleteHook(tx: Db, workspaceId: number, id: string): Promise<boolean> {
  await tx.query(sql`
    delete from belfry.hook_messages where workspace_id = ${workspaceId} and hook_id = ${id}`)
  const rows = await tx.query(sql`
    delete from belfry.hooks where workspace_id = ${workspaceId} and id = ${id} returning id`)
  return rows.length > 0
}

export async function hasHooks(db: Db, reach: Reach): Promise<boolean> {
  const rows = await db.query(sql`
    select from belfry.hooks
    where is_enabled and (workspace_id = any (${reach.workspaceIds}::integer[])) = ${reach.isOnly}
    limit 1`)
  return rows.length > 0
}

/** Hooks that have something to read, or whose place is of another database; first those that have read the least. */
export function listHooksBehind(
  db: Db,
  { reach, limit, except = [] }: { reach: Reach; limit: number; except?: string[] },
): Promise<{ workspaceId: number; id: string }[]> {
  return db.query(sql`
    select h.workspace_id, h.id from belfry.hooks h
    where h.is_enabled and (h.workspace_id = any (${reach.workspaceIds}::integer[])) = ${reach.isOnly}
      and h.id <> all (${except}::uuid[])
      and (h.page_until is not null or pg_snapshot_xmax(h.since) > pg_snapshot_xmax(pg_current_snapshot())
        or exists (
          select from belfry.results r
          where r.workspace_id = h.workspace_id and r.xid >= pg_snapshot_xmax(h.since))
        or exists (
          select from belfry.results r
          where r.workspace_id = h.workspace_id and r.xid = any (array(select pg_snapshot_xip(h.since)))))
    order by pg_snapshot_xmax(h.since), h.id
    limit ${limit}`)
}

/** How far a hook has read; nobody else reads for it until the transaction ends. Null while somebody does. */
export async function lockHookPlace(
  tx: Db,
  { workspaceId, id }: { workspaceId: number; id: string },
): Promise<{ types: string[] | null; place: ResultPlace } | null> {
  const rows = await tx.query<{
    types: string[] | null
    since: string
    pageUntil: string | null
    pageXid: string
    pageId: string
  }>(sql`
    select types, since::text as since, page_until::text as page_until, page_xid::text as page_xid,
      page_id::text as page_id
    from belfry.hooks
    where workspace_id = ${workspaceId} and id = ${id} and is_enabled
    for no key update skip locked`)
  if (!rows[0]) return null
  const { types, since, pageUntil, pageXid, pageId } = rows[0]
  const page = pageUntil === null ? null : { until: pageUntil, xid: pageXid, id: pageId }
  return { types, place: { since, page } }
}

export async function updateHookPlace(
  tx: Db,
  { workspaceId, id }: { workspaceId: number; id: string },
  { since, page }: ResultPlace,
): Promise<void> {
  await tx.query(sql`
    update belfry.hooks
    set since = ${since}::pg_snapshot, page_until = ${page?.until ?? null}::pg_snapshot,
      page_xid = ${page?.xid ?? null}::xid8, page_id = ${page?.id ?? null}::bigint
    where workspace_id = ${workspaceId} and id = ${id}`)
}

/**
 * Begins anew, now, and tells so: its place is of another database, as after a restore, and shows nothing here. What
 * was written down there goes.
 */
export async function resetHook(
  tx: Db,
  { workspaceId, id }: { workspaceId: number; id: string },
  now: Date,
): Promise<void> {
  // The snapshot of a transaction may show itself: this one ends before it, so that what it tells is read.
  await tx.query(sql`
    with gone as (
      delete from belfry.results
      where workspace_id = ${workspaceId} and xid >= pg_snapshot_xmax(pg_current_snapshot())
    ), told as (
      insert into belfry.results (workspace_id, type, at, hook_id, reason)
      values (${workspaceId}, 'hook.reset', ${now}, ${id}, 'restored')
    ), here as (
      select pg_current_snapshot() as shown, pg_current_xact_id() as own
    )
    update belfry.hooks h
    set page_until = null, reset_at = ${now}, since = format('%s:%s:%s', least(pg_snapshot_xmin(n.shown), n.own), n.own,
      (select string_agg(x::text, ',' order by x) from pg_snapshot_xip(n.shown) x where x < n.own))::pg_snapshot
    from here n
    where h.workspace_id = ${workspaceId} and h.id = ${id}`)
}

export type HookTrouble = Pick<
  Hook,
  'id' | 'url' | 'description' | 'isEnabled' | 'disabledReason' | 'failingSince'
> & { waitingSince: Date | null }

/**
 * Hooks that were switched off for a reason of their receiver's, fail, or have something waiting since before a moment;
 * up to 20.
 */
export function listHookTroubles(db: Db, before: Date): Promise<HookTrouble[]> {
  return db.query<HookTrouble>(sql`
    select h.id, h.url, h.description, h.is_enabled, h.disabled_reason, h.failing_since, m.waiting_since
    from belfry.hooks h
    left join lateral (
      select m.waiting_since from belfry.hook_messages m
      where m.hook_id = h.id and m.workspace_id = h.workspace_id and m.due_at is not null
      order by m.waiting_since
      limit 1
    ) m on true
    where case when h.is_enabled then h.failing_since is not null or m.waiting_since < ${before}
      else h.disabled_reason <> 'by_hand' end
    order by h.workspace_id, h.id
    limit 20`)
}
