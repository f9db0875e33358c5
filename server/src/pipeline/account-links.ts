// Links by which people tell which account of theirs their messages are to go to: a code that only they have been given, in
// a link to the account of ours that they write to. Who shows the code there is that person, once.
import { hash, randomBytes } from 'node:crypto'
import type { Context } from '../context.ts'
import { ApiError } from '../errors.ts'
import { receiptsOf } from '../provider-settings.ts'
import { insertAccountLink, takeAccountLink } from '../sql/account-links.ts'
import type { Db } from '../sql/db.ts'
import { listProviders } from '../sql/providers.ts'
import { upsertSubscribers } from '../sql/subscribers.ts'

const hashOf = (code: string) => hash('sha256', code, 'buffer')
const mostProviders = 100

export type Owner = { workspaceId: number; subscriberId: string }

/**
 * A link that opens a chat with the bot of the workspace, where a press of "Start" says who it is.
 *
 * @throws ApiError `invalid_provider_settings` when no bot can be written to.
 */
export async function makeTelegramLink(
  ctx: Context,
  tx: Db,
  { workspaceId, subscriberId }: Owner,
  expiresAt: Date,
): Promise<string> {
  const bot = await botOf(ctx, tx, workspaceId)
  const code = randomBytes(24).toString('base64url') // at most 64 characters of A-Za-z0-9_-
  const owner = { workspaceId, subscriberId, channel: 'telegram' } as const
  await insertAccountLink(tx, { ...owner, hash: hashOf(code), expiresAt })
  return `https://t.me/${bot}?start=${code}`
}

async function botOf(ctx: Context, tx: Db, workspaceId: number): Promise<string> {
  const page = { after: null, offset: 0, limit: mostProviders }
  const rows = await listProviders(tx, { workspaceId, channel: 'telegram', ...page })
  const names = rows
    .filter(({ isEnabled }) => isEnabled)
    .toSorted((a, b) => a.priority - b.priority)
    .map((row) => receiptsOf(ctx.secrets, row)?.settings['username'])
  const name = names.find((name) => typeof name === 'string')
  if (name === undefined)
    throw new ApiError('invalid_provider_settings', {
      detail:
        'People can only link their account to a Telegram provider that is enabled and has the settings ' +
        '"username" and "webhook_secret".',
    })
  return name
}

export type Shown = { workspaceId: number; channel: string; address: string; code: string }

/** From now on messages go to this address of who was given the code. False: nobody was, or it is over. */
export async function linkAccount(
  tx: Db,
  { workspaceId, channel, address, code }: Shown,
  now: Date,
): Promise<boolean> {
  const id = await takeAccountLink(tx, { workspaceId, hash: hashOf(code), channel, now })
  if (id === null) return false
  await upsertSubscribers(tx, workspaceId, [{ id, addresses: { [channel]: address } }])
  return true
}
