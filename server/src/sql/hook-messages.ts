// What hooks are told: taken up, called, told again. A message in flight has a `worker` and a lease;
// whoever takes it again after that has another `epoch`, and what comes late changes nothing.
import type { Reach } from '../domain/reach.ts'
import { sql, type Db } from './db.ts'

export type NewHookMessage = {
  workspaceId: number
  id: string
  hookId: string
  type: string
  recipient: string | null
  body: string
}

/** They may begin at once. */
export async function insertHookMessages(
  tx: Db,
  messages: NewHookMessage[],
  now: Date,
): Promise<void> {
  if (messages.length === 0) return
  await tx.query(sql`
    insert into belfry.hook_messages (workspace_id, id, hook_id, type, recipient, body, status, due_at, created_at,
      waiting_since)
    select "workspaceId", id, "hookId", type, recipient, body, 'waiting', ${now}, ${now}, ${now}
    from json_to_recordset(${JSON.stringify(messages)}::json) as m (
      "workspaceId" integer, id uuid, "hookId" uuid, type text, recipient text, body text)`)
}

export type BegunHookMessage = {
  workspaceId: number
  id: string
  hookId: string
  body: string
  epoch: number
  attemptCount: number // with this one
  earlier: number
  url: string
  secrets: Buffer
}

export type HookClaim = {
  limit: number
  /** Of one hook, in flight at a time. One that fails is tried with one at a time. */
  mostOfOne: number
  /** Of all hooks of one workspace, in flight at a time. */
  mostOfWorkspace: number
  worker: string
  now: Date
  leaseUntil: Date
  reach: Reach
}

/**
 * Takes what is due of hooks that are switched on, also what somebody else took and did not end in time. Those take
 * turns that have the least in flight: workspaces, and the hooks of each.
 */
export function claimHookMessages(db: Db, claim: HookClaim): Promise<BegunHookMessage[]> {
  const { limit, mostOfOne, mostOfWorkspace, worker, now, leaseUntil, reach } = claim
  return db.query<BegunHookMessage>(sql`
    with ready as materialized (
      select h.workspace_id, h.id, h.url, h.secrets, r.running,
        sum(r.running) over (partition by h.workspace_id) as running_in_workspace,
        case when h.not_before > ${now} then 0 when h.failing_since is null then ${mostOfOne}::integer else 1 end
          - r.running as room
      from belfry.hooks h
      cross join lateral (
        select count(*) as running from belfry.hook_messages m
        where m.hook_id = h.id and m.workspace_id = h.workspace_id and m.worker is not null and m.due_at > ${now}
      ) r
      where h.is_enabled and (h.workspace_id = any (${reach.workspaceIds}::integer[])) = ${reach.isOnly}
    ),
    due as (
      select h.workspace_id, h.url, h.secrets, h.running_in_workspace, m.id, m.due_at,
        h.running + row_number() over (partition by h.id order by m.due_at, m.id) as turn
      from ready h
      cross join lateral (
        select m.id, m.due_at from belfry.hook_messages m
        where m.hook_id = h.id and m.workspace_id = h.workspace_id and m.due_at <= ${now}
        order by m.due_at, m.id
        limit greatest(h.room, 0)
      ) m
    ),
    in_turn as (
      select d.workspace_id, d.url, d.secrets, d.id, d.due_at, d.running_in_workspace
        + row_number() over (partition by d.workspace_id order by d.turn, d.due_at, d.id) as turn
      from due d
    ),
    chosen as materialized (
      select * from in_turn where turn <= ${mostOfWorkspace} order by turn, due_at, id limit ${limit}
    ),
    held as materialized (
      select c.* from chosen c
      cross join lateral (
        select from belfry.hook_messages m
        where m.workspace_id = c.workspace_id and m.id = c.id and m.due_at <= ${now}
        for update skip locked
      ) m
    )
    update belfry.hook_messages m
    set worker = ${worker}, due_at = ${leaseUntil}, epoch = m.epoch + 1, attempt_count = m.attempt_count + 1
    from held d
    where m.workspace_id = d.workspace_id and m.id = d.id
    returning m.workspace_id, m.id, m.hook_id, m.body, m.epoch, m.attempt_count, m.earlier, d.url, d.secrets`)
}

