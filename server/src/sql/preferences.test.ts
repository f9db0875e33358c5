import assert from 'node:assert/strict'
import { randomUUIDv7 } from 'node:crypto'
import { after, beforeEach, test } from 'node:test'
import { createRows, fanOutRows, now, storeEvent, workspaceId } from '../../test/rows.ts'
import { insertFanOut } from './fan-out.ts'
import { insertKey } from './keys.ts'
import { findListeners } from './people.ts'
import {
  deleteOldPreferenceChanges,
  findPreferenceDefaults,
  findPreferences,
  findPreferenceState,
  listPreferenceChanges,
  listPreferenceSubjects,
  updatePreferenceDefaults,
  updatePreferences,
  type ChangedBy,
} from './preferences.ts'
import { upsertSubscribers } from './subscribers.ts'

const rows = await createRows()
const { db, look } = rows
after(() => rows.close())

beforeEach(async () => {
  await look.rows(`truncate belfry.subscribers, belfry.preferences, belfry.preference_heads,
    belfry.preference_changes, belfry.notifications, belfry.event_queue, belfry.events cascade`)
  await look.rows(
    `insert into belfry.workspaces (key, name) values ('other', 'Other') on conflict do nothing`,
  )
  await look.rows(`insert into belfry.subscribers (workspace_id, id, timezone) values
    (1, 'ana', 'Europe/Berlin'), (1, 'ben', null), (2, 'ana', null)`)
})

const changes = [{ field: ['channels', 'email'], before: null, after: false }]
const document = { channels: { email: false } }
const bySubscriber: ChangedBy = { kind: 'subscriber' }

function change(subscriberId: string, given: object = {}): Promise<void> {
  const usual = {
    workspaceId,
    subscriberId,
    document,
    timezone: null,
    changes,
    by: bySubscriber,
    now,
  }
  return db.transaction((tx) => updatePreferences(tx, { ...usual, ...given }))
}

test('what was said is kept with the zone, logged, and counted', async () => {
  const keyId = randomUUIDv7()
  const key = { id: keyId, name: 'shop', hash: Buffer.from('a'), lastFour: 'abcd', scopes: ['*'] }
  await insertKey(db, { workspaceId, ...key, expiresAt: null })

  await change('ana', { timezone: 'Asia/Tokyo', by: { kind: 'key', keyId } })
  await change('ben')

  assert.deepEqual(await findPreferences(db, workspaceId, 'ana'), {
    subscriberId: 'ana',
    timezone: 'Asia/Tokyo',
    document,
    updatedAt: now,
  })
  const page = { workspaceId, before: null, offset: 0, limit: 10 }
  assert.deepEqual(await listPreferenceChanges(db, { ...page, subscriberId: 'ana' }), [
    { seq: 1, byKind: 'key', byName: 'shop', changes, changedAt: now },
  ])
  assert.deepEqual(await listPreferenceChanges(db, { ...page, subscriberId: 'ben' }), [
    { seq: 2, byKind: 'subscriber', byName: null, changes, changedAt: now },
  ])
  assert.deepEqual(await findPreferenceState(db, workspaceId), { seq: 2, defaults: null })
})

test('who has said nothing is found, who does not exist is not', async () => {
  const nothing = { subscriberId: 'ben', timezone: null, document: {}, updatedAt: null }

  assert.deepEqual(await findPreferences(db, workspaceId, 'ben'), nothing)
  assert.equal(await findPreferences(db, workspaceId, 'cleo'), null)
  assert.deepEqual(await findPreferenceState(db, 2), { seq: 0, defaults: null })
})

test('defaults are kept and count as a change', async () => {
  const update = { workspaceId, defaults: document, changes, by: bySubscriber, now }

  await db.transaction((tx) => updatePreferenceDefaults(tx, update))

  assert.deepEqual(await findPreferenceDefaults(db, workspaceId), {
    defaults: document,
    updatedAt: now,
  })
  assert.deepEqual(await findPreferenceState(db, workspaceId), { seq: 1, defaults: document })
  assert.deepEqual(await findPreferenceDefaults(db, 2), { defaults: {}, updatedAt: null })
})

test('a notification leads to what its person wants now', async () => {
  const event = await storeEvent(db)
  const fanOut = fanOutRows(event, [{ recipient: 'ana', channels: ['webhook'] }])
  await insertFanOut(db, fanOut)
  const notificationId = fanOut.notifications[0]!.id
  const silent = {
    notificationId,
    recipient: 'ana',
    isSubscriber: true,
    isKnown: true,
    level: 'standard',
    threadKey: null,
    scheduledAt: null,
    defaults: null,
  }

  const before = await findListeners(db, [{ workspaceId, notificationId }])
  await change('ana', { timezone: 'Asia/Tokyo' })
  const afterwards = await findListeners(db, [{ workspaceId, notificationId }])

  assert.deepEqual(before, [{ ...silent, timezone: 'Europe/Berlin', preferences: null }])
  assert.deepEqual(afterwards, [{ ...silent, timezone: 'Asia/Tokyo', preferences: document }])
  assert.deepEqual(await findListeners(db, [{ workspaceId: 2, notificationId }]), [])
})

