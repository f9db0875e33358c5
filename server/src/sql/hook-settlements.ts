// How calls of hooks ended, and what follows for the hook: that it fails and is left alone for a while, or is
// switched off.
import { sql, type Db } from './db.ts'

export type HookSettlement = {
  workspaceId: number
  id: string
  hookId: string
  /** What was called: of another address than the hook's nothing follows for the hook. */
  url: string
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
  /** When it is tried again, unless the receiver wants no more; null: it has ended. */
  dueAt: Date | null
  /** What the receiver asked for. */
  retryAfterMs: number | null
}

export type HookRules = {
  now: Date
  /** By failures in a row: so long nothing of the hook is called. The last one is for all further ones. */
  backOffsMs: readonly number[]
  /** So long without a failure, and it is not the same trouble any more. */
  silenceMs: number
  /** Switched off after so long, and so many failures in a row. */
  failingForMs: number
  leastFailures: number
}

export type SettledHooks = { disabled: { workspaceId: number; hookId: string; reason: string }[] }

/**
 * Writes down how calls ended. A hook that succeeds is no longer failing; one that fails is left alone for a while, the
 * longer the more often; one that is gone, or has been failing for too long, is switched off, which is a result
 * itself. Answers which those were.
 */
export async function settleHookMessages(
  db: Db,
  settlements: HookSettlement[],
  rules: HookRules,
): Promise<SettledHooks> {
  const { now, backOffsMs, silenceMs, failingForMs, leastFailures } = rules
  const ids = settlements.map(({ id }) => id)
  const failingBefore = new Date(now.getTime() - failingForMs)
  const disabled = await db.query<SettledHooks['disabled'][number]>(sql`
    with input as (
      select * from json_to_recordset(${JSON.stringify(settlements)}::json) as i (
        "workspaceId" integer, id uuid, "hookId" uuid, url text, epoch integer, "attemptId" uuid, number smallint,
        outcome text, code text, detail text, "startedAt" timestamptz, "durationMs" integer, "isGone" boolean,
        "dueAt" timestamptz, "retryAfterMs" double precision)
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
    per_hook as (
      select "workspaceId" as workspace_id, "hookId" as hook_id, url, bool_or(outcome = 'delivered') as is_delivered,
        bool_or("isGone") as is_gone, min("startedAt") as failed_at, max("startedAt") as begun_at,
        max("retryAfterMs") as retry_after_ms
      from ours group by 1, 2, 3 order by 2
    ),
    -- The rows of hooks are held only where something of them changes: successes come by the thousand.
    known as materialized (
      select p.*, h.failing_since, h.last_failed_at, h.failure_count, h.not_before
      from per_hook p
      cross join lateral (
        select h.* from belfry.hooks h
        where h.workspace_id = p.workspace_id and h.id = p.hook_id and h.url = p.url and h.is_enabled
          and (p.is_gone or not p.is_delivered or h.failing_since is not null)
        for no key update
      ) h
    ),
    trouble as (
      select k.*, coalesce(k.last_failed_at < k.failed_at - make_interval(secs => ${silenceMs / 1_000}), true) as is_new,
        coalesce(k.begun_at >= k.last_failed_at, true) as is_further
      from known k
    ),
    judged as (
      select t.workspace_id, t.hook_id, t.is_gone, t.retry_after_ms, t.not_before,
        t.is_delivered and not t.is_gone as is_well,
        case when t.is_new then t.failed_at else t.failing_since end as failing_since,
        case when t.is_new then 1 else t.failure_count + t.is_further::integer end as failure_count
      from trouble t
    ),
    decided as materialized (
      select j.*,
        case when j.is_gone then 'gone'
          when not j.is_well and j.failing_since <= ${failingBefore} and j.failure_count >= ${leastFailures}
            then 'failing' end as reason,
        ${now}::timestamptz + make_interval(secs => greatest(
          (${backOffsMs}::integer[])[least(j.failure_count, ${backOffsMs.length})],
          case when j.retry_after_ms is not null then least(j.retry_after_ms, ${backOffsMs.at(-1)}) end) / 1000)
          as again_at
      from judged j
    ),
    changed as (
      update belfry.hooks h
      set failing_since = case when not d.is_well then d.failing_since end,
        last_failed_at = case when not d.is_well then ${now}::timestamptz end,
        failure_count = case when d.is_well then 0 else d.failure_count end,
        not_before = case when not d.is_well then greatest(d.not_before, d.again_at) end,
        is_enabled = d.reason is null, disabled_reason = d.reason,
        disabled_at = case when d.reason is not null then ${now}::timestamptz end
      from decided d
      where h.workspace_id = d.workspace_id and h.id = d.hook_id
    ),
    ended as (
      update belfry.hook_messages m
      set worker = null, epoch = m.epoch + 1, due_at = o.due_at,
        status = case when o.due_at is null then o.outcome else 'waiting' end,
        finished_at = case when o.due_at is null then ${now}::timestamptz end
      from (
        select o."workspaceId", o.id, o.outcome, case when d.reason is null then o."dueAt" end as due_at
        from ours o
        left join decided d on d.workspace_id = o."workspaceId" and d.hook_id = o."hookId" and d.reason = 'gone'
          and o."isGone"
      ) o
      where m.workspace_id = o."workspaceId" and m.id = o.id
    ),
    told as (
      insert into belfry.results (workspace_id, type, at, hook_id, reason)
      select d.workspace_id, 'hook.disabled', ${now}, d.hook_id, d.reason from decided d where d.reason is not null
    )
    select workspace_id, hook_id, reason from decided where reason is not null`)
  return { disabled }
}
