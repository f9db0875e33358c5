// What an explanation says is still to come of a plan, and what comes when nothing comes in between: the same
// channels, moments, wishes and texts.
// `then` is a word of plans; nobody awaits a step.
/* oxlint-disable unicorn/no-thenable */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { closeDueDigests } from '../src/pipeline/digest.ts'
import { runDuePlans } from '../src/pipeline/plan-run.ts'
import { createExplained, inOrder, type Explained, type ToldChannel } from './explained.ts'
import { fingerprints } from './fingerprints.ts'
import { given } from './given.ts'
import { withoutLinks } from './without-links.ts'

let story: Explained
let belfry: Explained['belfry']
let run = 0

before(async () => {
  story = await createExplained()
  belfry = story.belfry
})

after(() => story.close())

const wait = fc.constantFrom(
  { wait: { for: '30m' } },
  { wait: { for: '7h' } },
  { throttle: { limit: 2, per: '1h' } },
  { digest: { window: '2h', key: '{{ urgent }}' } },
  { throttle: { limit: 1, per: '5h', key: '{{ urgent }}' } },
  { digest: { window: '2h', show: 2 } },
  { digest: { window: '2h', close_at: 3 } },
  { digest: { window: '2h', first_now: true } },
  { digest: { window: { every: 'day', at: '18:00' } } },
)
const send = fc.constantFrom(
  { send: ['email'] },
  { send: ['sms', 'email'] },
  { send: ['telegram'] },
)
const choice = fc.tuple(wait, send, send).map(([first, then, other]) => ({
  if: 'urgent',
  then: [then],
  else: [first, other],
}))
const plan = fc.oneof(
  fc.tuple(send, wait, send),
  fc.tuple(wait, send),
  fc.tuple(
    fc.constant({ send: ['in_app'] }),
    fc.constant({ wait: { for: '1h', unless: 'read' } }),
    send,
  ),
  fc.tuple(wait, fc.constant({ send: ['in_app'] })),
  fc.tuple(choice, fc.constant({ wait: { for: '3h' } }), send),
)
const hour = fc.integer({ min: 0, max: 23 }).map((n) => `${String(n).padStart(2, '0')}:30`)
const setting = fc.record({
  now: fc.date({
    min: new Date('2026-01-01T00:00:00Z'),
    max: new Date('2027-01-01T00:00:00Z'),
    noInvalidDate: true,
  }),
  plan,
  urgent: fc.boolean(),
  timezone: fc.constantFrom('Europe/Lisbon', 'Asia/Tokyo', 'America/New_York'),
  phone: fc.option(fc.constant('+12025550123'), { nil: null }),
  quiet: fc.option(fc.record({ start: hour, end: hour }), { nil: null }),
  emailOff: fc.boolean(),
  laterHours: fc.option(fc.integer({ min: 1, max: 30 }), { nil: null, freq: 3 }),
  /** What has happened before, and how long before the next. */
  earlier: fc.array(fc.record({ urgent: fc.boolean(), minutes: fc.integer({ min: 0, max: 80 }) }), {
    maxLength: 4,
  }),
})
type Setting = typeof setting extends fc.Arbitrary<infer T> ? T : never

/** Two earlier ones, so that the next joins a digest, or is throttled. */
const certain: Setting = {
  now: new Date('2026-06-01T09:00:00Z'),
  plan: [{ digest: { window: '2h', show: 2 } }, { send: ['email'] }],
  urgent: true,
  timezone: 'Europe/Lisbon',
  phone: null,
  quiet: null,
  emailOff: false,
  laterHours: null,
  earlier: [
    { urgent: true, minutes: 5 },
    { urgent: true, minutes: 5 },
  ],
}
const throttled: Setting['plan'] = [{ throttle: { limit: 2, per: '1h' } }, { send: ['email'] }]
/** What was turned off is all that is told of it. */
const offAndThrottled: Setting = {
  ...certain,
  plan: [{ send: ['email'] }, ...throttled],
  emailOff: true,
  earlier: [
    { urgent: false, minutes: 0 },
    { urgent: false, minutes: 0 },
  ],
}

/** False for a plan that is refused: what sends twice without anything in between. */
async function arrange(a: Setting): Promise<boolean> {
  run++
  story.clock.now = a.now
  const type = `type-${run}`
  const { status } = await belfry.ask('PUT', `/event-types/${type}`, { plan: a.plan })
  if (status >= 300) return false
  for (const [channel, content] of Object.entries({
    email: {
      subject: 'S',
      body: '{{ subscriber.data.name }} {{ digest.count }} {{ digest.more }}: {{ digest.items | map: "n" | join }}',
    },
    sms: { body: 'SMS' },
    in_app: { title: 'T', body: '{{ subscriber.id }}' },
  }))
    await given.template(belfry, type, channel, content)
  const { timezone, phone, quiet } = a
  const addresses = { telegram: '4242424242' }
  const person = { email: 'ana@example.com', phone, timezone, addresses, data: { name: 'Ana' } }
  await given.subscriber(belfry, `ana-${run}`, person)
  await belfry.ask('PATCH', `/preferences/ana-${run}`, {
    ...(quiet && { quiet_hours: quiet }),
    ...(a.emailOff && { channels: { email: false } }),
  })
  return true
}