/** Stores the fan-out of an event to ana and ben, whose preferences were read after the change `since`. */
async function storeAfter(since: number) {
  const events = [await storeEvent(db), await storeEvent(db, { audience: [{ id: 'ben' }] })]
  const [toAna, toBen] = [
    fanOutRows(events[0]!, [{ recipient: 'ana', channels: ['webhook'] }]),
    fanOutRows(events[1]!, [{ recipient: 'ben', channels: ['webhook'] }]),
  ]
  for (const part of ['events', 'notifications', 'contents', 'deliveries'] as const)
    toAna[part].push(...(toBen[part] as never[]))
  const stored = await insertFanOut(db, { ...toAna, preferencesRead: [{ workspaceId, since }] })
  return { stored, anas: events[0]!.id, bens: events[1]!.id }
}

test('an event whose person changed something since is left as it was, others are stored', async () => {
  await change('ben')
  await change('ana')

  const { stored, anas } = await storeAfter(1)

  assert.deepEqual(stored.outdatedEventIds, [anas])
  assert.equal(stored.deliveryIds.length, 1)
  assert.deepEqual(await look.rows('select recipient from belfry.notifications'), [
    { recipient: 'ben' },
  ])
  assert.deepEqual(await look.rows('select event_id, epoch from belfry.event_queue'), [
    { event_id: anas, epoch: 1 },
  ])
})

test('when the defaults changed since, everything has to be planned again', async () => {
  const update = { workspaceId, defaults: document, changes, by: bySubscriber, now }
  await db.transaction((tx) => updatePreferenceDefaults(tx, update))

  const { stored, anas, bens } = await storeAfter(0)

  assert.deepEqual(new Set(stored.outdatedEventIds), new Set([anas, bens]))
  assert.deepEqual(stored.deliveryIds, [])
})

const nights = { quiet_hours: { start: '22:00', end: '08:00' } }
const move = (timezone: string) =>
  upsertSubscribers(db, workspaceId, [{ id: 'ana', timezone, addresses: {} }])

test('who has quiet hours changes a preference by moving, wherever that is said', async () => {
  await change('ana', { document: nights })

  await move('Asia/Tokyo')

  const { stored, anas } = await storeAfter(1)
  assert.deepEqual(stored.outdatedEventIds, [anas])
  const page = { workspaceId, subscriberId: 'ana', before: null, offset: 0, limit: 1 }
  const [last] = await listPreferenceChanges(db, page)
  assert.deepEqual(
    [last?.seq, last?.byKind, last?.changes],
    [2, 'subscriber_update', [{ field: ['timezone'], before: null, after: 'Asia/Tokyo' }]],
  )
})

test('moving changes no preference of who has no quiet hours, or stays where they were', async () => {
  await move('Asia/Tokyo')
  await change('ana', { document: nights, timezone: 'Asia/Tokyo' })
  await move('Asia/Tokyo')

  assert.equal((await findPreferenceState(db, workspaceId)).seq, 1)
})

test('a change of preferences that moves somebody is on record once', async () => {
  await change('ana', { document: nights })
  await change('ana', { document: nights, timezone: 'Asia/Tokyo' })

  assert.equal((await findPreferenceState(db, workspaceId)).seq, 2)
})

test('old changes are forgotten, and the others go on to tell who planned before them', async () => {
  const old = new Date(now.getTime() - 1_000)
  await change('ben', { now: old })
  await change('ben', { now: old })
  await change('ana')

  assert.equal(await deleteOldPreferenceChanges(db, now, 1), 1)
  assert.equal(await deleteOldPreferenceChanges(db, now, 10), 1)
  assert.equal(await deleteOldPreferenceChanges(db, now, 10), 0)

  assert.deepEqual((await findPreferences(db, workspaceId, 'ben'))?.document, document)
  const { stored, anas } = await storeAfter(2)
  assert.deepEqual(stored.outdatedEventIds, [anas])
  await change('ben')
  assert.equal((await findPreferenceState(db, workspaceId)).seq, 4)
})

test('changes in another workspace, and those that were read, are of no concern', async () => {
  await change('ana')
  await change('ana', { workspaceId: 2 })
  await change('ana', { workspaceId: 2 })

  const { stored } = await storeAfter(1)

  assert.deepEqual(stored.outdatedEventIds, [])
  assert.equal(stored.deliveryIds.length, 2)
})

test('the registry is listed as far as preferences go, in its current version', async () => {
  const definition = {
    name: 'A',
    category: 'c',
    level: 'standard',
    channels: ['email'],
    opt_in: true,
  }
  await look.rows(`truncate belfry.event_types`)
  for (const [version, level] of [
    [1, 'critical'],
    [2, 'standard'],
  ] as const)
    await look.rows(
      `insert into belfry.event_types (workspace_id, key, version, definition) values (1, 'a', $1, $2)`,
      [version, { ...definition, level }],
    )

  assert.deepEqual(await listPreferenceSubjects(db, workspaceId), [
    { key: 'a', name: 'A', category: 'c', level: 'standard', channels: ['email'], isOptIn: true },
  ])
  assert.deepEqual(await listPreferenceSubjects(db, 2), [])
})
