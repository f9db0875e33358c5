// Whom the measures write to: subscribers p0000000, p0000001, … with addresses, all members of `all`.
import type { Belfry } from './belfry.ts'

/** Registers an event type that goes out on one channel. */
export async function registerType(belfry: Belfry, key: string, channel: string): Promise<void> {
  await belfry.ask('PUT', `/event-types/${key}`, { channels: [channel] })
}

export async function addSubscribers(belfry: Pick<Belfry, 'db'>, count: number): Promise<void> {
  await belfry.db.query(
    `insert into belfry.subscribers (workspace_id, id)
     select 1, 'p' || lpad(n::text, 7, '0') from generate_series(0, $1::integer - 1) n`,
    [count],
  )
  await belfry.db.query(`insert into belfry.topics (workspace_id, key) values (1, 'all')`)
  await belfry.db.query(`insert into belfry.topic_members (workspace_id, topic, subscriber_id)
    select workspace_id, 'all', id from belfry.subscribers`)
  await analyze(belfry)
}

/** Every subscriber gets an address: `before`, the subscriber's id, `after`. */
export async function addAddresses(
  belfry: Pick<Belfry, 'db'>,
  address: { channel: string; before: string; after: string },
): Promise<void> {
  await belfry.db.query(
    `insert into belfry.addresses (workspace_id, subscriber_id, channel, address)
     select workspace_id, id, $1, $2 || id || $3 from belfry.subscribers`,
    [address.channel, address.before, address.after],
  )
  await analyze(belfry)
}

async function analyze(belfry: Pick<Belfry, 'db'>): Promise<void> {
  await belfry.db.query(
    'analyze belfry.subscribers, belfry.addresses, belfry.topics, belfry.topic_members',
  )
}

const tokensAtOnce = 50

/** A token for each of the first so many subscribers. */
export async function tokensFor(belfry: Belfry, count: number): Promise<string[]> {
  const tokens: string[] = []
  let next = 0
  const ask = async () => {
    for (let n = next++; n < count; n = next++) {
      const path = `/subscribers/p${String(n).padStart(7, '0')}/token`
      tokens[n] = ((await belfry.ask('POST', path, {})) as { token: string }).token
    }
  }
  await Promise.all(Array.from({ length: tokensAtOnce }, ask))
  return tokens
}