export type HookReplay = {
  workspaceId: number
  hookId: string
  messageId: string | null
  /** Told then or later, and before. */
  since: Date | null
  until: Date | null
  status: string | null
  after: ReplayedMessage | null // up to there it was done
  limit: number
  now: Date
}

export type ReplayedMessage = { id: string; createdAt: Date }

/** Has messages that have ended called again, with another round of attempts. Answers which, in order. */
export function replayHookMessages(db: Db, replay: HookReplay): Promise<ReplayedMessage[]> {
  const { workspaceId, hookId, messageId, since, until, status, after, limit, now } = replay
  return db.query(sql`
    with chosen as materialized (
      select m.id, m.created_at from belfry.hook_messages m
      where m.hook_id = ${hookId} and m.workspace_id = ${workspaceId} and m.due_at is null
        and (${after?.id ?? null}::uuid is null
          or (m.created_at, m.id) > (${after?.createdAt ?? null}::timestamptz, ${after?.id ?? null}::uuid))
        and (${messageId}::uuid is null or m.id = ${messageId})
        and (${status}::text is null or m.status = ${status})
        and (${since}::timestamptz is null or m.created_at >= ${since})
        and (${until}::timestamptz is null or m.created_at < ${until})
      order by m.created_at, m.id
      limit ${limit}
      for update
    ),
    again as (
      update belfry.hook_messages m
      set status = 'waiting', due_at = ${now}, waiting_since = ${now}, earlier = m.attempt_count, finished_at = null,
        epoch = m.epoch + 1
      where m.workspace_id = ${workspaceId} and m.id = any (array(select id from chosen))
    )
    select id, created_at from chosen order by created_at, id`)
}

export async function findHookMessage(
  db: Db,
  { workspaceId, hookId, id }: { workspaceId: number; hookId: string; id: string },
): Promise<{ status: string } | null> {
  const rows = await db.query<{ status: string }>(sql`
    select status from belfry.hook_messages
    where workspace_id = ${workspaceId} and id = ${id} and hook_id = ${hookId}`)
  return rows[0] ?? null
}

export type HookAttemptRow = {
  id: string
  messageId: string
  type: string
  number: number
  outcome: string
  code: string | null
  detail: string | null
  startedAt: Date
  durationMs: number
  status: string
  nextAttemptAt: Date | null
}

export type HookAttemptFilter = {
  workspaceId: number
  hookId: string
  messageId: string | null
  after: string | null // an id
  offset: number
  limit: number
}

/** A page of attempts, newest first. */
export function listHookAttempts(db: Db, filter: HookAttemptFilter): Promise<HookAttemptRow[]> {
  return db.query<HookAttemptRow>(sql`
    select a.id, a.message_id, m.type, a.number, a.outcome, a.code, a.detail, a.started_at, a.duration_ms, m.status,
      case when m.worker is null and a.number = m.attempt_count and m.due_at is not null
        then greatest(m.due_at, h.not_before) end
        as next_attempt_at
    from belfry.hook_attempts a
    join belfry.hooks h on h.workspace_id = a.workspace_id and h.id = a.hook_id
    join belfry.hook_messages m on m.workspace_id = a.workspace_id and m.id = a.message_id
    where a.hook_id = ${filter.hookId} and a.workspace_id = ${filter.workspaceId}
      and (${filter.messageId}::uuid is null or a.message_id = ${filter.messageId})
      and (${filter.after}::uuid is null or a.id < ${filter.after})
    order by a.id desc
    limit ${filter.limit} offset ${filter.offset}`)
}

/** Whatever was told of a person. */
export async function eraseHookMessages(
  tx: Db,
  { workspaceId, subscriberId }: { workspaceId: number; subscriberId: string },
): Promise<void> {
  await tx.query(sql`
    delete from belfry.hook_messages where workspace_id = ${workspaceId}
      and (recipient = ${subscriberId}
        or type = 'notification.acknowledged' and strpos(body, ${`"acknowledged_by":${JSON.stringify(subscriberId)}`}) > 0)`)
}
