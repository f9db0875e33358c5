// What stories start from: people, event types, a receiver for their webhooks; and how they look at
// the database and wait for it.
import assert from 'node:assert/strict'
import pg from 'pg'
import type { Answer, TestContext } from './test-context.ts'

/** What is needed to ask a Belfry something: a test context, or a client of a real process. */
export type Asking = Pick<TestContext, 'ask'>

async function done(asking: Asking, method: string, url: string, body: unknown): Promise<Answer> {
  const answer = await asking.ask(method, url, body)
  assert.ok(
    answer.status < 300,
    `${method} ${url}: ${answer.status} ${JSON.stringify(answer.body)}`,
  )
  return answer
}

export const given = {
  /** An event type that is sent as a webhook, unless told otherwise. */
  async eventType(asking: Asking, key: string, definition: Record<string, unknown> = {}) {
    await done(asking, 'PUT', `/event-types/${key}`, {
      name: key,
      channels: ['webhook'],
      ...definition,
    })
  },

  async template(asking: Asking, key: string, channel: string, content: unknown) {
    await done(asking, 'PUT', `/templates/${key}/${channel}/default`, content)
  },

  /** A provider of webhooks: to `url`, or to each person's own address. */
  async webhooks(asking: Asking, url?: string) {
    const settings = url === undefined ? {} : { url }
    const body = { channel: 'webhook', kind: 'webhook', name: 'receiver', settings }
    await done(asking, 'POST', '/providers', body)
  },

  async subscriber(asking: Asking, id: string, person: Record<string, unknown> = {}) {
    await done(asking, 'PUT', `/subscribers/${id}`, person)
  },

  /** Subscribers p00000, p00001, …, each with a webhook address of their own below `url`. */
  async people(asking: Asking, count: number, url: string): Promise<string[]> {
    const ids = Array.from({ length: count }, (_, i) => `p${String(i).padStart(5, '0')}`)
    for (let i = 0; i < count; i += 1_000) {
      const subscribers = ids
        .slice(i, i + 1_000)
        .map((id) => ({ id, addresses: { webhook: `${url}/${id}` } }))
      const { body } = await done(asking, 'POST', '/subscribers/bulk', { subscribers })
      assert.equal(body.refused, 0)
    }
    return ids
  },

  async topic(asking: Asking, key: string, ids: string[]) {
    for (let i = 0; i < ids.length; i += 1_000) {
      const subscribers = ids.slice(i, i + 1_000)
      await done(asking, 'POST', `/topics/${key}/members`, { subscribers })
    }
  },

  /** An accepted event; its id. */
  async event(asking: Asking, type: string, body: Record<string, unknown>): Promise<string> {
    const answer = await done(asking, 'POST', '/events', { type, ...body })
    return answer.body.event_id
  },
}

/** Looks into the database by a connection of its own. */
export function createLook(connection: pg.ClientConfig) {
  const pool = new pg.Pool({ ...connection, max: 2 })
  pool.on('error', () => {}) // databases are stopped in some stories
  return {
    // Tests look into rows freely.
    // oxlint-disable-next-line typescript/no-explicit-any
    async rows(text: string, values: unknown[] = []): Promise<any[]> {
      return (await pool.query(text, values)).rows
    },
    async number(text: string, values: unknown[] = []): Promise<number> {
      const { rows } = await pool.query<Record<string, unknown>>(text, values)
      return Number(Object.values(rows[0] ?? {})[0])
    },
    close: () => pool.end(),
  }
}

export type Look = ReturnType<typeof createLook>

/** How long a story waits for what must happen: long, so that only what never happens fails on a busy machine. */
export const patienceMs = 90_000

/** Waits for what nothing announces, `patience` milliseconds at most. */
export async function until(
  what: string,
  isTrue: () => Promise<boolean> | boolean,
  patience = patienceMs,
): Promise<void> {
  const giveUpAt = performance.now() + patience
  while (!(await isTrue())) {
    if (performance.now() > giveUpAt)
      throw new Error(`in ${patience} ms it was never true: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** Waits until nothing waits, is in flight or is still to be fanned out. */
export async function untilQuiet(look: Look): Promise<void> {
  await until('both queues are empty', async () => {
    const count = await look.number(`
      select (select count(*) from belfry.queue) + (select count(*) from belfry.event_queue)`)
    return count === 0
  })
}

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}
