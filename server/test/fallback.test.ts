// A message that says what to do when it does not get through: other channels, one after the other, and rounds of
// all of it, for whoever it failed.
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { createFallbackStory, type FallbackStory } from './fallback-story.ts'
import { given, until } from './given.ts'

let story: FallbackStory

before(async () => {
  story = await createFallbackStory()
  const people = {
    ana: { email: 'ana@example.com', phone: '+12025550150', addresses: { telegram: '4242' } },
    noemail: { phone: '+12025550151', addresses: { telegram: '4343' } },
    bounced: { email: 'bounced@belfry.test', phone: '+12025550152' },
    unlucky: { email: 'failed@belfry.test', phone: '+12025550102' },
    flaky: { email: 'flaky@belfry.test', addresses: { telegram: '4444' } },
    lost: { email: 'lost@belfry.test', phone: '+12025550153' },
    nobody: {},
  }
  for (const [id, person] of Object.entries(people))
    await given.subscriber(story.belfry, id, person)
})

after(() => story.close())
afterEach(() => story.check())

const nothingElse = 'was delivered, so nothing else is tried'

// who, what the message says, how it ends, what was tried, and what was decided
const stories: [string, Record<string, unknown>, string, string[], string[]][] = [
  [
    'ana',
    { fallback_channels: ['sms'] },
    'delivered',
    ['email delivered'],
    [`email ${nothingElse}`],
  ],
  [
    'noemail',
    { fallback_channels: ['sms', 'telegram'] },
    'delivered',
    ['email skipped no_address', 'sms delivered'],
    ['email failed (no address), so sms', `sms ${nothingElse}`],
  ],
  [
    'bounced',
    { fallback_channels: ['telegram', 'sms'] },
    'delivered',
    ['email failed bounced', 'telegram skipped no_address', 'sms delivered'],
    [
      'email failed (bounced), so telegram',
      'telegram failed (no address), so sms',
      `sms ${nothingElse}`,
    ],
  ],
  [
    'flaky', // once is enough
    { channels: ['email', 'sms'], fallback_channels: 'others' },
    'delivered',
    [
      'email failed busy',
      'sms skipped no_address',
      'push skipped no_address',
      'telegram delivered',
    ],
    [
      'email failed (busy) and sms failed (no address), so push',
      'push failed (no address), so telegram',
      `telegram ${nothingElse}`,
    ],
  ],
  [
    'bounced', // one of those asked for is enough; and the address that is dead is remembered
    { channels: ['email', 'sms'], fallback_channels: ['telegram'] },
    'delivered',
    ['email skipped suppressed', 'sms delivered'],
    [`sms ${nothingElse}`],
  ],
  [
    'unlucky',
    { fallback_channels: ['sms'] },
    'failed',
    ['email failed refused', 'sms failed refused'],
    ['email failed (refused), so sms', 'sms failed (refused), so there is nothing left to try'],
  ],
  [
    'nobody',
    { fallback_channels: ['in_app'] },
    'delivered',
    ['email skipped no_address'],
    ['email failed (no address), so in_app', 'it is in the in-app feed, so nothing else is tried'],
  ],
]
for (const [who, asked, status, expected, because] of stories)
  test(`${who} is told by the first that gets through: ${JSON.stringify(asked)}`, async () => {
    const [id] = await story.send([who], asked)

    const one = await story.ended(id!)

    assert.equal(one.status, status)
    assert.deepEqual(story.ways(one).toSorted(), expected.toSorted())
    assert.deepEqual(story.decisions(one), because)
  })

test('whoever cannot be reached at all is skipped, with the reason', async () => {
  const [id] = await story.send(['nobody'], { fallback_channels: ['sms'], max_retries: 0 })

  const { status, reason } = await story.ended(id!)

  assert.deepEqual([status, reason], ['skipped', 'no_address'])
})

test('all of it is tried again after a pause, for those it failed for, and no more often than said', async () => {
  const [reached, unlucky] = await story.send(['ana', 'unlucky'], {
    fallback_channels: ['sms'],
    max_retries: 2,
    retry_delay: '10m',
  })

  assert.equal((await story.ended(reached!)).status, 'delivered')
  await story.waits(unlucky!, '(2 of 3)')
  assert.equal(story.ways(await story.told(unlucky!)).length, 2, 'not before its time')
  story.belfry.clock.advance({ minutes: 11 })
  await story.waits(unlucky!, '(3 of 3)')
  story.belfry.clock.advance({ minutes: 11 })
  const one = await story.ended(unlucky!)

  const round = ['email failed refused', 'sms failed refused']
  assert.deepEqual(story.ways(one), [...round, ...round, ...round])
  assert.equal(story.decisions(one).at(-1), 'sms failed (refused), so there is nothing left to try')
  assert.equal(one.status, 'failed')
})

test('who is reached in a later round is not told again', async () => {
  const [id] = await story.send(['unlucky'], { max_retries: 3, retry_delay: '10m' })
  await story.waits(id!, '(2 of 4)')
  await given.subscriber(story.belfry, 'unlucky', {
    email: 'now@example.com',
    phone: '+12025550102',
  })
  story.belfry.clock.advance({ minutes: 11 })

  const one = await story.ended(id!)

  await given.subscriber(story.belfry, 'unlucky', {
    email: 'failed@belfry.test',
    phone: '+12025550102',
  })
  assert.deepEqual(story.ways(one), ['email failed refused', 'email delivered'])
})

test('a cancel between two rounds stops everything', async () => {
  const [id] = await story.send(['unlucky'], { max_retries: 3, retry_delay: '10m' })
  await story.waits(id!, '(2 of 4)')

  const { status } = await story.belfry.ask('POST', `/notifications/${id}/cancel`)
  story.belfry.clock.advance({ minutes: 11 })

  assert.equal(status, 200)
  const one = await story.ended(id!)
  assert.deepEqual(story.ways(one), ['email failed refused'])
  assert.equal(await story.look.number('select count(*) from belfry.plan_runs'), 0)
})

test('what may have been taken is waited for until its own time is over', async () => {
  const [id] = await story.send(['lost'], { fallback_channels: ['sms'], fallback_after: '5m' })
  await until('an attempt was made', async () => {
    const [email] = (await story.told(id!)).deliveries
    return email.status === 'scheduled' && email.attempts.length === 1
  })

  story.belfry.clock.advance({ minutes: 6 })
  const one = await story.ended(id!)

  assert.equal(one.status, 'delivered')
  assert.deepEqual(story.ways(one), ['email unknown timed_out', 'sms delivered'])
  assert.deepEqual(story.decisions(one), [
    'email has not got through within 5m, so sms',
    `sms ${nothingElse}`,
  ])
})

test('without a time of its own, what may have been taken is the end of it', async () => {
  const [id] = await story.send(['lost'], { fallback_channels: ['sms'] })
  for (let attempt = 1; attempt < 5; attempt++) {
    const count = attempt
    await until('it was tried', async () => {
      const { deliveries } = await story.told(id!)
      return (
        deliveries[0].attempts.filter(({ outcome }: { outcome: string | null }) => outcome !== null)
          .length >= count
      )
    })
    story.belfry.clock.advance({ hours: 2 })
  }

  const one = await story.ended(id!)

  assert.deepEqual([one.status, ...story.ways(one)], ['unknown', 'email unknown timeout'])
  assert.match(
    story.decisions(one)[0]!,
    /^email may have got through, .* so nothing else is tried$/,
  )
})
