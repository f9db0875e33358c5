// `belfry keys`: makes API keys, shows them once, lists and revokes them.
import { randomUUIDv7 } from 'node:crypto'
import { Command } from 'commander'
import { scopes } from '../domain/scope.ts'
import { hashApiKey, newApiKey } from '../secrets.ts'
import type { Db } from '../sql/db.ts'
import { insertKey, listKeys, revokeKey, type KeyRow } from '../sql/keys.ts'
import { notify } from '../sql/signals.ts'
import { UsageError } from './failure.ts'
import { withWorkspace } from './join-command.ts'
import {
  examples,
  parseListOf,
  parseMoment,
  withWorkspaceOptions,
  type WorkspaceOptions,
} from './options.ts'
import { print, printJson, say, styledWords, table } from './output.ts'

export function keysCommand(): Command {
  const keys = new Command('keys').description('Make, list and revoke API keys.')
  const create = new Command('create')
    .description('Make a key. It is shown once.')
    .requiredOption('--name <name>', 'what the key is for')
    .requiredOption(
      '--scopes <scopes>',
      `what it may do, comma separated: * or some of ${scopes.join(', ')}`,
      parseListOf([...scopes, '*']),
    )
    .option('--expires <when>', 'when it stops working: 30d, or a date', parseMoment)
    .addHelpText(
      'after',
      examples(
        'belfry keys create --name "Checkout service" --scopes events:write',
        'belfry keys create --name "Night report" --scopes notifications:read --expires 90d --json',
      ),
    )
    .action(createKey)
  const list = new Command('list')
    .description('List the keys, revoked ones included.')
    .addHelpText('after', examples('belfry keys list', 'belfry keys list --json'))
    .action(showKeys)
  const revoke = new Command('revoke')
    .description('Revoke a key for good. It stops working at once.')
    .argument('<key>', 'its id, or its last four characters')
    .addHelpText('after', examples('belfry keys revoke x7Qa'))
    .action(revokeOne)
  for (const command of [create, list, revoke]) keys.addCommand(withWorkspaceOptions(command))
  return keys
}

type CreateOptions = WorkspaceOptions & { name: string; scopes: string[]; expires?: Date }

async function createKey(options: CreateOptions): Promise<void> {
  const name = options.name.trim()
  if (name === '' || name.length > 255)
    throw new UsageError('--name must have 1 to 255 characters.')
  await withWorkspace(options, async ({ ctx, workspaceId }) => {
    const key = newApiKey()
    const row = await insertKey(ctx.db, {
      workspaceId,
      id: randomUUIDv7(),
      name,
      hash: hashApiKey(key),
      lastFour: key.slice(-4),
      scopes: [...new Set(options.scopes)],
      expiresAt: options.expires ?? null,
    })
    if (options.json) return printJson({ ...(row && show(row)), key })
    say(styledWords('yellow', 'Keep it now: it is never shown again.'))
    print(key)
  })
}

async function showKeys(options: WorkspaceOptions): Promise<void> {
  await withWorkspace(options, async ({ ctx, workspaceId }) => {
    const keys = await listAll(ctx.db, workspaceId)
    if (options.json) return printJson({ keys: keys.map(show) })
    const head = ['ID', 'NAME', 'KEY', 'SCOPES', 'STATE', 'LAST USED']
    print(table([head, ...keys.map((key) => cells(key, ctx.clock.now()))]))
  })
}

async function revokeOne(wanted: string, options: WorkspaceOptions): Promise<void> {
  await withWorkspace(options, async ({ ctx, workspaceId }) => {
    const keys = await listAll(ctx.db, workspaceId)
    const isIt = (key: KeyRow) =>
      key.id === wanted.toLowerCase() || key.lastFour === wanted.slice(-4)
    const found = keys.filter((key) => key.revokedAt === null && isIt(key))
    if (found.length === 0)
      throw new Error(
        `No key that works has this id or these last four characters: ${wanted}. See: belfry keys list`,
      )
    if (found.length > 1) {
      const ids = found.map(({ id, name }) => `  ${id}  ${name}`).join('\n')
      throw new Error(`Several keys end in ${wanted}. Give the id of one:\n${ids}`)
    }
    const { id, name } = found[0]!
    await revokeKey(ctx.db, { workspaceId, id, now: ctx.clock.now() })
    await notify(ctx.db, 'belfry_config') // servers forget what they know of keys
    if (options.json) printJson({ id, name, revoked: true })
    else say(`Revoked ${name} (${id}).`)
  })
}

const pageSize = 500

async function listAll(db: Db, workspaceId: number): Promise<KeyRow[]> {
  const all: KeyRow[] = []
  for (;;) {
    const after = all.at(-1)?.id ?? null
    const filter = { workspaceId, after, offset: 0, limit: pageSize }
    const page = await listKeys(db, filter)
    all.push(...page)
    if (page.length < pageSize) return all
  }
}

function cells(key: KeyRow, now: Date): string[] {
  const { id, name, lastFour, scopes, expiresAt, revokedAt, lastUsedAt } = key
  const day = (date: Date) => date.toISOString().slice(0, 16).replace('T', ' ')
  let state = expiresAt ? `until ${day(expiresAt)}` : 'active'
  if (expiresAt && expiresAt <= now) state = 'expired'
  if (revokedAt) state = 'revoked'
  return [
    id,
    name,
    `bf_sk_…${lastFour}`,
    scopes.join(','),
    state,
    lastUsedAt ? day(lastUsedAt) : 'never',
  ]
}

/** With the names the API uses. */
function show(key: KeyRow): Record<string, unknown> {
  const { id, name, lastFour, scopes } = key
  return {
    id,
    name,
    last_four: lastFour,
    scopes,
    created_at: key.createdAt,
    last_used_at: key.lastUsedAt,
    expires_at: key.expiresAt,
    revoked_at: key.revokedAt,
    api_version: key.apiVersion,
  }
}
