// An explanation and what then really happens are the same, for whatever set-up: people, reasons, channels,
// addresses, moments and texts.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { createExplained, inOrder, type Explained } from './explained.ts'
import { createService, type Service } from './data-story.ts'
import { fingerprints } from './fingerprints.ts'
import { given } from './given.ts'
import { withoutLinks } from './without-links.ts'

let story: Explained
let belfry: Explained['belfry']
let run = 0

let service: Service

before(async () => {
  service = await createService()
  story = await createExplained()
  belfry = story.belfry
})

after(async () => {
  await story.close()
  await service.close()
})

const channels = ['in_app', 'email', 'sms', 'telegram', 'push'] as const
const maybe = <T>(arb: fc.Arbitrary<T>) => fc.option(arb, { nil: undefined })
const switches = fc.dictionary(fc.constantFrom(...channels), fc.boolean(), { maxKeys: 3 })
const hour = fc.integer({ min: 0, max: 23 }).map((n) => `${String(n).padStart(2, '0')}:30`)

const preferences = fc.record(
  {
    level: fc.constantFrom('standard', 'critical'),
    channels: switches,
    category: switches,
    event_type: fc.record(
      { enabled: fc.boolean(), email: fc.boolean(), in_app: fc.boolean() },
      { requiredKeys: [] },
    ),
    quiet_hours: fc.record({ start: hour, end: hour }),
  },
  { requiredKeys: [] },
)

