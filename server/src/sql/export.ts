// What belongs to one person, for those who ask for all of it.
import { sql, type Db } from './db.ts'

export function listTopicsOfPerson(
  db: Db,
  workspaceId: number,
  subscriberId: string,
): Promise<{ topic: string; createdAt: Date }[]> {
  return db.query(sql`
    select topic, created_at from belfry.topic_members
    where workspace_id = ${workspaceId} and subscriber_id = ${subscriberId}
    order by topic`)
}

/** What the person did with a notification in their feed. */
export type InFeed = {
  seenAt: Date | null
  archivedAt: Date | null
  snoozedUntil: Date | null
  acknowledgedAt: Date | null
}

/** A page of a person's notifications, newest first. */
export function listNotificationsOfPerson(
  db: Db,
  page: { workspaceId: number; subscriberId: string; before: string | null; limit: number },
): Promise<(InFeed & { id: string })[]> {
  return db.query(sql`
    select id, seen_at, archived_at, snoozed_until, acknowledged_at from belfry.notifications
    where recipient = ${page.subscriberId} and workspace_id = ${page.workspaceId} and is_subscriber
      and (${page.before}::uuid is null or id < ${page.before})
    order by id desc
    limit ${page.limit}`)
}
