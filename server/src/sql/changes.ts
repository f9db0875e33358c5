// What has changed, for those who follow it as it happens.
import { sql, type Db } from './db.ts'

export type NewChange = {
  workspaceId: number
  what: 'created' | 'updated' | 'removed' | 'many'
  eventId: string | null
  notificationIds: string[]
  recipients: string[]
}

export type Change = NewChange & { xid: string }

/** In the transaction that makes the change. */
export async function insertChanges(tx: Db, changes: NewChange[]): Promise<void> {
  if (changes.length === 0) return
  await tx.query(sql`
    insert into belfry.changes (workspace_id, what, event_id, notification_ids, recipients)
    select "workspaceId", what, "eventId", "notificationIds", recipients
    from json_to_recordset(${JSON.stringify(changes)}::json) as c (
      "workspaceId" integer, what text, "eventId" uuid, "notificationIds" uuid[], recipients text[])`)
}

export type ReadChanges = {
  /** What is committed by now: what to ask for next is what this does not show. */
  snapshot: string
  changes: Change[]
}

/**
 * Up to `limit` changes of all workspaces that a snapshot did not show, in the order in which they were
 * written; none without one. All of one statement, so what it answers and the snapshot belong together.
 */
export async function listChanges(
  db: Db,
  since: string | null,
  limit: number,
): Promise<ReadChanges> {
  const rows = await db.query<{ snapshot: string } & (Change | { xid: null })>(sql`
    select pg_current_snapshot()::text as snapshot, c.*
    from (values (1)) as once (row)
    left join lateral (
      select c.workspace_id, c.xid::text as xid, c.what, c.event_id, c.notification_ids, c.recipients
      from belfry.changes c
      where c.xid >= pg_snapshot_xmax(${since}::pg_snapshot)
        or c.xid = any (array(select pg_snapshot_xip(${since}::pg_snapshot)))
      order by c.id
      limit ${limit}
    ) c on true`)
  return {
    snapshot: rows[0]!.snapshot,
    changes: rows.filter((row): row is { snapshot: string } & Change => row.xid !== null),
  }
}

export type BroadcastPart = { workspaceId: number; eventId: string; recipients: string[] }

/** The notifications of an event that are in the feeds of these people. */
export function listItemsOfEvents(
  db: Db,
  parts: BroadcastPart[],
): Promise<{ workspaceId: number; eventId: string; subscriberId: string; id: string }[]> {
  return db.query(sql`
    select n.workspace_id, n.event_id, n.recipient as subscriber_id, n.id
    from json_to_recordset(${JSON.stringify(parts)}::json)
      as p ("workspaceId" integer, "eventId" uuid, recipients text[])
    cross join lateral unnest(p.recipients) as r (recipient)
    cross join lateral (
      select n.workspace_id, n.event_id, n.recipient, n.id from belfry.notifications n
      where n.event_id = p."eventId" and n.recipient = r.recipient
        and n.workspace_id = p."workspaceId" and n.feed > 0
      offset 0
    ) n`)
}

/** Those older than so many hours by the clock of the database. Answers how many went. */
export async function deleteOldChanges(db: Db, hours: number, limit: number): Promise<number> {
  const rows = await db.query(sql`
    delete from belfry.changes
    where ctid = any (array(
      select ctid from (
        select ctid, changed_at from belfry.changes order by xid limit ${limit}
      ) oldest
      where changed_at < now() - make_interval(hours => ${hours})))
    returning id`)
  return rows.length
}
