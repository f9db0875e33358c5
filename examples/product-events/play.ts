// Plays the products: events are recorded, find the people who have to do with a product, respect what each
// of them wants, and say so where something is wrong.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { BelfryError, type ErrorCode } from '@belfry/client'
import { pushCatalog, reachBelfry, type Reached as ReachedFor } from '../belfry.ts'
import type { Events } from './events.ts'
import { people, relations } from './people.ts'

type Reached = ReachedFor<Events>

const lamp = {
  product_id: 'lamp',
  organisation_id: 'acme',
  owner_id: null,
  contact_id: null,
  name: 'Lamp',
  url: 'https://example.com/products/lamp',
}
const inApp = { event_type: 'product.archived', channel: 'in_app', locale: 'default' } as const

async function play(): Promise<void> {
  const belfry = await reachBelfry<Events>()
  await setUp(belfry)
  await refuseNonsense(belfry)
  await findByRelation(belfry)
  await fallBack(belfry)
  await respectPreferences(belfry)
  await readOne(belfry)
  await showWhenTextsFail(belfry)
  await showWhenTextsAreMissing(belfry)
  console.log('\nAll as it should be.')
}

async function setUp(reached: Reached): Promise<void> {
  const { client } = reached
  await client.subscribers.upsertMany(people)
  for (const [relation, members] of Object.entries(relations))
    await client.topics.members.replace(relation, members)
  await pushCatalog(reached, join(import.meta.dirname, 'catalog'))
  for (const { id } of people) await wants(reached, id, { in_app: null, email: null })
  console.log(`${people.length} people, ${Object.keys(relations).length} relations`)
}

/** Apps, email, both or none; null for the default of the event type. */
async function wants(
  { client }: Reached,
  id: string,
  channels: { in_app: boolean | null; email: boolean | null },
): Promise<void> {
  const body = { event_types: { 'product.created': channels } }
  await client.call('patchPreferences', { path: { subscriber_id: id }, body })
}

/** Answers when the people have been found. */
async function trigger({ client }: Reached, params: Events['product.created']) {
  const { event_id } = await client.trigger('product.created', params, {}, { waitSeconds: 10 })
  const event = await client.events.get(event_id)
  assert.notEqual(event.status, 'accepted', 'the answer waited for the fan-out')
  const { notifications } = await client.call('listNotifications', { query: { event_id } })
  return { event, notifications }
}

type Found = Awaited<ReturnType<typeof trigger>>

function recipientsOf({ notifications }: Found): string[] {
  return notifications.map(({ recipient_id }) => recipient_id).sort()
}

async function refuseNonsense({ client }: Reached): Promise<void> {
  const isRefused = (code: ErrorCode, word: RegExp) => (error: unknown) => {
    assert.ok(error instanceof BelfryError)
    assert.equal(error.status, 422)
    assert.equal(error.code, code)
    assert.match(JSON.stringify([error.message, error.errors]), word)
    return true
  }
  const created = 'product.created'
  await assert.rejects(
    // @ts-expect-error no event type is called so: see events.ts
    client.trigger('product.craeted', lamp),
    isRefused('unknown_event_type', /product\.created/),
  )
  await assert.rejects(
    // @ts-expect-error a name is a string
    client.trigger(created, { ...lamp, name: 1 }),
    isRefused('invalid_params', /\/params\/name/),
  )
  const misspelt = { title: 'x', body: 'A new product\n{{ nmae }}' }
  await assert.rejects(
    client.templates.put({ ...inApp, event_type: created, locale: 'fr' }, misspelt),
    isRefused('invalid_template', /line.?2.*name/),
  )
  console.log('What is misspelt is refused, with what was meant')
}

