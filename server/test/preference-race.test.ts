// A change of preferences against everything that begins, each in a process of its own as far as the
// database can tell. What had not begun when the change was answered must not begin by the older wish.
// BELFRY_TEST_RACE_ROUNDS sets how often; 5,000 take some minutes.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { claim } from '../src/pipeline/claim.ts'
import { deliverDueInApp } from '../src/pipeline/deliver-in-app.ts'
import { fanOut } from '../src/pipeline/fan-out.ts'
import type { Starter } from '../src/pipeline/fan-out-draft.ts'
import { notify } from '../src/pipeline/notify.ts'
import { withTextsAhead } from '../src/pipeline/texts-ahead.ts'
import { changePreferences } from '../src/pipeline/preferences.ts'
import { insertEvents } from '../src/sql/events.ts'
import { createLook, createRandom, given, until } from './given.ts'
import { acceptedEvent, workspaceId } from './rows.ts'
import { createTestContext } from './test-context.ts'

const rounds = Number(process.env.BELFRY_TEST_RACE_ROUNDS ?? 400)
const abreast = 8

const t = await createTestContext()
const other = await t.another()
const look = createLook(t.connection)
after(async () => {
  await look.close()
  await t.close()
})

before(async () => {
  await given.eventType(t, 'order.shipped', { channels: ['in_app', 'email'] })
})

const starter: Starter = {
  worker: 'racer',
  reserve: () => true,
  release: () => {},
  leaseMs: () => 60_000,
}

/** `begin` answers whether anything began; `hasBegun` looks whether it has been committed. */
type Racer = { begin: () => Promise<boolean>; hasBegun: () => Promise<boolean> }

function eventFor(id: string, given: object = {}) {
  const at = t.clock.now()
  return { ...acceptedEvent({ audience: [{ id }], createdAt: at, dueAt: at }), ...given }
}

/** In the feed, or with an attempt begun. */
async function hasBegun(event: string): Promise<boolean> {
  const rows = await look.rows(
    `select 1 from belfry.notifications n where n.event_id = $1 and (n.content_id is not null or exists (
       select from belfry.deliveries d join belfry.queue q on q.delivery_id = d.id
       where d.notification_id = n.id and q.worker is not null))`,
    [event],
  )
  return rows.length > 0
}

const racers: Record<string, (id: string) => Promise<Racer>> = {
  async 'an event that is fanned out'(id) {
    const event = eventFor(id)
    await insertEvents(other.db, [event], [])
    return {
      async begin() {
        const claimed = { ...event, epoch: 1, cursor: null }
        const { begun } = await fanOut(other, other.db, [claimed], starter)
        return begun.length > 0
      },
      hasBegun: () => hasBegun(event.id),
    }
  },

  async 'a direct message'(id) {
    let event = ''
    const request = { to: [id], channels: ['in_app' as const, 'email' as const], body: 'B' }
    const accepting = { workspaceId, traceparent: null }
    return {
      async begin() {
        const { eventId } = await withTextsAhead(other, (texts) =>
          other.db.transaction((tx) =>
            notify(other, tx, accepting, request, { takesAddresses: false, texts }),
          ),
        )
        event = eventId
        return hasBegun(event)
      },
      // Its event is named only when it is there: looked up by the person.
      hasBegun: async () =>
        (await look.number(
          `select count(*) from belfry.notifications where recipient = $1 and content_id is not null`,
          [id],
        )) > 0,
    }
  },

  async 'a delivery that waits'(id) {
    const event = eventFor(id)
    await insertEvents(other.db, [event], [])
    await fanOut(other, other.db, [{ ...event, epoch: 1, cursor: null }], null)
    // Out of the way of the other rounds: only this one is due, a day before all others.
    const due = new Date(t.clock.now().getTime() - 86_400_000)
    await look.rows(
      `update belfry.queue q set due_at = $2 from belfry.deliveries d
       where d.id = q.delivery_id and d.event_id = $1`,
      [event.id, due],
    )
    const [row] = await look.rows(`select n.id from belfry.notifications n where n.event_id = $1`, [
      event.id,
    ])
    return {
      async begin() {
        const now = t.clock.now()
        const leaseUntil = new Date(now.getTime() + 60_000)
        const wanted = { channel: 'email', limit: 1, worker: 'racer', now, leaseUntil } as const
        // With several rounds abreast it may be another one's: all of them are asked for here.
        for (;;) {
          const claimed = await claim(other, new Map(), wanted)
          for (const begun of claimed) claims.set(begun.notificationId, begun.objection === null)
          if (claims.has(row.id)) return claims.get(row.id)!
          if (claimed.length === 0) await sleep(1)
        }
      },
      hasBegun: async () =>
        (await look.number(
          `select count(*) from belfry.deliveries d join belfry.queue q on q.delivery_id = d.id
           where d.event_id = $1 and q.worker is not null`,
          [event.id],
        )) > 0,
    }
  },

  async 'an in-app message whose moment has come'(id) {
    const soon = t.clock.now().getTime() + 3_600_000
    const event = eventFor(id, { scheduledAt: new Date(soon) })
    await insertEvents(other.db, [event], [])
    await fanOut(other, other.db, [{ ...event, epoch: 1, cursor: null }], null)
    await look.rows(
      `update belfry.queue q set due_at = now() - interval '1 day' from belfry.deliveries d
       where d.id = q.delivery_id and d.event_id = $1 and q.channel = 'in_app'`,
      [event.id],
    )
    return {
      async begin() {
        await deliverDueInApp(other, 1_000)
        return hasBegun(event.id)
      },
      hasBegun: () => hasBegun(event.id),
    }
  },
}

