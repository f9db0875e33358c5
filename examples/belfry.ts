// What the examples share: the way to a running Belfry, and how a catalog gets there.
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { BelfryError, createClient, type Client } from '@belfry/client'

export type Reached = { url: string; key: string; client: Client }

/** The server of BELFRY_URL and BELFRY_API_KEY; without them the one that `npm start` started here. */
export async function reachBelfry(): Promise<Reached> {
  const url = process.env.BELFRY_URL ?? 'http://127.0.0.1:4000'
  const key = process.env.BELFRY_API_KEY ?? (await keptKey())
  const client = createClient({ url, key })
  try {
    await client.health({ maxRetries: 0 })
  } catch {
    throw new Error(`No Belfry answers at ${url}. Start one in another terminal: npm start`)
  }
  return { url, key, client }
}

async function keptKey(): Promise<string> {
  const file = join(import.meta.dirname, '../.belfry/env')
  const text = await readFile(file, 'utf8').catch(() => '')
  const key = /^BELFRY_API_KEY=(\S+)$/m.exec(text)?.[1]
  if (!key) throw new Error('Set BELFRY_API_KEY, or start Belfry here once: npm start')
  return key
}

/**
 * Puts the files of a folder where their paths say: `event-types/shop.alert.json` is
 * `PUT /event-types/shop.alert`, `templates/shop.alert.webhook.default.json` the template of that event
 * type, channel and locale. The same files again change nothing.
 */
export async function applyCatalog({ client }: Reached, folder: string): Promise<void> {
  for (const [name, body] of await filesOf(join(folder, 'event-types')))
    await client.eventTypes.put(name, body)
  for (const [name, body] of await filesOf(join(folder, 'templates'))) {
    const [locale = '', channel = '', ...type] = name.split('.').reverse()
    const key = { event_type: type.reverse().join('.'), channel, locale }
    await client.call('putTemplate', { path: key as never, body })
  }
  for (const [name, body] of await filesOf(join(folder, 'sources')))
    await client.call('putSource', { path: { key: name }, body: body as never })
}

export type NewProvider = Parameters<Client['providers']['create']>[0]

/** Creates the provider, or changes the settings of the one with its name. */
export async function putProvider({ client }: Reached, provider: NewProvider): Promise<void> {
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

type Definition = Parameters<Client['eventTypes']['put']>[1] & Record<string, unknown>

/** The files of a folder by name, without the ending; none when there is no such folder. */
async function filesOf(folder: string): Promise<[string, Definition][]> {
  const names = await readdir(folder).catch(() => [])
  return Promise.all(
    names.map(async (name): Promise<[string, Definition]> => [
      name.replace(/\.json$/, ''),
      JSON.parse(await readFile(join(folder, name), 'utf8')) as Definition,
    ]),
  )
}
