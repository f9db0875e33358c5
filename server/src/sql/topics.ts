// Topics: named sets of subscribers.
import { sql, type Db } from './db.ts'

export type Topic = { key: string; createdAt: Date }

export type TopicFilter = {
  workspaceId: number
  after: string | null // a key
  offset: number
  limit: number
}

/** A page of topics, by key. */
export function listTopics(db: Db, filter: TopicFilter): Promise<Topic[]> {
  return db.query<Topic>(sql`
    select key, created_at from belfry.topics
    where workspace_id = ${filter.workspaceId}
      and key > coalesce(${filter.after}::text, '')
    order by key
    limit ${filter.limit} offset ${filter.offset}`)
}

export async function findTopic(
  db: Db,
  workspaceId: number,
  key: string,
): Promise<(Topic & { memberCount: number }) | null> {
  const rows = await db.query<Topic & { memberCount: number }>(sql`
    select t.key, t.created_at, (
      select count(*) from belfry.topic_members m
      where m.workspace_id = t.workspace_id and m.topic = t.key) as member_count
    from belfry.topics t
    where t.workspace_id = ${workspaceId} and t.key = ${key}`)
  return rows[0] ?? null
}

/** Answers whether there was one. Its members go with it, the subscribers stay. */
export async function deleteTopic(db: Db, workspaceId: number, key: string): Promise<boolean> {
  const rows = await db.query(sql`
    delete from belfry.topics where workspace_id = ${workspaceId} and key = ${key} returning key`)
  return rows.length > 0
}

export type MemberFilter = {
  workspaceId: number
  topic: string
  after: string | null // a subscriber's id
  offset: number
  limit: number
}

export type Member = { subscriberId: string; createdAt: Date }

/** A page of members, by id. */
export function listMembers(db: Db, filter: MemberFilter): Promise<Member[]> {
  return db.query<Member>(sql`
    select subscriber_id, created_at from belfry.topic_members
    where workspace_id = ${filter.workspaceId} and topic = ${filter.topic}
      and subscriber_id > coalesce(${filter.after}::text, '')
    order by subscriber_id
    limit ${filter.limit} offset ${filter.offset}`)
}

/** Of these topics those that a subscriber is a member of, and since when. */
export function listMemberships(
  db: Db,
  workspaceId: number,
  { subscriberId, topics }: { subscriberId: string; topics: string[] },
): Promise<{ topic: string; createdAt: Date }[]> {
  return db.query(sql`
    select topic, created_at from belfry.topic_members
    where workspace_id = ${workspaceId} and subscriber_id = ${subscriberId}
      and topic = any (${topics}::text[])
    order by topic
    limit ${topics.length}`)
}

export type Members = { workspaceId: number; topic: string; ids: string[] }

/** Of these ids those that are subscribers. They stay subscribers until the transaction ends. */
export async function lockSubscribers(
  tx: Db,
  { workspaceId, ids }: { workspaceId: number; ids: string[] },
): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(sql`
    select id from belfry.subscribers
    where workspace_id = ${workspaceId} and id = any(${ids}::text[])
    order by id
    limit ${ids.length}
    for key share`)
  return rows.map(({ id }) => id)
}

/** Makes the topic if need be. Answers how many were not members before. */
export async function insertMembers(tx: Db, { workspaceId, topic, ids }: Members): Promise<number> {
  await tx.query(sql`
    insert into belfry.topics (workspace_id, key) values (${workspaceId}, ${topic})
    on conflict do nothing`)
  const rows = await tx.query(sql`
    insert into belfry.topic_members (workspace_id, topic, subscriber_id)
    select ${workspaceId}::integer, ${topic}::text, id from unnest(${ids}::text[]) as g (id)
    order by id
    on conflict do nothing
    returning subscriber_id`)
  return rows.length
}

/** Answers how many were members. */
export async function deleteMembers(db: Db, { workspaceId, topic, ids }: Members): Promise<number> {
  const rows = await db.query(sql`
    delete from belfry.topic_members
    where workspace_id = ${workspaceId} and topic = ${topic} and subscriber_id = any(${ids}::text[])
    returning subscriber_id`)
  return rows.length
}

/** Takes out all others. Answers how many those were. */
export async function deleteOtherMembers(
  db: Db,
  { workspaceId, topic, ids }: Members,
): Promise<number> {
  const rows = await db.query<{ count: number }>(sql`
    with gone as (
      delete from belfry.topic_members
      where workspace_id = ${workspaceId} and topic = ${topic}
        and subscriber_id <> all(${ids}::text[])
      returning 1)
    select count(*) as count from gone`)
  return rows[0]?.count ?? 0
}
