// The sentences about what became of a notification: the whole text of each kind of story.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { retell, type Retold, type RetoldDelivery } from './retold.ts'

const at = (time: string) => new Date(`2026-05-0${time}Z`)
const now = at('5T12:00')

const ana: Retold = {
  recipient: 'ana',
  data: { name: 'Ana' },
  timezone: 'Europe/Lisbon', // an hour ahead of UTC in May
  type: 'order.shipped',
  threadKey: null,
  status: 'delivered',
  reason: null,
  because: null,
  inAppAt: null,
  createdAt: at('5T09:02'),
  readAt: null,
  cancelledAt: null,
  expiresAt: null,
  decisions: [],
  waitsUntil: null,
  changes: [],
}

const email: RetoldDelivery = {
  channel: 'email',
  address: 'a•••@example.com',
  status: 'sent',
  reason: null,
  because: null,
  createdAt: at('5T09:02'),
  finishedAt: at('5T09:03'),
  nextAt: null,
  isTooLate: false,
  attempts: [{ provider: 'main', outcome: 'sent', code: null, startedAt: at('5T09:02') }],
}

const attempt = (outcome: string, code: string) => ({
  provider: 'main',
  outcome,
  code,
  startedAt: at('5T09:02'),
})
const unwanted = { status: 'skipped', reason: 'preference_off', address: null, attempts: [] }
const off = { field: ['categories', 'orders', 'email'], before: null, after: false }
const said = { changedAt: at('3T10:00'), byKind: 'subscriber', changes: [off] }
const lisbon = 'Times are those of Europe/Lisbon.'

