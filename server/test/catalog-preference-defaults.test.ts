// Preference defaults as a part of the catalog: there is one of it or none, in a file beside the folders.
import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { loadCatalog, type LoadedCatalog } from '../src/catalog/folder.ts'
import type { Parts } from '../src/catalog/parts.ts'
import { writeFiles } from '../src/catalog/write-folder.ts'
import { sql } from '../src/sql/db.ts'
import { createTestContext } from './test-context.ts'

const t = await createTestContext()
const folder = await mkdtemp(path.join(tmpdir(), 'belfry-defaults-'))
after(async () => {
  await t.close()
  await rm(folder, { recursive: true, force: true })
})

const type = (level: string, category: string) => ({ category, level, channels: ['in_app', 'sms'] })
const eventTypes = { sale: type('standard', 'shop'), fire: type('critical', 'alarm') }
const said = {
  channels: { sms: false },
  categories: { shop: { email: false } },
  event_types: { sale: { sms: true } },
  hours: { start: '09:00', end: '20:00' },
}
const catalog = { event_types: eventTypes, preference_defaults: said }
const put = (body: unknown, query = '') => t.ask('PUT', `/catalog${query}`, body)
const defaults = async () => {
  const { updated_at: _at, ...shown } = (await t.ask('GET', '/preference-defaults')).body
  return shown
}

test('defaults of the catalog hold, are shown as they were given, and the same again changes nothing', async () => {
  const { body: before } = await t.ask('GET', '/catalog')
  const { status, body: applied } = await put({ catalog })
  const { body: shown } = await t.ask('GET', '/catalog')
  const { body: again } = await put({ catalog: shown.catalog, revision: shown.revision })
  const log = await t.ctx.db.query<{ kind: string; name: string }>(
    sql`select by_kind as kind, by_name as name from belfry.preference_changes`,
  )

  assert.equal('preference_defaults' in before.catalog, false)
  assert.equal(status, 200, JSON.stringify(applied))
  assert.deepEqual(await defaults(), said)
  assert.deepEqual(shown.catalog.preference_defaults, said)
  assert.deepEqual(again.changes, [])
  assert.deepEqual(
    log.map(({ kind }) => kind),
    ['catalog'],
  )
  assert.ok(log[0]?.name)
})

test('hours of null are kept: they are something else than none said', async () => {
  await put({ catalog: { preference_defaults: { hours: null } } })
  const { body } = await t.ask('GET', '/catalog')
  assert.deepEqual(body.catalog.preference_defaults, { hours: null })
})

test('who read the catalog before somebody set the defaults is refused', async () => {
  const { body: read } = await t.ask('GET', '/catalog')
  await t.ask('PUT', '/preference-defaults', { channels: { email: false } })
  const { status } = await put({ catalog, revision: read.revision })
  assert.equal(status, 412)
  assert.deepEqual((await defaults()).channels, { email: false })
})

test('what names an event type that has gone, or is critical by now, does not keep a catalog from going round', async () => {
  await put({ catalog: { event_types: { ...eventTypes, old: type('standard', 'past') } } })
  await t.ask('PUT', '/preference-defaults', {
    channels: { sms: false },
    categories: { past: { sms: false } },
    event_types: { old: { sms: false }, sale: { sms: false, email: true } },
  })
  await t.ask('DELETE', '/event-types/old')
  await t.ask('PUT', '/event-types/sale', { ...type('critical', 'shop') })
  const { body: shown } = await t.ask('GET', '/catalog')
  const { status, body: again } = await put({ catalog: shown.catalog })

  const left = { channels: { sms: false }, event_types: { sale: { email: true } } }
  assert.deepEqual(shown.catalog.preference_defaults, left)
  assert.equal(status, 200, JSON.stringify(again))
  assert.deepEqual(again.changes, [])
})

test('left out, they stay; with prune they end', async () => {
  const without = { catalog: { event_types: eventTypes } }
  await put({ catalog })
  const kept = await put(without)
  assert.deepEqual(kept.body.kept, ['/preference_defaults'])
  assert.deepEqual(await defaults(), said)

  const pruned = await put(without, '?prune=true')
  assert.deepEqual(pruned.body.changes, [{ action: 'delete', part: '/preference_defaults' }])
  assert.deepEqual(await defaults(), { channels: {}, categories: {}, event_types: {}, hours: null })
})

const refusals: [string, object, string, RegExp][] = [
  ['an event type that is not there', { event_types: { sail: {} } }, '/event_types/sail', /"sale"/],
  ['a category that is not there', { categories: { shops: {} } }, '/categories/shops', /"shop"/],
  ['a critical one muted', { event_types: { fire: {} } }, '/event_types/fire/sms', /critical/],
  ['hours of no length', { hours: { start: '09:00', end: '09:00' } }, '/hours/end', /./],
  ['a channel there is not', { channels: { smoke: true } }, '/channels/smoke', /not known/],
  ['a field there is not', { hour: null }, '/hour', /not known/],
  ['nothing said', { channels: {} }, '', /says nothing/],
]
for (const [name, given, pointer, detail] of refusals)
  test(`a catalog is refused as a whole for defaults with ${name}`, async () => {
    const muting = JSON.parse(
      JSON.stringify(given).replaceAll(/(:\{"[a-z]+":)\{\}/g, '$1{"sms":false}'),
    )
    const { status, body } = await put({ catalog: { ...catalog, preference_defaults: muting } })
    assert.equal(status, 422, JSON.stringify(body))
    assert.equal(body.errors[0].pointer, `/catalog/preference_defaults${pointer}`)
    assert.match(body.errors[0].detail, detail)
  })

test('as a file they stand beside the folders, and read as they were written', async () => {
  const empty: LoadedCatalog = { folder, files: new Map(), parts: new Map(), problems: [] }
  const [change] = await writeFiles(empty, new Map([['/preference_defaults', said]]))
  const loaded = await loadCatalog(folder)

  assert.equal(change?.file, 'preference-defaults.yaml')
  assert.deepEqual(loaded.problems, [])
  assert.deepEqual(loaded.parts, new Map([['/preference_defaults', said]]) satisfies Parts)
})

test('a file with nearly their name is told of, not passed over', async () => {
  await writeFile(path.join(folder, 'preference-default.yaml'), 'hours: null\n')
  const { problems } = await loadCatalog(folder)
  assert.deepEqual(
    problems.map(({ file, detail }) => [file, detail]),
    [
      [
        'preference-default.yaml',
        'is no file of a catalog. Did you mean "preference-defaults.yaml"?',
      ],
    ],
  )
})
