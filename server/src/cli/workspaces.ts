// `belfry workspaces`: makes and lists workspaces, the walls between tenants.
import { Command } from 'commander'
import { insertWorkspace, listWorkspaces, type WorkspaceRow } from '../sql/workspaces.ts'
import { UsageError } from './failure.ts'
import { withJoined } from './join-command.ts'
import { examples, withJoinOptions, type JoinOptions } from './options.ts'
import { print, printJson, say, table } from './output.ts'

export function workspacesCommand(): Command {
  const workspaces = new Command('workspaces').description('Make and list workspaces.')
  const create = new Command('create')
    .description('Make a workspace. Its keys see nothing of the others.')
    .argument('<key>', 'what it is called in commands: small letters, digits, - and _')
    .option('--name <name>', 'what people call it; the key without one')
    .option('--test', 'its clock can be moved, to test what waits for days (POST /clock/advance)')
    .addHelpText(
      'after',
      examples(
        'belfry workspaces create acme --name "Acme Inc."',
        `belfry keys create --workspace acme --name Backend --scopes '*'`,
      ),
    )
    .action(createWorkspace)
  const list = new Command('list')
    .description('List the workspaces.')
    .addHelpText('after', examples('belfry workspaces list', 'belfry workspaces list --json'))
    .action(showWorkspaces)
  for (const command of [create, list]) workspaces.addCommand(withJoinOptions(command))
  return workspaces
}

async function createWorkspace(
  key: string,
  options: JoinOptions & { name?: string; test?: boolean },
): Promise<void> {
  if (!/^[a-z0-9][a-z0-9_-]{0,62}$/.test(key))
    throw new UsageError(
      `"${key}" is no key: use 1 to 63 small letters, digits, - and _, a letter or digit first.`,
    )
  const name = (options.name ?? key).trim()
  if (name === '' || name.length > 255)
    throw new UsageError('--name must have 1 to 255 characters.')
  await withJoined(options, async ({ ctx }) => {
    const made = await insertWorkspace(ctx.db, { key, name, isTest: options.test === true })
    if (!made) throw new Error(`There is a workspace "${key}" already.`)
    if (options.json) return printJson(show(made))
    print(made.key)
    say(`Make a key for it: belfry keys create --workspace ${key} --name … --scopes '*'`)
  })
}

async function showWorkspaces(options: JoinOptions): Promise<void> {
  await withJoined(options, async ({ ctx }) => {
    const workspaces = await listWorkspaces(ctx.db)
    if (options.json) return printJson({ workspaces: workspaces.map(show) })
    const rows = workspaces.map(({ key, name, createdAt, isTest }) => [
      key,
      name,
      createdAt.toISOString().slice(0, 10),
      isTest ? 'test' : '',
    ])
    print(table([['KEY', 'NAME', 'CREATED', ''], ...rows]))
  })
}

/** With the names the API uses. */
function show({ key, name, createdAt, isTest }: WorkspaceRow): Record<string, unknown> {
  return { key, name, created_at: createdAt, is_test: isTest }
}
