// Plays the test tool: its people use it, and what is in their inboxes is compared with what happened. With
// `--serve` it is there to be used in a browser instead.
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { Pool } from 'pg'
import { pushCatalog, reachBelfry, type Reached } from '../belfry.ts'
import { startApp } from './app.ts'
import { signIn, titlesOf, type Feed, type Person } from './person.ts'
import { createScenario, deleteScenario, listScenarios } from './scenarios.ts'
import { catalog, setUp } from './setup.ts'

type Play = { belfry: Reached; database: Pool; ana: Person; ben: Person }

const events = ['created', 'executed', 'deleted']
// Of the names of this play, so that one before it changes nothing.
const mark = Date.now().toString(36)
const { values } = parseArgs({
  allowPositionals: true, // `npm run example` leaves the name of the example
  options: { serve: { type: 'boolean' }, port: { type: 'string', default: '4100' } },
})

if (values.serve) await serve(Number(values.port))
else await play()

async function serve(port: number): Promise<void> {
  const belfry = await reachBelfry()
  const database = await setUp(belfry)
  const app = await startApp({ belfry, database }, port).catch(async (error: unknown) => {
    await database.end()
    throw error
  })
  console.log(`Test scenarios: ${app.url}  (Ctrl-C ends it)`)
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      app.close()
      void database.end()
    })
}

async function play(): Promise<void> {
  const belfry = await reachBelfry()
  const database = await setUp(belfry)
  const app = await startApp({ belfry, database })
  try {
    const ana = await signIn(app, belfry, 'ana')
    const ben = await signIn(app, belfry, 'ben')
    const all = { belfry, database, ana, ben }
    await leaveAll(all)
    await hearWhatOneSubscribedTo(all)
    await hearNothingOfWhatWasRolledBack(all)
    await readEachForThemselves(all)
    await keepTheTextOfTheMoment(all)
    await leaveAndComeBack(all)
    await alsoByOtherChannels(all)
    await leaveAll(all)
    await removeScenarios(all)
    console.log('\nAll as it should be.')
  } finally {
    await pushCatalog(belfry, catalog) // in-app only, for the next time
    app.close()
    await database.end()
  }
}

function newName(what: string): string {
  return `${what} ${mark}`
}

async function leaveAll({ ana, ben }: Play): Promise<void> {
  for (const person of [ana, ben]) {
    for (const what of events) await person.subscribe(what, false)
    await person.atBelfry('POST', '/me/notifications/archive-all', {})
  }
}

/** So that whoever opens the app next finds it as it was. */
async function removeScenarios({ database }: Play): Promise<void> {
  for (const scenario of await listScenarios(database))
    if (scenario.name.endsWith(mark)) await deleteScenario(database, scenario.id)
}

async function hearWhatOneSubscribedTo({ ana, ben }: Play): Promise<void> {
  await ana.subscribe('created', true)
  await ben.subscribe('created', true)
  await ben.subscribe('deleted', true)
  const name = newName('Log in')

  const scenario = await ana.create(name)
  await ana.execute(scenario)
  await ana.delete(scenario)

  await ben.hears(`Deleted: ${name}`)
  const bens = await ben.hears(`Created: ${name}`)
  const anas = await ana.hears(`Created: ${name}`)
  const about = (feed: Feed) => titlesOf(feed).filter((title) => title.endsWith(name))
  assert.deepEqual(about(bens).sort(), [`Created: ${name}`, `Deleted: ${name}`])
  assert.deepEqual(about(anas), [`Created: ${name}`])
  assert.match(anas.notifications[0]!.content.body, /^Ana created it on \d.* UTC\.$/)
  console.log('Each hears of what they subscribed to; no line of the app says it, a trigger does')
}

async function hearNothingOfWhatWasRolledBack({ belfry, database, ana }: Play): Promise<void> {
  const [undone, done] = [newName('Undone'), newName('Done')]
  const connection = await database.connect()
  try {
    await connection.query('begin')
    await createScenario(connection, undone, 'Ana')
    await connection.query('rollback')
  } finally {
    connection.release()
  }
  await ana.create(done)

  const feed = await ana.hears(`Created: ${done}`)
  assert.ok(!titlesOf(feed).includes(`Created: ${undone}`))
  const type = 'test_scenario.created'
  const latest = await belfry.client.call('listEvents', { query: { type, limit: 10 } })
  assert.ok(JSON.stringify(latest.events).includes(done))
  assert.ok(!JSON.stringify(latest.events).includes(undone))
  console.log('What was rolled back was never said')
}

