// Digests, seen from outside: when they close, what is in them, and that one which cannot be closed holds up nobody.
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { given, until } from './given.ts'
import { createPlanStory, type PlanStory } from './plan-story.ts'

let story: PlanStory

before(async () => {
  story = await createPlanStory()
})

after(() => story.close())

afterEach(async () => {
  await story.check()
  story.begin()
})

async function digest(type: string, rule: Record<string, unknown>) {
  await story.plan(type, [{ digest: rule }, { send: ['webhook'] }])
  await given.template(story.belfry, type, 'webhook', {
    body: { count: '{{ digest.count }}', items: '{{ digest.items | map: "n" | join: "" }}' },
  })
}

/** `count: what is in it`, in the order in which they were told. */
const told = () =>
  story.received().map(({ body }) => {
    const { count, items } = JSON.parse(body)
    return `${count}: ${items}`
  })

const untilTold = (what: string) => until(`it is told: ${what}`, () => told().includes(what))
const untilGathered = (count: number) =>
  until(`${count} wait together`, async () => {
    const all = 'select count(*) from belfry.plan_runs where bucket_id is not null'
    return (await story.look.number(all)) === count
  })
const openCount = () => story.look.number('select count(*) from belfry.digest_buckets')
const cancel = (event: string) => story.belfry.ask('POST', `/events/${event}/cancel`)

test('with first_now the first is told at once, and what follows within the window together', async () => {
  await digest('chatty', { window: '10m', first_now: true })

  await story.happens('chatty', 'p00000', { n: 'a' })
  await untilTold('1: a')
  await story.happens('chatty', 'p00000', { n: 'b' })
  await story.happens('chatty', 'p00000', { n: 'c' })
  await untilGathered(2)
  story.belfry.clock.advance({ minutes: 11 })
  await untilTold('2: bc')
  await story.happens('chatty', 'p00000', { n: 'd' })
  await untilTold('1: d')
  story.belfry.clock.advance({ minutes: 11 })
  await until('the window is over', async () => (await openCount()) === 0)

  assert.deepEqual(told(), ['1: a', '2: bc', '1: d'], 'one in which nothing came is not told')
})

test('so many close it before its time, and the next opens another', async () => {
  await digest('quick', { window: '10m', close_at: 3 })

  for (const n of ['a', 'b']) await story.happens('quick', 'p00000', { n })
  await untilGathered(2)
  assert.deepEqual(told(), [])
  await story.happens('quick', 'p00000', { n: 'c' })
  await untilTold('3: abc')
  await story.happens('quick', 'p00000', { n: 'd' })
  await untilGathered(1)
  story.belfry.clock.advance({ minutes: 11 })
  await untilTold('1: d')

  assert.deepEqual(told(), ['3: abc', '1: d'])
})

test('one that expires after the digest has closed takes none of the others with it', async () => {
  await story.plan('patient', [
    { digest: { window: '10m' } },
    { wait: { for: '30m' } },
    { send: ['webhook'] },
  ])
  await given.template(story.belfry, 'patient', 'webhook', {
    body: { count: '{{ digest.count }}', items: '{{ digest.items | map: "n" | join: "" }}' },
  })
  const soon = { expires_at: new Date(story.belfry.clock.now().getTime() + 20 * 60_000) }

  const first = await story.happens('patient', 'p00000', { n: 'a' })
  await story.happens('patient', 'p00000', { n: 'b' }, soon)
  await untilGathered(2)
  story.belfry.clock.advance({ minutes: 11 })
  await story.waitsAt(first, 'wait')
  story.belfry.clock.advance({ minutes: 31 })
  await untilTold('2: ab')
})

const mute = (id: string, ...threads: string[]) =>
  story.belfry.ask('PATCH', `/preferences/${id}`, {
    muted_threads: Object.fromEntries(threads.map((thread) => [thread, true])),
  })

