// `belfry sql`: which roles of the database may publish with SQL, and where.
import { Command } from 'commander'
import { grantSql, listSqlRoles, revokeSql } from '../sql/sql-roles.ts'
import { withJoined, withWorkspace } from './join-command.ts'
import { examples, withJoinOptions, withWorkspaceOptions } from './options.ts'
import type { JoinOptions, WorkspaceOptions } from './options.ts'
import { print, printJson, say, table } from './output.ts'

export function sqlCommand(): Command {
  const sql = new Command('sql').description(
    'Let roles of the database publish with belfry.trigger().',
  )
  const grant = new Command('grant')
    .description('Let a role, and its members, publish in a workspace. It can read nothing.')
    .argument('<role>', 'a role of the database')
    .addHelpText(
      'after',
      examples('belfry sql grant shop', 'belfry sql grant shop --workspace acme'),
    )
    .action(grantRole)
  const revoke = new Command('revoke')
    .description('Take it back.')
    .argument('<role>', 'a role of the database')
    .addHelpText('after', examples('belfry sql revoke shop'))
    .action(revokeRole)
  const list = new Command('list')
    .description('List the roles that may publish, in all workspaces.')
    .addHelpText('after', examples('belfry sql list', 'belfry sql list --json'))
    .action(showRoles)
  sql.addCommand(withWorkspaceOptions(grant))
  sql.addCommand(withWorkspaceOptions(revoke))
  sql.addCommand(withJoinOptions(list))
  return sql
}

async function grantRole(role: string, options: WorkspaceOptions): Promise<void> {
  await withWorkspace(options, async ({ ctx, workspaceId }) => {
    const isThere = await ctx.db.transaction((tx) => grantSql(tx, { workspaceId, role }))
    if (!isThere)
      throw new Error(`The database has no role "${role}". Make one: create role … login`)
    if (options.json) return printJson({ role, workspace: options.workspace, granted: true })
    say(`${role} may publish in ${options.workspace}: select belfry.trigger('…', '{}')`)
  })
}

async function revokeRole(role: string, options: WorkspaceOptions): Promise<void> {
  await withWorkspace(options, async ({ ctx, workspaceId }) => {
    const isGone = await ctx.db.transaction((tx) => revokeSql(tx, { workspaceId, role }))
    if (!isGone)
      throw new Error(`"${role}" may not publish in ${options.workspace}. See: belfry sql list`)
    if (options.json) return printJson({ role, workspace: options.workspace, granted: false })
    say(`${role} may not publish in ${options.workspace} any more.`)
  })
}

async function showRoles(options: JoinOptions): Promise<void> {
  await withJoined(options, async ({ ctx }) => {
    const roles = await listSqlRoles(ctx.db)
    if (options.json)
      return printJson({
        roles: roles.map(({ role, workspace, createdAt }) => ({
          role,
          workspace,
          created_at: createdAt,
        })),
      })
    const rows = roles.map(({ role, workspace, createdAt }) => [
      role,
      workspace,
      createdAt.toISOString().slice(0, 10),
    ])
    print(table([['ROLE', 'WORKSPACE', 'SINCE'], ...rows]))
  })
}
