// What the examples share: the way to a running Belfry, and how a catalog gets there.
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { BelfryError, createClient, type Client, type EventParams } from '@belfry/client'

/** `Events`: what `belfry types` wrote, so that the compiler checks what is triggered. */
export type Reached<Events extends EventParams = EventParams> = {
  url: string
  key: string
  client: Client<Events>
}

const dataDir = process.env.BELFRY_DATA_DIR ?? join(import.meta.dirname, '../.belfry')

/** The server of BELFRY_URL and BELFRY_API_KEY; without them the one that `npm start` started here. */
export async function reachBelfry<Events extends EventParams>(): Promise<Reached<Events>> {
  const url = process.env.BELFRY_URL ?? (await keptUrl()) ?? 'http://127.0.0.1:4000'
  const key = process.env.BELFRY_API_KEY ?? (await keptKey())
  const client = createClient<Events>({ url, key })
  try {
    await client.health({ maxRetries: 0 })
  } catch {
    throw new Error(
      `No Belfry answers at ${url}. Start one in another terminal: npm start\n` +
        'If one runs elsewhere, say where: BELFRY_URL=http://… BELFRY_API_KEY=bf_sk_… npm run example …',
    )
  }
  return { url, key, client }
}

/** Where the server with this data directory answers, whatever its port; null when none has said so. */
async function keptUrl(): Promise<string | null> {
  const text = await readFile(join(dataDir, 'owner.json'), 'utf8').catch(() => '{}')
  return (JSON.parse(text) as { url?: string }).url ?? null
}

async function keptKey(): Promise<string> {
  const text = await readFile(join(dataDir, 'env'), 'utf8').catch(() => '')
  const key = /^BELFRY_API_KEY=(\S+)$/m.exec(text)?.[1]
  if (!key) throw new Error('Set BELFRY_API_KEY, or start Belfry here once: npm start')
  return key
}

type Reach = Pick<Reached, 'url' | 'key'>

/** `belfry push`, through the API. What is there and not in the files stays; the same files again change nothing. */
export async function pushCatalog({ url, key }: Reach, folder: string): Promise<void> {
  // What was changed there since is the play itself: it adds channels, and takes them away again.
  await runBelfry(['push', folder, '--force', '--url', url], { BELFRY_API_KEY: key })
}

/** A `belfry` command; answers what it prints. */
export async function runBelfry(
  args: string[],
  more: Record<string, string> = {},
): Promise<string> {
  const belfry = join(import.meta.dirname, '../server/bin/belfry.js')
  const { BELFRY_URL: _, ...env } = process.env // no setting of the command
  const options = { env: { ...env, ...more } }
  return (await promisify(execFile)(process.execPath, [belfry, ...args], options)).stdout
}

export type NewProvider = Parameters<Client['providers']['create']>[0]

/** Creates the provider, or changes the settings of the one with its name. */
export async function putProvider(
  { client }: { client: Pick<Client, 'call' | 'providers'> },
  provider: NewProvider,
): Promise<void> {
  const { providers } = await client.call('listProviders', { query: { channel: provider.channel } })
  const existing = providers.find(({ name }) => name === provider.name)
  try {
    if (existing) await client.providers.update(existing.id, { settings: provider.settings })
    else await client.providers.create(provider)
  } catch (error) {
    if (!(error instanceof BelfryError) || error.code !== 'url_not_allowed') throw error
    throw new Error(
      'Belfry may not call addresses of this machine. Start it as: BELFRY_ALLOW_PRIVATE_ADDRESSES=127.0.0.1/32 npm start',
      { cause: error },
    )
  }
}

/** The one with this name; nothing when there is none. */
export async function deleteProvider(
  { client }: { client: Pick<Client, 'call' | 'providers'> },
  { channel, name }: Pick<NewProvider, 'channel' | 'name'>,
): Promise<void> {
  const { providers } = await client.call('listProviders', { query: { channel } })
  for (const provider of providers)
    if (provider.name === name) await client.providers.delete(provider.id)
}
