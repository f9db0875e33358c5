// What hooks are told: taken up, called, and how the calls ended. A message in flight has a `worker` and a lease;
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
    insert into belfry.hook_messages (workspace_id, id, hook_id, type, recipient, body, status, due_at, created_at)
    select "workspaceId", id, "hookId", type, recipient, body, 'waiting', ${now}, ${now}
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
  worker: string
  now: Date
  leaseUntil: Date
  reach: Reach
}

/** Takes what is due of hooks that are switched on, also what somebody else took and did not end in time. */
export function claimHookMessages(db: Db, claim: HookClaim): Promise<BegunHookMessage[]> {
  const { limit, mostOfOne, worker, now, leaseUntil, reach } = claim
  return db.query<BegunHookMessage>(sql`
    with ready as materialized (
      select h.workspace_id, h.id, h.url, h.secrets,
        case when h.failing_since is null then ${mostOfOne}::integer else 1 end - (
          select count(*) from belfry.hook_messages m
          where m.hook_id = h.id and m.worker is not null and m.due_at > ${now}) as room
      from belfry.hooks h
      where h.is_enabled and (h.workspace_id = any (${reach.workspaceIds}::integer[])) = ${reach.isOnly}
    ),
    due as materialized (
      select m.workspace_id, m.id, h.url, h.secrets
      from ready h
      cross join lateral (
        select m.workspace_id, m.id from belfry.hook_messages m
        where m.hook_id = h.id and m.workspace_id = h.workspace_id and m.due_at <= ${now}
        order by m.due_at, m.id
        limit greatest(h.room, 0)
        for update skip locked
      ) m
      limit ${limit}
    )
    update belfry.hook_messages m
    set worker = ${worker}, due_at = ${leaseUntil}, epoch = m.epoch + 1, attempt_count = m.attempt_count + 1
    from due d
    where m.workspace_id = d.workspace_id and m.id = d.id
    returning m.workspace_id, m.id, m.hook_id, m.body, m.epoch, m.attempt_count, m.earlier, d.url, d.secrets`)
}

export type HookSettlement = {
  workspaceId: number
  id: string
  hookId: string
  epoch: number
  attemptId: string
  number: number
  outcome: 'delivered' | 'failed'
  code: string | null
  detail: string | null
  startedAt: Date
  durationMs: number
  /** The receiver wants no more. */
  isGone: boolean
  /** When it is tried again; null: it has ended. */
  dueAt: Date | null
}

export type SettledHooks = { disabled: { workspaceId: number; hookId: string; reason: string }[] }

/**
 * Writes down how calls ended. A hook that succeeds is no longer failing; one that is gone, or has been failing
 * since before `failingBefore`, is switched off, which is a result itself. Answers which those were.
 */
export async function settleHookMessages(
  db: Db,
  settlements: HookSettlement[],
  { now, failingBefore }: { now: Date; failingBefore: Date },
): Promise<SettledHooks> {
  const ids = settlements.map(({ id }) => id)
  const disabled = await db.query<SettledHooks['disabled'][number]>(sql`
    with input as (
      select * from json_to_recordset(${JSON.stringify(settlements)}::json) as i (
        "workspaceId" integer, id uuid, "hookId" uuid, epoch integer, "attemptId" uuid, number smallint, outcome text,
        code text, detail text, "startedAt" timestamptz, "durationMs" integer, "isGone" boolean,
        "dueAt" timestamptz)
    ),
    held as materialized (
      select m.workspace_id, m.id, m.epoch from belfry.hook_messages m
      where m.id = any (${ids}::uuid[])
      order by m.id
      for update
    ),
    ours as materialized (
      select i.* from input i
      join held h on h.id = i.id and h.workspace_id = i."workspaceId" and h.epoch = i.epoch
    ),
    made as (
      insert into belfry.hook_attempts (workspace_id, id, hook_id, message_id, number, outcome, code, detail,
        started_at, duration_ms)
      select o."workspaceId", o."attemptId", o."hookId", o.id, o.number, o.outcome, o.code, o.detail,
        o."startedAt", o."durationMs"
      from ours o
      on conflict (workspace_id, message_id, number) do nothing
    ),
    ended as (
      update belfry.hook_messages m
      set worker = null, epoch = m.epoch + 1, due_at = o."dueAt",
        status = case when o."dueAt" is null then o.outcome else 'waiting' end,
        finished_at = case when o."dueAt" is null then ${now}::timestamptz end
      from ours o
      where m.workspace_id = o."workspaceId" and m.id = o.id
    ),
    per_hook as (
      select "workspaceId" as workspace_id, "hookId" as hook_id, bool_or(outcome = 'delivered') as is_delivered,
        bool_or("isGone") as is_gone, min("startedAt") as failed_at
      from ours group by 1, 2 order by 2
    ),
    decided as materialized (
      select p.*, h.is_enabled, h.failing_since,
        case when p.is_gone then 'gone'
          when not p.is_delivered and h.failing_since <= ${failingBefore} then 'failing' end as reason
      from per_hook p
      cross join lateral (
        select h.is_enabled, h.failing_since from belfry.hooks h
        where h.workspace_id = p.workspace_id and h.id = p.hook_id
          and (p.is_gone or p.is_delivered = (h.failing_since is not null)
            or h.failing_since <= ${failingBefore})
        for no key update
      ) h
      where h.is_enabled
    ),
    changed as (
      update belfry.hooks h
      set failing_since = case when d.is_delivered and not d.is_gone then null
          else coalesce(h.failing_since, d.failed_at) end,
        is_enabled = d.reason is null, disabled_reason = d.reason,
        disabled_at = case when d.reason is not null then ${now}::timestamptz end
      from decided d
      where h.workspace_id = d.workspace_id and h.id = d.hook_id
    ),
    told as (
      insert into belfry.results (workspace_id, type, at, hook_id, reason)
      select d.workspace_id, 'hook.disabled', ${now}, d.hook_id, d.reason from decided d where d.reason is not null
    )
    select workspace_id, hook_id, reason from decided where reason is not null`)
  return { disabled }
}