async function readEachForThemselves({ ana, ben }: Play): Promise<void> {
  const [first, second] = [newName('First'), newName('Second')]
  await ana.atBelfry('POST', '/me/notifications/read-all', {})
  await ana.create(first)
  await ana.create(second)
  await ana.hears(`Created: ${first}`)
  const feed = await ana.hears(`Created: ${second}`)
  assert.equal(feed.unread_count, 2)

  const { id } = feed.notifications[0]!
  await ana.atBelfry('POST', `/me/notifications/${id}/read`, {})
  assert.equal((await ana.feed()).unread_count, 1)
  await ana.atBelfry('POST', '/me/notifications/read-all', {})
  assert.equal((await ana.feed()).unread_count, 0)

  const bens = await ben.hears(`Created: ${second}`)
  assert.ok(bens.unread_count >= 2, 'what Ana read is still new to Ben')
  const others = bens.notifications[0]!.id
  const refused = await ana.atBelfry('POST', `/me/notifications/${others}/read`, {})
  assert.equal(refused.status, 404, 'a notification of Ben')
  assert.equal((await ana.atBelfry('GET', '/subscribers/ben/notifications')).status, 403)
  console.log('Reading one, reading all, counts: everybody for themselves, and nobody for others')
}

async function keepTheTextOfTheMoment({ ana }: Play): Promise<void> {
  await ana.subscribe('executed', true)
  const scenario = await ana.create(newName('Pay twice'))
  const title = `Executed: ${scenario.name}`

  await ana.execute(scenario)
  await ana.hears(title)
  await sleep(1_100) // the text tells the second
  await ana.execute(scenario)

  const { notifications } = await ana.hears(title, 2)
  const texts = notifications.filter(({ content }) => content.title === title)
  assert.equal(texts.length, 2)
  assert.notEqual(texts[0]!.content.body, texts[1]!.content.body)
  console.log(
    `Executed twice: “${texts
      .toReversed()
      .map(({ content }) => content.body)
      .join('” and “')}”`,
  )
}

async function leaveAndComeBack({ ana, ben }: Play): Promise<void> {
  const names = ['Before', 'Meanwhile', 'Again'].map(newName)
  const titles = names.map((name) => `Created: ${name}`)

  await ana.create(names[0]!)
  await ana.hears(titles[0]!)
  await ana.subscribe('created', false)
  await ana.create(names[1]!)
  await ben.hears(titles[1]!)
  await ana.subscribe('created', true)
  await ana.create(names[2]!)

  const heard = titlesOf(await ana.hears(titles[2]!)).filter((title) => titles.includes(title))
  assert.deepEqual(heard, [titles[2], titles[0]])
  console.log('Who leaves keeps what came before, hears nothing new, and can come back')
}

/** One line of the event type. Without a provider the sandbox keeps what would have been sent. */
async function alsoByOtherChannels({ belfry: { client }, ana }: Play): Promise<void> {
  const key = 'test_scenario.executed'
  const { name, category, params, audience, opt_in } = await client.eventTypes.get(key)
  const channels = ['in_app', 'email', 'slack', 'sms', 'webhook']
  const changed = { name, category, params, audience, opt_in, channels }
  await client.eventTypes.put(key, changed as never)
  const scenario = await ana.create(newName('Everywhere'))

  await ana.execute(scenario)

  const title = `Executed: ${scenario.name}`
  const { notifications } = await ana.hears(title)
  const { id } = notifications.find(({ content }) => content.title === title)!
  const giveUpAt = Date.now() + 30_000
  for (;;) {
    const { deliveries } = await client.notifications.get(id)
    if (deliveries.every(({ status }) => status === 'delivered' || status === 'sent')) {
      const told = deliveries.map(({ channel }) => channel)
      assert.deepEqual(told.sort(), channels.slice(1).sort())
      break
    }
    assert.ok(Date.now() < giveUpAt, JSON.stringify(deliveries))
    await sleep(50)
  }
  console.log('One line more, and Ana hears by email, Slack, SMS and webhook as well')
}