/** The database's plans and digests, each at its time, to their end or to `end`. */
async function runPlans(end: Date | null): Promise<void> {
  for (;;) {
    const [next] = await story.look.rows(`
      select min(due_at) as due_at from (
        select due_at from belfry.plan_runs where bucket_id is null
        union all select due_at from belfry.digest_buckets) due`)
    if (next.due_at === null || (end && next.due_at > end)) return
    if (next.due_at > story.clock.now) story.clock.now = next.due_at as Date
    await closeDueDigests(belfry.ctx, 100)
    await runDuePlans(belfry.ctx, 100)
  }
}

async function happen(body: Record<string, unknown>): Promise<string> {
  const id = await given.event(belfry, `type-${run}`, body)
  await story.findPeople()
  return id
}

async function happenBefore(a: Setting): Promise<void> {
  for (const [i, { urgent, minutes }] of a.earlier.entries()) {
    await happen({ to: [`ana-${run}`], params: { urgent, n: i } })
    const next = new Date(story.clock.now.getTime() + minutes * 60_000)
    await runPlans(next)
    story.clock.now = next
  }
}

// oxlint-disable-next-line typescript/no-explicit-any
function foretold({ channels, steps }: any): ToldChannel[] {
  // oxlint-disable-next-line typescript/no-explicit-any
  const all = [...channels, ...steps.flatMap((step: any) => step.channels)]
  return all.map(({ channel, status, reason, because, at, address, content }) => {
    return { channel, status, reason, because, at, content, address }
  })
}

test('whatever the plan and whatever came before, what is to come comes as it was explained', async () => {
  const counts = { later: 0, joined: 0, throttled: 0 }
  await fc.assert(
    fc.asyncProperty(setting, async (a) => {
      fc.pre(await arrange(a))
      await happenBefore(a)
      const later = a.laterHours && new Date(story.clock.now.getTime() + a.laterHours * 3_600_000)
      const to = [`ana-${run}`]
      const params = { urgent: a.urgent, n: 'last' }
      const body = { type: `type-${run}`, params, to, ...(later && { scheduled_time: later }) }

      const before = await fingerprints(story.look)
      const explained = await belfry.ask('POST', '/explain', body)
      assert.deepEqual(await fingerprints(story.look), before)
      const event = await happen(body)
      await runPlans(null)

      assert.equal(explained.status, 200, JSON.stringify(explained.body))
      const [person] = explained.body.people
      const { body: found } = await belfry.ask('GET', `/notifications?event_id=${event}`)
      const [{ id, reason }] = found.notifications
      const told = withoutLinks(foretold(person))
      assert.deepEqual(inOrder(told), inOrder(withoutLinks(await story.channelsOf(id))))
      const because = person.steps.map((step: { because: string }) => step.because).join()
      const isNothingSent = told.every(({ status }) => status === 'skipped')
      assert.equal(reason === 'throttled', /is throttled/.test(because) && isNothingSent)
      if (person.steps.some(({ step }: { step: string }) => step === 'send'))
        counts.later += told.length
      if (/joins the open|closes the digest/.test(because)) counts.joined++
      if (/is throttled/.test(because)) counts.throttled++
    }),
    { numRuns: 40, examples: [[certain], [{ ...certain, plan: throttled }], [offAndThrottled]] },
  )
  for (const count of Object.values(counts)) assert.ok(count > 0, JSON.stringify(counts))
})

test('what is to come is told in sentences', async () => {
  story.clock.now = new Date('2026-06-01T09:00:00Z')
  const steps = [
    { send: ['in_app'] },
    { wait: { for: '30m', unless: 'read' } },
    { if: 'total > 100', then: [{ send: ['sms'] }], else: [{ send: ['email'] }] },
  ]
  await given.eventType(belfry, 'escalated', { channels: undefined, plan: steps })
  const timezone = 'Europe/Lisbon'
  await given.subscriber(belfry, 'ben', { email: 'ben@example.com', timezone })

  const body = { type: 'escalated', params: { total: 7 }, to: ['ben'] }
  const { body: explained } = await belfry.ask('POST', '/explain', body)

  assert.deepEqual(explained.people[0].sentences, [
    'It is for ben: named in the request.',
    'In the app at once.',
    'Then it waits 30m for it to be read, until 10:30; if that happens, nothing more is sent.',
    'The condition `total > 100` does not hold.',
    'By email to b•••@example.com at 10:30, through sandbox.',
    'Times are those of Europe/Lisbon.',
  ])
  const id = await given.event(belfry, 'escalated', { params: { total: 7 }, to: ['ben'] })
  await story.findPeople()
  const { body: past } = await belfry.ask('POST', '/explain', { event_id: id })
  assert.deepEqual(past.people[0].sentences, [
    'ben got it in the app at 10:00.',
    'It waits 30m for it to be read, until 10:30.',
    'Times are those of Europe/Lisbon.',
  ])
})
