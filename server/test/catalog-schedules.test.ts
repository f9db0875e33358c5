// Schedules as a part of the catalog: what recurs is configuration, whether it is paused is not.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { partOfFile, fileOf, printPart, readPart } from '../src/catalog/part-files.ts'
import { createTestContext } from './test-context.ts'

const t = await createTestContext()
after(() => t.close())

const weekly = {
  event: { type: 'report', params: { week: 'last' } },
  to: [{ topic: 'team' }],
  cron: '0 9 * * MON',
  ends_at: '2040-01-01T00:00:00.000Z',
}
const eventTypes = {
  report: {
    channels: ['in_app'],
    params: { type: 'object', properties: { week: { type: 'string' } } },
  },
}
const catalog = { event_types: eventTypes, schedules: { weekly } }
const put = (body: unknown, query = '') => t.ask('PUT', `/catalog${query}`, body)

test('a schedule of the catalog is applied, shown as it was given, and the same again changes nothing', async () => {
  const { status, body: applied } = await put({ catalog })
  const { body: shown } = await t.ask('GET', '/catalog')
  const { body: again } = await put({ catalog: shown.catalog })

  assert.equal(status, 200, JSON.stringify(applied))
  assert.deepEqual(shown.catalog.schedules, { weekly })
  assert.deepEqual(again.changes, [])
})

test('what is paused stays paused when the schedule is changed, and a catalog may end it', async () => {
  await t.ask('POST', '/schedules/weekly/pause')
  const later = { ...catalog, schedules: { weekly: { ...weekly, cron: '0 10 * * MON' } } }
  const { body: changed } = await put({ catalog: later })
  const { body: paused } = await t.ask('GET', '/schedules/weekly')
  const { body: ended } = await put({ catalog: { event_types: eventTypes } }, '?prune=true')

  assert.deepEqual(changed.changes, [{ action: 'update', part: '/schedules/weekly' }])
  assert.deepEqual([paused.status, paused.cron], ['paused', '0 10 * * MON'])
  assert.deepEqual(ended.changes, [{ action: 'delete', part: '/schedules/weekly' }])
  assert.equal((await t.ask('GET', '/schedules/weekly')).status, 404)
})

const hello = { channels: ['in_app'], body: 'Hello' }

const refusals: [string, object, string][] = [
  ['an event type that is not there', { event: { type: 'nope' } }, '/event/type'],
  [
    'parameters that do not fit',
    { event: { type: 'report', params: { week: 7 } } },
    '/event/params/week',
  ],
  ['nobody to tell', { to: [] }, '/to'],
  ['a pattern that never comes', { cron: '0 9 30 2 *' }, '/cron'],
  ['whether it is paused', { is_paused: true }, '/is_paused'],
  [
    'a template that is not there',
    { event: undefined, message: { channels: ['email', 'webhook'], template: 'report' } },
    '/message/template',
  ],
  ['a message to nobody', { event: undefined, message: hello, to: [] }, '/to'],
]
for (const [name, change, pointer] of refusals)
  test(`a catalog with ${name} is refused as a whole`, async () => {
    const { status, body } = await put({
      catalog: { ...catalog, schedules: { weekly: { ...weekly, ...change } } },
    })
    assert.equal(status, 422)
    assert.equal(body.errors[0].pointer, `/catalog/schedules/weekly${pointer}`)
  })

test('somebody whom a message names and nobody knows is a warning: people are no configuration', async () => {
  await t.ask('PUT', '/subscribers/ana', {})
  const daily = { message: hello, to: ['ana', { topic: 'team' }, 'bob'], cron: '0 9 * * *' }
  const { status, body } = await put({ catalog: { schedules: { daily } } }, '?dry_run=true')

  assert.equal(status, 200, JSON.stringify(body))
  assert.deepEqual(
    body.warnings.map(({ pointer }: { pointer: string }) => pointer),
    ['/schedules/daily/to/2'],
  )
  assert.match(body.warnings[0].detail, /"bob" is no known subscriber/)
})

test('as a file it reads as it was written', () => {
  const id = { kind: 'schedules', names: ['team.monday'] } as const
  const written = printPart({ ...id, names: [...id.names] }, weekly)

  assert.equal(fileOf({ ...id, names: [...id.names] }), 'schedules/team.monday.yaml')
  assert.deepEqual(partOfFile('schedules/team.monday.yaml'), id)
  const read = readPart({ ...id, names: [...id.names] }, written)
  assert.deepEqual('value' in read && read.value, weekly)
})