test('what is of a thread that was muted before its digest closed is left out, and says why', async () => {
  await digest('threads', { window: '10m' })
  const of = (n: string, thread_key: string | null) =>
    story.happens('threads', 'p00001', { n }, thread_key === null ? {} : { thread_key })

  await of('a', 'post:1')
  await of('b', null)
  const muted = await of('c', 'post:2')
  await untilGathered(3)
  await mute('p00001', 'post:2')
  const { body: ahead } = await story.belfry.ask('POST', '/explain', {
    type: 'threads',
    to: ['p00001'],
    params: { n: 'd' },
  })
  story.belfry.clock.advance({ minutes: 11 })
  await untilTold('2: ab')

  assert.match(JSON.stringify(ahead), /joins the open digest, with 2 others/)
  const { status, reason, trace } = await story.ended(muted)
  assert.deepEqual([status, reason], ['skipped', 'preference_off'])
  assert.match(JSON.stringify(trace), /left out.+its thread was muted before the digest closed/)
})

test('a thread that is muted behind a digest takes no other with it, and neither does the last one', async () => {
  const steps = [{ digest: { window: '10m' } }, { wait: { for: '30m' } }, { send: ['webhook'] }]
  await story.plan('behind', steps)
  await given.template(story.belfry, 'behind', 'webhook', {
    body: { count: '{{ digest.count }}', items: '{{ digest.items | map: "n" | join: "" }}' },
  })
  const of = (id: string, n: string, thread_key: string) =>
    story.happens('behind', id, { n }, { thread_key })
  const last: string[] = []
  for (const id of ['p00002', 'p00003', 'p00004']) {
    await of(id, 'a', 'post:1')
    last.push(await of(id, 'b', 'post:2'))
  }
  await untilGathered(6)
  story.belfry.clock.advance({ minutes: 11 })
  for (const event of last) await story.waitsAt(event, 'wait')
  const local = (hours: number) =>
    new Date(story.belfry.clock.now().getTime() + hours * 3_600_000).toISOString().slice(11, 16)
  const quiet_hours = { start: local(-1), end: local(3) }
  await story.belfry.ask('PATCH', '/preferences/p00004', { quiet_hours, timezone: 'UTC' })

  await mute('p00002', 'post:2')
  await mute('p00003', 'post:1', 'post:2')
  story.belfry.clock.advance({ minutes: 31 })
  await untilTold('1: a')
  await until('one waits for the end of quiet hours', async () => {
    const held = `select count(*) from belfry.deliveries where reason = 'quiet_hours'`
    return (await story.look.number(held)) === 1
  })
  await mute('p00004', 'post:2')
  story.belfry.clock.advance({ hours: 4 })
  await untilTold('2: ab')

  assert.deepEqual(told(), ['1: a', '2: ab'])
})

test('what is critical is gathered apart: it is told where the others are not wanted', async () => {
  await digest('levels', { window: '10m' })
  const level = 'critical'
  await story.happens('levels', 'p00000', { n: 'a' })
  await story.happens('levels', 'p00000', { n: 'b' }, { level })
  await story.happens('levels', 'p00000', { n: 'c' })
  await untilGathered(3)
  await story.belfry.ask('PATCH', '/preferences/p00000', { level })
  story.belfry.clock.advance({ minutes: 11 })
  await untilTold('1: b')
  await story.check()
  await story.belfry.ask('PATCH', '/preferences/p00000', { level: 'standard' })

  assert.deepEqual(told(), ['1: b'])
})

test('what was cancelled or has expired does not fill a digest', async () => {
  await digest('counted', { window: '10m', close_at: 3 })
  const soon = { expires_at: new Date(story.belfry.clock.now().getTime() + 60_000) }

  const first = await story.happens('counted', 'p00000', { n: 'a' })
  await story.happens('counted', 'p00000', { n: 'b' }, soon)
  await untilGathered(2)
  await cancel(first)
  story.belfry.clock.advance({ minutes: 2 })
  await story.happens('counted', 'p00000', { n: 'c' })
  await story.happens('counted', 'p00000', { n: 'd' })
  await untilGathered(3)
  assert.deepEqual(told(), [])
  await story.happens('counted', 'p00000', { n: 'e' })
  await untilTold('3: cde')

  assert.deepEqual(told(), ['3: cde'])
})

test('a digest in which everything was cancelled is not told', async () => {
  await digest('emptied', { window: '10m' })
  const event = await story.happens('emptied', 'p00000', { n: 'a' })
  await untilGathered(1)

  await cancel(event)
  story.belfry.clock.advance({ minutes: 11 })
  await until('it has closed', async () => (await openCount()) === 0)

  assert.deepEqual(told(), [])
})