const stories: [string, Partial<Retold>, Partial<RetoldDelivery>[], string[]][] = [
  [
    'one channel worked and another was not wanted',
    { inAppAt: at('5T09:02'), changes: [said] },
    [{ ...unwanted, because: 'turned off email for orders' }],
    [
      'Ana got it in the app at 10:02.',
      'Email was not sent, because Ana turned off email for orders on 3 May.',
      lisbon,
    ],
  ],
  [
    'a wish that was changed back and said again is told from its last time before',
    {
      changes: [
        { ...said, changedAt: at('5T11:00') }, // after the message
        { ...said, changedAt: at('2T11:00'), byKind: 'unsubscribe_link' },
        { ...said, changedAt: at('1T11:00') },
      ],
    },
    [{ ...unwanted, because: 'turned off email for orders' }],
    [
      'Email was not sent, because Ana turned off email for orders on 2 May with the unsubscribe link.',
      lisbon,
    ],
  ],
  [
    'a wish whose log is gone is told without its day',
    {},
    [{ ...unwanted, because: 'turned off email for orders' }],
    ['Email was not sent, because Ana turned off email for orders.'],
  ],
  [
    'it was sent and read',
    { inAppAt: at('5T09:02'), readAt: at('5T09:30') },
    [{}],
    [
      'Ana got it in the app at 10:02, and read it at 10:30.',
      'Email was sent to a•••@example.com at 10:03 through main.',
      lisbon,
    ],
  ],
  [
    'it was sent at a later attempt, after quiet hours',
    {},
    [
      {
        because: 'had quiet hours until 2026-05-05T09:00:00.000Z',
        attempts: [attempt('retry', 'http_503'), attempt('sent', 'http_200')],
      },
    ],
    [
      "Email was sent to a•••@example.com at 10:03 through main, at attempt 2, after Ana's quiet hours.",
      lisbon,
    ],
  ],
  [
    'it waits for the end of quiet hours',
    { status: 'scheduled' },
    [
      {
        status: 'scheduled',
        reason: 'quiet_hours',
        because: 'had quiet hours until 2026-05-06T07:00:00.000Z',
        finishedAt: null,
        nextAt: at('6T07:00'),
        attempts: [],
      },
    ],
    ["Email waits for the end of Ana's quiet hours, on 6 May at 08:00.", lisbon],
  ],
  [
    'its time is over before its hour has come',
    { status: 'scheduled' },
    [
      {
        status: 'scheduled',
        reason: 'quiet_hours',
        because: 'had quiet hours until 2026-05-06T07:00:00.000Z',
        finishedAt: null,
        nextAt: at('5T12:05'),
        isTooLate: true,
        attempts: [],
      },
    ],
    ['Email will not be sent: its time is over at 13:05, before it may go out.', lisbon],
  ],
  [
    'it is tried again later',
    {},
    [
      {
        status: 'scheduled',
        finishedAt: null,
        nextAt: at('5T12:05'),
        attempts: [attempt('retry', 'http_503')],
      },
    ],
    ['Email has not gone through yet (1 attempt); it is tried again at 13:05.', lisbon],
  ],
  [
    'it failed in the end',
    {},
    [{ status: 'failed', attempts: [attempt('failed', 'smtp_550')] }],
    ['Email to a•••@example.com failed at 10:03: main answered smtp_550, after 1 attempt.', lisbon],
  ],
  [
    'nobody knows whether it arrived',
    {},
    [{ status: 'unknown', attempts: [attempt('ambiguous', 'timeout')] }],
    [
      'It is not known whether email to a•••@example.com arrived: main may have taken it at 10:03, but never said so.',
      lisbon,
    ],
  ],
  [
    'there was no address, and no provider',
    {},
    [
      { channel: 'sms', status: 'skipped', reason: 'no_address', address: null, attempts: [] },
      { status: 'failed', reason: 'no_provider', attempts: [] },
    ],
    [
      'The SMS was not sent: Ana had no address for it.',
      'Email to a•••@example.com failed at 10:03: no provider was configured for it.',
      lisbon,
    ],
  ],
  [
    'it was cancelled, and another channel expired',
    { expiresAt: at('5T10:00') },
    [
      { status: 'cancelled', attempts: [] },
      { channel: 'push', status: 'skipped', reason: 'expired', attempts: [] },
    ],
    [
      'Email was not sent: it was cancelled at 10:03.',
      'The push message was not sent: its time was over at 11:00.',
      lisbon,
    ],
  ],
  [
    'nothing was wanted at all',
    {
      status: 'skipped',
      reason: 'preference_off',
      because: 'wants only critical events',
      changes: [{ ...said, changes: [{ field: ['level'], before: null, after: 'critical' }] }],
    },
    [],
    ['Ana was not told, because Ana wants only critical events, said on 3 May.', lisbon],
  ],
  [
    'its plan waits',
    {
      inAppAt: at('5T09:02'),
      decisions: [{ step: 'wait', decision: 'waits', because: 'it waits 30m for it to be read' }],
      waitsUntil: at('5T12:30'),
    },
    [],
    ['Ana got it in the app at 10:02.', 'It waits 30m for it to be read, until 13:30.', lisbon],
  ],
  [
    'its plan let nothing through',
    {
      status: 'skipped',
      reason: 'throttled',
      decisions: [
        { step: 'if', decision: 'true', because: '`urgent` holds' },
        { step: 'throttle', decision: 'throttled', because: 'only 2 per 1h are let through' },
      ],
    },
    [],
    [
      'The condition `urgent` holds.',
      'Only 2 per 1h are let through.',
      'Ana was not told: there had been enough of its kind.',
    ],
  ],
  [
    'nobody has the id',
    { recipient: 'nemo', data: {}, status: 'skipped', reason: 'unknown_recipient' },
    [],
    ['Nobody was told: no subscriber had the id nemo.'],
  ],
]

for (const [what, person, deliveries, sentences] of stories)
  test(`it is told in sentences: ${what}`, () => {
    const told = retell(
      { ...ana, ...person },
      deliveries.map((delivery) => ({ ...email, ...delivery })),
      now,
    )

    assert.deepEqual(told, sentences)
  })