/** By notification, whether what was claimed may be attempted. */
const claims = new Map<string, boolean>()

const random = createRandom(7)
let people = 0

/** So much later than the change it begins. Found out on the way: as often too early as too late. */
type Aim = { ms: number; stepMs: number; wasEarly: boolean }

type Result = 'began before' | 'did not begin' | 'began by the older wish'

async function race(make: (id: string) => Promise<Racer>, aim: Aim): Promise<Result> {
  const id = `p${++people}`
  await look.rows('insert into belfry.subscribers (workspace_id, id) values (1, $1)', [id])
  await look.rows(
    `insert into belfry.addresses (workspace_id, subscriber_id, channel, address)
     values (1, $1, 'email', $1 || '@example.com')`,
    [id],
  )
  const racer = await make(id)
  const laterMs = aim.ms + (random() - 0.5) * 3
  const patch = { channels: { in_app: false, email: false } }
  const whose = { workspaceId, subscriberId: id, by: { kind: 'subscriber' } } as const

  const [isBegunAtAnswer, hasBegunAfterAll] = await Promise.all([
    sleep(Math.max(0, -laterMs))
      .then(() => changePreferences(t.ctx, whose, patch))
      .then(racer.hasBegun),
    sleep(Math.max(0, laterMs)).then(racer.begin),
  ])
  // In larger steps for as long as it misses on the same side.
  const isSame = aim.wasEarly === hasBegunAfterAll
  aim.stepMs = isSame ? Math.min(aim.stepMs * 1.2, 16) : Math.max(aim.stepMs / 2, 0.3)
  aim.ms += hasBegunAfterAll ? aim.stepMs : -aim.stepMs
  aim.wasEarly = hasBegunAfterAll
  if (!hasBegunAfterAll) return 'did not begin'
  return isBegunAtAnswer ? 'began before' : 'began by the older wish'
}

async function raceOften(make: (id: string) => Promise<Racer>, times: number) {
  const counts: Record<Result, number> = {
    'began before': 0,
    'did not begin': 0,
    'began by the older wish': 0,
  }
  const aim: Aim = { ms: 0, stepMs: 1, wasEarly: false }
  let left = times
  await Promise.all(
    Array.from({ length: abreast }, async () => {
      while (left-- > 0) counts[await race(make, aim)]++
    }),
  )
  return counts
}

for (const [what, make] of Object.entries(racers))
  test(`a change of preferences against ${what}: nothing begins by the older wish`, async () => {
    const counts = await raceOften(make, Math.ceil(rounds / Object.keys(racers).length))

    assert.equal(counts['began by the older wish'], 0, JSON.stringify(counts))
    // Otherwise nothing was raced.
    assert.ok(counts['began before'] > 0 && counts['did not begin'] > 0, JSON.stringify(counts))
  })

async function somebody(): Promise<string> {
  const id = `p${++people}`
  await given.subscriber(t, id, { email: `${id}@example.com` })
  return id
}

const turnOff = (id: string) =>
  changePreferences(
    t.ctx,
    { workspaceId, subscriberId: id, by: { kind: 'subscriber' } },
    { channels: { in_app: false, email: false } },
  )

test('a change that comes between the reading and the storing is heeded', async () => {
  const id = await somebody()
  const event = eventFor(id)
  await insertEvents(other.db, [event], [])
  let isTooLate = false
  const query: typeof other.db.query = async (statement) => {
    if (statement.text.includes('belfry.changed_preferences') && !isTooLate) {
      isTooLate = true
      await turnOff(id)
    }
    return other.db.query(statement)
  }
  const slow = { ...other, db: { ...other.db, query } }

  const claimed = { ...event, epoch: 1, cursor: null }
  const { begun, notificationIds } = await fanOut(slow, slow.db, [claimed], starter)

  assert.deepEqual([isTooLate, begun.length, notificationIds.length], [true, 0, 1])
  assert.equal(await hasBegun(event.id), false)
})

test('a change is answered only after what is being stored has begun', async () => {
  const id = await somebody()
  const event = eventFor(id)
  await insertEvents(other.db, [event], [])
  let isAnswered = false

  const changing = await other.db.transaction(async (tx) => {
    await fanOut(other, tx, [{ ...event, epoch: 1, cursor: null }], starter)
    const change = turnOff(id).then(() => (isAnswered = true))
    const waiting = `select count(*) from pg_locks where locktype = 'advisory' and not granted`
    await until('the change waits', async () => (await look.number(waiting)) > 0)
    assert.equal(isAnswered, false)
    return { change }
  })
  await changing.change

  assert.equal(await hasBegun(event.id), true)
})
