// What requests wait for.
import { sql, type Db } from './db.ts'

export type Awaited = {
  workspaceId: number
  eventId: string
  /** That its people are found, or that its notifications have ended. */
  what: 'found' | 'ended'
}

/** Those of them that are done. */
export function listDone(db: Db, awaited: Awaited[]): Promise<Awaited[]> {
  return db.query<Awaited>(sql`
    select w."workspaceId" as workspace_id, w."eventId" as event_id, w.what
    from json_to_recordset(${JSON.stringify(awaited)}::json)
      as w ("workspaceId" integer, "eventId" uuid, what text)
    cross join lateral (
      select e.status from belfry.events e
      where e.workspace_id = w."workspaceId" and e.id = w."eventId" offset 0
    ) e
    left join lateral (
      select true as is_there from belfry.notifications n
      where n.event_id = w."eventId" and n.pending > 0 and w.what = 'ended'
      limit 1
    ) n on true
    where e.status <> 'accepted' and n.is_there is null`)
}