const zones = ['Asia/Tokyo', 'America/New_York', 'Asia/Kolkata']
// a window, the local time at which it closes
const calendars: [Record<string, string>, RegExp][] = [
  [{ every: 'hour' }, /^\w+ \d\d:00$/],
  [{ every: 'day', at: '07:45' }, /^\w+ 07:45$/],
  [{ every: 'week', on: 'friday', at: '16:00' }, /^Friday 16:00$/],
]
for (const [i, [window, closes]] of calendars.entries())
  test(`a window of ${JSON.stringify(window)} closes at that time of each person's zone`, async () => {
    await digest(`calendar.${i}`, { window })
    const hour12 = false
    const shown = { weekday: 'long', hour: '2-digit', minute: '2-digit', hour12 } as const
    let longest = 0
    for (const [n, timeZone] of zones.entries()) {
      const id = `p0000${n}`
      await story.belfry.ask('PATCH', `/subscribers/${id}`, { timezone: timeZone })
      const event = await story.happens(`calendar.${i}`, id, { n: 'a' })
      await story.waitsAt(event, 'digest')

      const [step] = story.steps(await story.notificationOf(event))
      const until = new Date(/waits until (\S+):/.exec(step!)![1]!)
      const local = new Intl.DateTimeFormat('en-GB', { ...shown, timeZone }).format(until)
      assert.match(local.replace(/^(\w+),? (?:at )?/, '$1 '), closes)
      longest = Math.max(longest, until.getTime() - story.belfry.clock.now().getTime())
    }
    story.belfry.clock.advance({ seconds: longest / 1_000 - 60 })
    const early = await openCount()
    story.belfry.clock.advance({ seconds: 61 })
    await until('all are told', () => told().length === zones.length)

    assert.ok(early > 0)
    assert.deepEqual(told(), ['1: a', '1: a', '1: a'])
  })

test('what was gathered before its plan was edited goes on by the old one, apart from what came after', async () => {
  await digest('edited', { window: '10m' })
  await story.happens('edited', 'p00000', { n: 'a' })
  await untilGathered(1)

  await digest('edited', { window: '2h', show: 3 })
  await story.happens('edited', 'p00000', { n: 'b' })
  await untilGathered(2)
  story.belfry.clock.advance({ minutes: 11 })
  await untilTold('1: a')
  assert.deepEqual(told(), ['1: a'])
  story.belfry.clock.advance({ hours: 2 })
  await untilTold('1: b')

  assert.deepEqual(told(), ['1: a', '1: b'])
})

test('a digest that cannot be closed is tried later and later, and holds up neither others nor waits', async () => {
  await digest('poisoned', { window: '10m' })
  await story.plan('waiting', [{ wait: { for: '10m' } }, { send: ['webhook'] }])
  await story.look.rows(`
    create function belfry.refuse_poison() returns trigger language plpgsql as $$
      begin raise exception 'poison'; end $$;
    create trigger poison before insert on belfry.digests for each row
      when (new.items::text like '%poison%') execute function belfry.refuse_poison()`)

  await story.happens('poisoned', 'p00000', { n: 'poison' })
  await story.happens('poisoned', 'p00001', { n: 'fine' })
  const waiting = await story.happens('waiting', 'p00002')
  await untilGathered(2)
  story.belfry.clock.advance({ minutes: 11 })
  await untilTold('1: fine')
  await story.ended(waiting)

  const bucket = 'from belfry.digest_buckets'
  const failures = () => story.look.number(`select failure_count ${bucket}`)
  // The clock goes on meanwhile: on a busy machine it may have failed more often by now.
  await until('it has failed', async () => (await failures()) >= 1)
  const [before] = await story.look.rows(`select due_at, failure_count as count ${bucket}`)
  story.belfry.clock.advance({ seconds: 2 })
  await until('it has failed again', async () => (await failures()) > before.count)
  const [after] = await story.look.rows(`select due_at ${bucket}`)
  assert.ok(after.due_at > before.due_at)
  const logged = story.belfry.logged.filter(({ msg }) => /digest could not/.test(String(msg)))
  assert.ok(logged.length >= 2)

  await story.look.rows('drop trigger poison on belfry.digests')
  story.belfry.clock.advance({ minutes: 30 })
  await untilTold('1: poison')
})
