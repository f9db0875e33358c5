// Addresses that get nothing more. They are known by a hash: who has an address can ask about it, nobody can
// read which there are.
import type { CarriedChannel } from '../domain/channel.ts'
import type { SuppressionReason } from '../domain/suppression.ts'
import { sql, type Db } from './db.ts'

export type AddressRef = { channel: CarriedChannel; address: string }

export type SuppressionRow = {
  number: number // of the address that was asked about, from 0
  reason: SuppressionReason
  code: string | null
  provider: string | null
  at: string // RFC 3339
}

/** Those of `addresses` that get nothing more. */
export async function listSuppressed(
  db: Db,
  workspaceId: number,
  addresses: readonly AddressRef[],
): Promise<SuppressionRow[]> {
  if (addresses.length === 0) return []
  const asked = addresses.map(({ channel, address }, number) => ({ channel, address, number }))
  return db.query<SuppressionRow>(sql`
    select g.number, s.reason, s.code, s.provider, to_json(s.at) #>> '{}' as at
    from json_to_recordset(${JSON.stringify(asked)}::json) as g (channel text, address text, number integer)
    cross join lateral (
      select s.reason, s.code, s.provider, s.at from belfry.suppressions s
      where s.workspace_id = ${workspaceId} and s.channel = g.channel
        and s.hash = belfry.address_hash(g.channel, g.address) offset 0
    ) s
    order by g.number`)
}

export type NewSuppression = AddressRef & {
  workspaceId: number
  reason: SuppressionReason
  code: string | null
  provider: string | null
  at: Date
}

/**
 * What was known of an address before stays as it was, but what its person said themselves counts more than what
 * vendors say.
 */
export async function insertSuppressions(db: Db, rows: NewSuppression[]): Promise<void> {
  if (rows.length === 0) return
  await db.query(sql`
    insert into belfry.suppressions as s (workspace_id, channel, hash, reason, code, provider, at)
    select distinct on (1, 2, 3) "workspaceId", channel, belfry.address_hash(channel, address), reason,
      code, provider, at
    from json_to_recordset(${JSON.stringify(rows)}::json) as r ("workspaceId" integer, channel text,
      address text, reason text, code text, provider text, at timestamptz)
    -- One order everywhere, so that nobody waits in a circle; of several for one address the one that counts most.
    order by 1, 2, 3, reason in ('complained', 'stopped') desc
    on conflict (workspace_id, channel, hash) do update
    set reason = excluded.reason, code = excluded.code, provider = excluded.provider, at = excluded.at
    where excluded.reason in ('complained', 'stopped') and s.reason in ('gone', 'bounced')`)
}

/** From now on they may be used again. Answers how many could not. */
export async function deleteSuppressions(
  db: Db,
  workspaceId: number,
  {
    addresses,
    reasons,
  }: { addresses: readonly AddressRef[]; reasons: readonly SuppressionReason[] },
): Promise<number> {
  if (addresses.length === 0) return 0
  const rows = await db.query(sql`
    delete from belfry.suppressions s
    using json_to_recordset(${JSON.stringify(addresses)}::json) as g (channel text, address text)
    where s.workspace_id = ${workspaceId} and s.channel = g.channel
      and s.hash = belfry.address_hash(g.channel, g.address) and s.reason = any (${reasons}::text[])
    returning s.channel`)
  return rows.length
}