const details = fc.record(
  {
    locale: fc.constantFrom('en', 'pt-BR', 'de'),
    timezone: fc.constantFrom('Europe/Lisbon', 'Asia/Tokyo', 'America/New_York', 'UTC'),
    data: fc.record({ name: fc.constantFrom('Ana', 'Ben', '<b>') }),
    email: fc.constantFrom('ana@example.com', 'ben@example.com'),
    phone: fc.constantFrom('+12025550123', '+12025550199'),
    addresses: fc.record(
      {
        telegram: fc.constant('4242424242'),
        push: fc.array(
          fc.record({
            kind: fc.constant('fcm'),
            token: fc.constantFrom('a-device-1234', 'b-device-9876'),
          }),
          { maxLength: 2 },
        ),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
)

const setting = fc.record({
  now: fc.date({
    min: new Date('2026-01-01T00:00:00Z'),
    max: new Date('2027-01-01T00:00:00Z'),
    noInvalidDate: true,
  }),
  people: fc.array(fc.record({ details, preferences: maybe(preferences) }), {
    minLength: 1,
    maxLength: 4,
  }),
  members: fc.tuple(fc.subarray([0, 1, 2, 3]), fc.subarray([0, 1, 2, 3])),
  defaults: maybe(switches),
  type: fc.record({
    channels: fc.subarray([...channels], { minLength: 1 }),
    level: fc.constantFrom(
      'standard',
      'critical',
      '{% if urgent %}critical{% else %}standard{% endif %}',
    ),
    category: fc.constantFrom('orders', null),
    opt_in: fc.boolean(),
    audience: fc.subarray(['{{ owner }}', { topic: '{{ topic }}' }, { topic: 'second' }]),
    otherwise: fc.subarray(['p0', { topic: 'second' }]),
  }),
  templates: fc.subarray(
    channels.flatMap((channel) => ['default', 'pt'].map((locale) => ({ channel, locale }))),
  ),
  isPersonal: fc.boolean(),
  data: maybe(
    fc.record({
      path: fc.constantFrom('orders/A-1', 'nowhere'),
      required: fc.boolean(),
      readOn: fc.subarray([...channels]),
      hasFallback: fc.boolean(),
    }),
  ),
  params: fc.record({
    urgent: fc.boolean(),
    owner: fc.constantFrom('p0', 'p1', 'nobody', ''),
    topic: fc.constantFrom('first', 'empty'),
  }),
  to: fc.uniqueArray(
    fc.oneof(
      fc.constantFrom('p1', 'p2', 'stranger', { topic: 'first' }, { topic: 'second' }),
      details.map((person) => ({ id: 'p0', ...person })),
      details.map((person) => ({ id: 'new', ...person })),
    ),
    { maxLength: 3 },
  ),
  level: maybe(fc.constantFrom('standard', 'critical')),
  laterHours: maybe(fc.integer({ min: 1, max: 40 })),
  expiresHours: maybe(fc.integer({ min: 1, max: 60 })),
  message: maybe(fc.constantFrom({ message: 'Hello' }, { template: 'the type' })),
})
type Setting = typeof setting extends fc.Arbitrary<infer T> ? T : never

/** Names of this run only: what earlier runs left behind cannot be in the way. */
function own<T>(value: T): T {
  const text = JSON.stringify(value) ?? 'null'
  return JSON.parse(
    text.replaceAll(/"(p[0-3]|new|nobody|stranger|first|second|empty)"/g, `"$1-${run}"`),
  ) as T
}

const type = () => `type-${run}`
const category = () => `orders-${run}`
async function arrange(a: Setting): Promise<{ path: string; body: Record<string, unknown> }> {
  run++
  story.clock.now = a.now
  const { channels: used, level, opt_in, audience, otherwise } = own(a.type)
  await given.eventType(belfry, type(), {
    channels: used,
    level,
    opt_in: opt_in && level !== 'critical',
    audience,
    otherwise,
    category: a.type.category && category(),
    ...(a.data && {
      data: { order: { url: `${service.url}/${a.data.path}`, required: a.data.required } },
      fallback: a.data.hasFallback ? { title: 'Sorry', body: 'Look into the app' } : null,
    }),
  })
  for (const { channel, locale } of a.templates) {
    const personal = a.isPersonal ? ' {{ subscriber.data.name }} {{ subscriber.email }}' : ''
    const read = a.data?.readOn.includes(channel) ? ' {{ data.order.total }}' : ''
    const body = `${locale} {{ owner }}${personal}${read}`
    const template = {
      in_app: { title: 'T', body },
      email: { subject: 'S', body },
      push: { title: 'T', body },
    }
    const content = channel === 'sms' || channel === 'telegram' ? { body } : template[channel]
    const { status } = await belfry.ask('PUT', `/templates/${type()}/${channel}/${locale}`, content)
    assert.ok(status < 300)
  }
  for (const [i, person] of a.people.entries()) {
    await given.subscriber(belfry, `p${i}-${run}`, person.details)
    if (person.preferences) await setPreferences(`p${i}-${run}`, a, person.preferences)
  }
  for (const [i, name] of ['first', 'second'].entries()) {
    const ids = a.members[i as 0 | 1].filter((n) => n < a.people.length).map((n) => `p${n}-${run}`)
    if (ids.length > 0) await given.topic(belfry, `${name}-${run}`, ids)
  }
  await belfry.ask('PUT', '/preferences', a.defaults ? { channels: a.defaults } : {})
  return requestOf(a)
}

async function setPreferences(
  id: string,
  a: Setting,
  said: NonNullable<Setting['people'][number]['preferences']>,
) {
  const { category: switches, event_type: own, ...rest } = said
  const body = {
    ...rest,
    ...(switches && a.type.category && { categories: { [category()]: switches } }),
    ...(own && { event_types: { [type()]: own } }),
  }
  // What is critical cannot be turned off; then they have said nothing.
  await belfry.ask('PATCH', `/preferences/${id}`, body)
}

function requestOf(a: Setting): { path: string; body: Record<string, unknown> } {
  const at = (hours: number) => new Date(a.now.getTime() + hours * 3_600_000).toISOString()
  const to = own(a.to)
  const common = {
    params: own(a.params),
    ...(to.length > 0 && { to }),
    ...(a.level && { level: a.level }),
    ...(a.laterHours && { scheduled_time: at(a.laterHours) }),
    ...(a.expiresHours && { expires_at: at(a.expiresHours) }),
  }
  if (!a.message) return { path: '/events', body: { ...common, type: type() } }
  const text = 'template' in a.message ? { template: type() } : a.message
  return { path: '/notifications', body: { ...common, ...text, channels: a.type.channels } }
}

type Told = {
  recipient: string
  reasons: unknown
  status: string
  reason: unknown
  because: unknown
  channels: unknown[]
}

// Answers are looked into freely.
// oxlint-disable-next-line typescript/no-explicit-any
function foretold(body: any): Told[] {
  // oxlint-disable-next-line typescript/no-explicit-any
  return body.people.map((person: any) => ({
    recipient: person.recipient_id,
    reasons: person.reasons,
    status: person.status,
    reason: person.reason,
    because: person.because,
    channels: inOrder(person.channels.map(withoutCause)),
  }))
}

// oxlint-disable-next-line typescript/no-explicit-any
function withoutCause({ rule: _rule, provider: _provider, ...rest }: any): unknown {
  return rest
}

async function happened(eventId: string): Promise<Told[]> {
  const { body } = await belfry.ask('GET', `/notifications?event_id=${eventId}`)
  const people: Told[] = []
  for (const { id, recipient_id: recipient, reasons, reason } of body.notifications) {
    const [{ status, because }] = await story.look.rows(
      'select status, because from belfry.notifications where id = $1',
      [id],
    )
    const told = inOrder(await story.channelsOf(id))
    people.push({ recipient, reasons, status, reason, because, channels: told })
  }
  return people
}

/** How long a data source takes is not the same twice. */
function withoutMs<T>(told: T): T {
  return JSON.parse(JSON.stringify(told).replaceAll(/after \d+ ms/g, 'after … ms')) as T
}

test('whatever is set up, it happens as it was explained', async () => {
  let comparedCount = 0
  await fc.assert(
    fc.asyncProperty(setting, async (a) => {
      const { path, body } = await arrange(a)

      const before = await fingerprints(story.look)
      const explained = await belfry.ask('POST', '/explain?limit=100', body)
      assert.deepEqual(await fingerprints(story.look), before)
      const real = await belfry.ask('POST', path, body)

      if (real.status !== 202) {
        const { status, body: told } = explained
        assert.deepEqual(
          withoutMs([status, told.code, told.detail]),
          withoutMs([real.status, real.body.code, real.body.detail]),
        )
        return
      }
      assert.equal(explained.status, 200, JSON.stringify(explained.body))
      await story.findPeople()
      const byRecipient = (x: Told, y: Told) => (x.recipient < y.recipient ? -1 : 1)
      const told = withoutLinks(foretold(explained.body))
      assert.deepEqual(
        withoutMs(told.toSorted(byRecipient)),
        withoutMs(withoutLinks(await happened(real.body.event_id)).toSorted(byRecipient)),
      )
      comparedCount += told.flatMap(({ channels }) => channels).length
    }),
    { numRuns: 60 },
  )
  assert.ok(comparedCount > 20, `only ${comparedCount} channels were compared`)
})
