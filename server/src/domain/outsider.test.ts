// The sentences about somebody who has no notification of an event: what is known, and no more.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tellOutsider, type MissedEvent, type Outsider } from './outsider.ts'

const now = new Date('2026-05-05T12:00Z')
const ben: Outsider = {
  recipient: 'ben',
  data: { name: 'Ben' },
  timezone: 'UTC',
  isKnown: true,
  memberships: [],
}
const event: MissedEvent = {
  status: 'processed',
  error: null,
  audience: [{ topic: 'product:42#manager' }, { id: 'ana' }],
  found: [3, 1],
  createdAt: new Date('2026-05-05T10:02Z'),
  processedAt: new Date('2026-05-05T10:02Z'),
  cancelledAt: null,
  forgottenCount: 0,
}
const utc = 'Times are those of UTC.'

const stories: [string, Partial<Outsider>, Partial<MissedEvent>, string[]][] = [
  [
    'it was for others',
    {},
    {},
    ['Ben was not told: it was for others.', 'Ben was not manager of product:42 at 10:02.', utc],
  ],
  [
    'who is a member by now was none then',
    { memberships: [{ topic: 'product:42#manager', createdAt: new Date('2026-05-05T11:00Z') }] },
    {},
    [
      'Ben was not told: it was for others.',
      'Ben was not manager of product:42 at 10:02, but is by now (since 11:00).',
      utc,
    ],
  ],
  [
    'a topic that nobody looked at says nothing',
    {},
    { audience: [{ id: 'ana' }, { topic: 'rest', from: 'otherwise' }], found: [1] },
    ['Ben was not told: it was for others.'],
  ],
  [
    'an id that belongs to nobody',
    { recipient: 'nemo', data: {}, isKnown: false },
    { audience: [{ id: 'ana' }], found: [1] },
    ['nemo was not told: it was for others.', 'No subscriber has the id nemo.'],
  ],
  [
    'where notifications were forgotten nobody can say',
    {},
    { forgottenCount: 4 },
    [
      'Nothing is known of Ben here (any more): 4 notifications of it were forgotten, as their time was over.',
    ],
  ],
  [
    'before the audience was looked at',
    {},
    { status: 'accepted', processedAt: null },
    ['Ben has not been told yet: Belfry still looks for whom it is for.'],
  ],
  [
    'it was cancelled before that',
    {},
    { status: 'cancelled', processedAt: null, cancelledAt: new Date('2026-05-04T10:02Z') },
    ['Ben was not told: it was cancelled on 4 May at 10:02.', utc],
  ],
  [
    'it failed as a whole',
    {},
    { status: 'failed', error: 'It failed 50 times; the log says why.' },
    ['Ben was not told: nobody was. It failed 50 times; the log says why.'],
  ],
]

for (const [what, person, missed, sentences] of stories)
  test(`why somebody was not told: ${what}`, () => {
    assert.deepEqual(tellOutsider({ ...ben, ...person }, { ...event, ...missed }, now), sentences)
  })