export type HookReplay = {
  workspaceId: number
  hookId: string
  messageId: string | null
  /** Told then or later, and before. */
  since: Date | null
  until: Date | null
  status: string | null
  after: string // an id: up to there it was done
  limit: number
  now: Date
}

/** Has messages that have ended called again, with another round of attempts. Answers which, in order. */
export function replayHookMessages(db: Db, replay: HookReplay): Promise<{ id: string }[]> {
  const { workspaceId, hookId, messageId, since, until, status, after, limit, now } = replay
  return db.query(sql`
    with chosen as materialized (
      select m.id from belfry.hook_messages m
      where m.hook_id = ${hookId} and m.workspace_id = ${workspaceId} and m.id > ${after} and m.due_at is null
        and (${messageId}::uuid is null or m.id = ${messageId})
        and (${status}::text is null or m.status = ${status})
        and (${since}::timestamptz is null or m.created_at >= ${since})
        and (${until}::timestamptz is null or m.created_at < ${until})
      order by m.id
      limit ${limit}
      for update
    ),
    again as (
      update belfry.hook_messages m
      set status = 'waiting', due_at = ${now}, earlier = m.attempt_count, finished_at = null, epoch = m.epoch + 1
      where m.workspace_id = ${workspaceId} and m.id = any (array(select id from chosen))
    )
    select id from chosen order by id`)
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
      case when m.worker is null and a.number = m.attempt_count then m.due_at end as next_attempt_at
    from belfry.hook_attempts a
    join belfry.hook_messages m on m.workspace_id = a.workspace_id and m.id = a.message_id
    where a.hook_id = ${filter.hookId} and a.workspace_id = ${filter.workspaceId}
      and (${filter.messageId}::uuid is null or a.message_id = ${filter.messageId})
      and (${filter.after}::uuid is null or a.id < ${filter.after})
    order by a.id desc
    limit ${filter.limit} offset ${filter.offset}`)
}

/** With their attempts. What still waits stays, unless its hook is switched off. Answers how many went. */
export async function deleteOldHookMessages(db: Db, before: Date, limit: number): Promise<number> {
  const rows = await db.query(sql`
    with oldest as materialized (
      select m.workspace_id, m.id
      from belfry.hooks h
      cross join lateral (
        select m.workspace_id, m.id, m.created_at, m.due_at from belfry.hook_messages m
        where m.hook_id = h.id and m.workspace_id = h.workspace_id
        order by m.id
        limit ${limit}
      ) m
      where m.created_at < ${before} and (m.due_at is null or not h.is_enabled)
      limit ${limit}
    )
    delete from belfry.hook_messages m using oldest o
    where m.workspace_id = o.workspace_id and m.id = o.id
    returning m.id`)
  return rows.length
}

/** Whatever was told of a person. */
export async function eraseHookMessages(
  tx: Db,
  { workspaceId, subscriberId }: { workspaceId: number; subscriberId: string },
): Promise<void> {
  await tx.query(sql`
    delete from belfry.hook_messages where workspace_id = ${workspaceId} and recipient = ${subscriberId}`)
}
