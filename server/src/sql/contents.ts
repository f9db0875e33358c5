// Rendered texts, frozen when they were planned.
import type { Content } from '../domain/content.ts'
import { sql, type Db } from './db.ts'

/** Frozen texts by their ids, in no particular order. */
export function findContents(
  db: Db,
  ids: { workspaceId: number; id: string }[],
): Promise<{ id: string; content: Content }[]> {
  return db.query(sql`
    select c.id, c.content
    from json_to_recordset(${JSON.stringify(ids)}::json) as w ("workspaceId" integer, id uuid)
    join belfry.contents c on c.workspace_id = w."workspaceId" and c.id = w.id`)
}
