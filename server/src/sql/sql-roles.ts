// Which role of the database may publish in which workspace (migrations/0002-sql-door.sql).
import { sql, type Db } from './db.ts'

export type SqlRole = { workspaceId: number; role: string }

/**
 * Lets a role call the functions of the SQL door, for a workspace. Nothing else of the schema can be read or written.
 * Answers false when there is no such role.
 */
export async function grantSql(tx: Db, { workspaceId, role }: SqlRole): Promise<boolean> {
  const rows = await tx.query(sql`
    insert into belfry.sql_roles (workspace_id, role)
    select ${workspaceId}::integer, rolname from pg_roles where rolname = ${role}
    on conflict (workspace_id, role) do update set role = excluded.role
    returning role`)
  if (rows.length === 0) return false
  await tx.query(sql`select belfry.sql_allow(${role}, true)`)
  return true
}

/** Takes it back. Who may publish nowhere may call nothing. Answers false when there was no such grant. */
export async function revokeSql(tx: Db, { workspaceId, role }: SqlRole): Promise<boolean> {
  const rows = await tx.query(sql`
    delete from belfry.sql_roles where workspace_id = ${workspaceId} and role = ${role}
    returning role`)
  await tx.query(sql`
    select belfry.sql_allow(${role}, false)
    where exists (select from pg_roles where rolname = ${role})
      and not exists (select from belfry.sql_roles where role = ${role} and workspace_id > 0)`)
  return rows.length > 0
}

export type GrantedRole = { role: string; workspace: string; createdAt: Date }

/** All of them, in the order of their names. */
export function listSqlRoles(db: Db): Promise<GrantedRole[]> {
  return db.query<GrantedRole>(sql`
    select r.role, w.key as workspace, r.created_at
    from belfry.sql_roles r join belfry.workspaces w on w.id = r.workspace_id
    order by r.role, w.key`)
}
