// Times and time zones that are refused, each with what to do about it.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { given } from './given.ts'
import { createTestContext, type TestContext } from './test-context.ts'

let belfry: TestContext

before(async () => {
  belfry = await createTestContext()
  await given.subscriber(belfry, 'ana', { timezone: 'Europe/Lisbon', email: 'ana@example.com' })
  await given.subscriber(belfry, 'ben', { timezone: 'Asia/Kolkata', email: 'ben@example.com' })
  await given.subscriber(belfry, 'cleo', { timezone: 'America/New_York', email: 'c@example.com' })
})

after(() => belfry.close())

const refused: [what: string, Record<string, unknown>, pointer: string, detail: RegExp][] = [
  ['an offset', { timezone: '+02:00' }, '/timezone', /offset does not know daylight saving/],
  ['an offset', { timezone: 'UTC+3' }, '/timezone', /offset does not know daylight saving/],
  ['an abbreviation', { timezone: 'EST' }, '/timezone', /America\/New_York or America\/Panama/],
  ['an abbreviation', { timezone: 'ist' }, '/timezone', /Asia\/Kolkata, Europe\/Dublin or/],
  ['a slip', { timezone: 'Europe/Lisbonn' }, '/timezone', /Did you mean "Europe\/Lisbon"/],
  ['a town', { timezone: 'new york' }, '/timezone', /Did you mean "America\/New_York"/],
  ['nothing of the kind', { timezone: 'Mars/Phobos' }, '/timezone', /must be an IANA time zone/],
  ['the past', { scheduled_time: '2020-01-01T00:00:00Z' }, '/scheduled_time', /is in the past/],
  ['the past of every zone', { scheduled_time: '2020-01-01T00:00:00' }, '/scheduled_time', /past/],
  ['too far ahead', { scheduled_time: '2099-01-01T00:00:00' }, '/scheduled_time', /366 days/],
  ['no such day', { scheduled_time: '2027-02-30T10:00:00' }, '/scheduled_time', /must be a time/],
  ['no time', { scheduled_time: 'tomorrow' }, '/scheduled_time', /must be a time such as/],
]

for (const [what, times, pointer, detail] of refused)
  test(`a time is refused with what to do about it: ${what} (${Object.values(times).join()})`, async () => {
    for (const [path, body] of Object.entries({
      '/notifications': { to: ['ana'], channels: ['email'], message: 'Hi' },
      '/notifications/email': { recipient_id: 'ana', content: 'Hi' },
    })) {
      const answer = await belfry.ask('POST', path, { ...body, ...times })

      assert.equal(answer.status, 422, JSON.stringify(answer.body))
      assert.equal(answer.body.errors[0].pointer, pointer)
      assert.match(answer.body.errors[0].detail, detail)
    }
  })

test('a subscriber and a filter take no other zones', async () => {
  for (const timezone of ['PST', '+01:00', 'Lisbon'])
    for (const [method, url, body] of [
      ['PUT', '/subscribers/ana', { timezone }],
      ['PATCH', '/preferences/ana', { timezone }],
      ['GET', `/notifications?timezone=${encodeURIComponent(timezone)}`, undefined],
    ] as const) {
      const answer = await belfry.ask(method, url, body)

      assert.equal(answer.status, 422, `${method} ${url}`)
      const pointer = method === 'GET' ? '?timezone' : '/timezone'
      assert.equal(answer.body.errors[0].pointer, pointer)
    }
})

test('what is past where somebody is, is past for a message to them alone', async () => {
  const local = Temporal.Instant.fromEpochMilliseconds(belfry.clock.now().getTime())
    .toZonedDateTimeISO('Asia/Kolkata')
    .toPlainDateTime()
    .subtract({ hours: 2 })
    .toString({ smallestUnit: 'second' })
  const message = { channels: ['email'], message: 'Hi', scheduled_time: local }

  // Two hours ago in Kolkata is eight hours from now in New York.
  const toBen = await belfry.ask('POST', '/notifications', { to: ['ben'], ...message })
  const toBoth = await belfry.ask('POST', '/notifications', { to: ['ben', 'cleo'], ...message })

  assert.equal(toBen.status, 422)
  assert.equal(toBoth.status, 202)
})