async function findByRelation(reached: Reached): Promise<void> {
  const found = await trigger(reached, lamp)

  assert.deepEqual(recipientsOf(found), ['adam', 'mia', 'olga', 'omar', 'petra'])
  const mia = found.notifications.find(({ recipient_id }) => recipient_id === 'mia')!
  const { reasons } = await reached.client.notifications.get(mia.id)
  assert.match(JSON.stringify(reasons), /organisation:acme#manager/)
  assert.match(JSON.stringify(reasons), /product:lamp#manager/)
  assert.deepEqual(mia.content, {
    title: 'New Product: Lamp',
    body: 'A new product Lamp has been created. View it at https://example.com/products/lamp',
  })
  console.log(
    'A product of an organisation: its owners and managers, the product’s admins and managers, once each',
  )
}

async function fallBack(reached: Reached): Promise<void> {
  const own = { ...lamp, organisation_id: null, contact_id: 'kim' }

  assert.deepEqual(recipientsOf(await trigger(reached, { ...own, owner_id: 'paul' })), ['paul'])
  assert.deepEqual(recipientsOf(await trigger(reached, own)), ['kim'])
  const nobody = await trigger(reached, { ...own, contact_id: null })
  assert.equal(nobody.event.status, 'no_audience')
  console.log(
    'A product of a person: that person. Of nobody: the contact. Nobody at all: no_audience',
  )
}

async function respectPreferences(reached: Reached): Promise<void> {
  await wants(reached, 'olga', { in_app: true, email: false })
  await wants(reached, 'omar', { in_app: false, email: true })
  await wants(reached, 'mia', { in_app: true, email: true })
  await wants(reached, 'adam', { in_app: false, email: false })
  const { client } = reached
  const { notifications } = await trigger(reached, lamp)

  const told: Record<string, string[]> = {}
  for (const { id, recipient_id } of notifications) {
    const { deliveries } = await client.notifications.get(id)
    const mails = deliveries.filter(({ reason }) => reason !== 'preference_off')
    const feed = (await client.subscribers.feed(recipient_id).page()).items
    const isInApp = feed.some((item) => item.id === id)
    told[recipient_id] = [...(isInApp ? ['in_app'] : []), ...mails.map(({ channel }) => channel)]
  }
  assert.deepEqual(told, {
    olga: ['in_app'],
    omar: ['email'],
    mia: ['in_app', 'email'],
    adam: [],
    petra: ['in_app', 'email'], // has said nothing: the default of the event type
  })
  console.log('Apps, email, both, none, or the default: each as they want')
}

async function readOne({ client }: Reached): Promise<void> {
  const [latest] = (await client.subscribers.feed('olga').page()).items
  assert.equal(latest?.read_at, null)
  await client.subscribers.markRead('olga', latest.id)
  const [read] = (await client.subscribers.feed('olga').page()).items
  assert.notEqual(read?.read_at, null)
  console.log('What was read in the app is remembered')
}

/** A loop that would not end in time: people get the fallback text instead. */
async function showWhenTextsFail({ client }: Reached): Promise<void> {
  const rate = async (stars: number) => {
    const params = { name: 'Lamp', stars }
    const { event_id } = await client.trigger(
      'product.rated',
      params,
      { to: ['olga'] },
      { waitSeconds: 10 },
    )
    const [item] = (await client.subscribers.feed('olga').page()).items
    return { content: item?.content, error: (await client.events.get(event_id)).error }
  }

  const good = await rate(3)
  assert.deepEqual(good.content, { title: 'Lamp was rated', body: '★★★' })
  assert.equal(good.error, null)
  const failed = await rate(50_000_000)
  assert.deepEqual(failed.content, {
    title: 'Notification Error',
    body: 'There was an error processing this notification.',
  })
  assert.match(String(failed.error), /^template in_app\/default v\d+: /)
  console.log('Where a text cannot be made people get the fallback text, and the event says why')
}

async function showWhenTextsAreMissing({ client }: Reached): Promise<void> {
  const params = { name: 'Lamp' }
  const sent = await client.trigger(
    'product.archived',
    params,
    { to: ['olga'] },
    { waitSeconds: 10 },
  )
  const event = await client.events.get(sent.event_id)
  const [item] = (await client.subscribers.feed('olga').page()).items

  assert.deepEqual(item?.content, {
    title: 'System Notification',
    body: 'A notification was generated but the template was not found.',
  })
  assert.match(String(event.error), /no template for product\.archived on in_app/)
  console.log('Without a template people get the fallback text, and the event says why')
}

await play()
