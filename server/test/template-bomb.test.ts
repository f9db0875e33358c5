// A template bomb neither stalls nor kills a worker: its own people get a text that says so, and the
// neighbours notice nothing.
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { defaultWorkspaceId } from '../src/system.ts'
import { createLook, given, until, untilQuiet, type Look } from './given.ts'
import { createTestContext, type TestContext } from './test-context.ts'

let t: TestContext
let look: Look

before(async () => {
  t = await createTestContext()
  look = createLook(t.connection)
  const fallback = { title: 'Sorry', body: 'Look into the app.' }
  await given.eventType(t, 'bomb', { channels: ['in_app'], fallback })
  await given.eventType(t, 'neighbour', { channels: ['in_app'] })
  await given.template(t, 'neighbour', 'in_app', { title: 'Hi', body: '{{ subscriber.id }}' })
  for (const id of ['ana', 'ben']) await given.subscriber(t, id)
})
after(async () => {
  await look.close()
  await t.close()
})

/** As one that was saved by an earlier release: today it would be refused. */
async function storeBomb(body: string, type = 'bomb'): Promise<void> {
  await look.rows(
    `insert into belfry.templates (workspace_id, event_type, channel, locale, version, content, author)
     select $1, $3, 'in_app', 'default', coalesce(max(version), 0) + 1,
       json_build_object('title', 'T', 'body', $2::text), 'x'
     from belfry.templates where workspace_id = $1 and event_type = $3`,
    [defaultWorkspaceId, body, type],
  )
  t.ctx.signals.ring('belfry_config')
}

const contentOf = async (event: string) =>
  (
    await look.rows(
      `select c.content from belfry.notifications n
       join belfry.contents c on c.workspace_id = n.workspace_id and c.id = n.content_id
       where n.event_id = $1`,
      [event],
    )
  ).map(({ content }) => content)

// One expression, which the limits of the engine cannot interrupt: only being killed ends it.
const standsStill = `{{ s | append: "," | append: s | split: "," ${'| sort_natural | reverse '.repeat(2_400)}| size }}`
const long = Array.from({ length: 100 }, (_, i) => 'A'.repeat(590) + String((i * 7919) % 97)).join(
  ',',
)
const tooMuch = `{% assign z = "0123456789" %}${'{% capture z %}{{z}}{{z}}{% endcapture %}'.repeat(28)}{{ z | upcase | size }}`

for (const [what, body, params] of [
  ['stands still', standsStill, { s: long }],
  ['takes all memory', tooMuch, {}],
  ['loops', '{%- for i in (1..50000000) -%}{%- endfor -%}', {}],
] as const)
  test(`a template that ${what} costs its people a fallback text, and the neighbours nothing`, async () => {
    await storeBomb(body)
    const bombs: string[] = []
    for (let i = 0; i < 5; i++) bombs.push(await given.event(t, 'bomb', { to: ['ana'], params }))
    const neighbours: string[] = []
    for (let i = 0; i < 5; i++) neighbours.push(await given.event(t, 'neighbour', { to: ['ben'] }))
    const lags = watchLoop()

    const worker = t.work()
    await until('the neighbours have theirs', async () => {
      const told = await Promise.all(neighbours.map(contentOf))
      return told.every((contents) => contents.length === 1)
    })
    await untilQuiet(look)
    await worker.stop()

    for (const bomb of bombs) {
      assert.deepEqual(await contentOf(bomb), [{ title: 'Sorry', body: 'Look into the app.' }])
      const { body: event } = await t.ask('GET', `/events/${bomb}`)
      assert.equal(event.status, 'processed')
      assert.match(event.error, /^template in_app\/default v\d+: /)
    }
    assert.ok(lags.most() < 400, `the process stood still for ${lags.most()} ms`)
    assert.deepEqual(
      t.logged.filter(({ level }) => level === 'error'),
      [],
    )
  })

test('however many templates stand still, events that need none of them do not wait', async () => {
  const bombs: string[] = []
  for (let i = 0; i < 9; i++) {
    await given.eventType(t, `crowd.${i}`, { channels: ['in_app'] })
    await storeBomb(`${standsStill} ${i}`, `crowd.${i}`)
    bombs.push(await given.event(t, `crowd.${i}`, { to: ['ana'], params: { s: long } }))
  }
  const neighbour = await given.event(t, 'neighbour', { to: ['ben'] })

  const worker = t.work()
  await until('the neighbour has theirs', async () => (await contentOf(neighbour)).length === 1)
  const told = await Promise.all(bombs.map(contentOf))
  // Each is stopped twice after so much time of a processor, and eight share what other tests leave of two.
  await until(
    'the others have theirs',
    async () => (await Promise.all(bombs.map(contentOf))).every(({ length }) => length > 0),
    100_000,
  )
  await untilQuiet(look)
  await worker.stop()

  // Eight at a time find a place apart: one would have to be over before the last of them had one.
  assert.deepEqual(told.flat(), [])
  for (const bomb of bombs) assert.equal((await contentOf(bomb)).length, 1)
})

/** The longest time in which this process did nothing else. */
function watchLoop() {
  let last = performance.now()
  let most = 0
  const timer = setInterval(() => {
    most = Math.max(most, performance.now() - last)
    last = performance.now()
  }, 5)
  return {
    most() {
      clearInterval(timer)
      return Math.round(most)
    },
  }
}

test('loops, variables and sorting work, for each person of a broadcast', async () => {
  const body =
    '{% assign name = subscriber.id | upcase %}{% for i in items %}{{ i }}{% unless forloop.last %}, {% endunless %}{% endfor %} for {{ name }}'
  await given.eventType(t, 'list', { channels: ['in_app'] })
  await given.template(t, 'list', 'in_app', { title: 'T', body })

  const event = await given.event(t, 'list', { to: ['ana', 'ben'], params: { items: [1, 2] } })
  const worker = t.work()
  await untilQuiet(look)
  await worker.stop()

  const bodies = (await contentOf(event)).map((content) => String(content.body)).toSorted()
  assert.deepEqual(bodies, ['1, 2 for ANA', '1, 2 for BEN'])
})

test('a direct message with a template that loops is rendered apart too', async () => {
  const { body } = await t.ask('POST', '/notifications', {
    to: ['ana'],
    channels: ['in_app'],
    template: 'list',
    params: { items: [3] },
  })

  const { body: story } = await t.ask('GET', `/notifications/${body.notification_ids[0]}`)
  assert.equal(story.content.body, '3 for ANA')
})

test(
  'what renders apart has no environment and no descriptors of ours',
  { skip: process.platform !== 'linux' },
  async () => {
    await t.ask('POST', '/templates/preview', {
      channel: 'sms',
      template: { body: '{% assign a = 1 %}{{ a }}' },
    })
    const { readFileSync, readlinkSync } = await import('node:fs')
    const children = readdirSync('/proc').filter((pid) => {
      try {
        const isOurs =
          readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ')[3] === String(process.pid)
        return isOurs && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('render-child')
      } catch {
        return false
      }
    })

    assert.ok(children.length > 0)
    for (const pid of children) {
      assert.equal(readFileSync(`/proc/${pid}/environ`, 'utf8'), '')
      const open = readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`))
      // Its three streams; nothing else that leads anywhere.
      assert.ok(open.filter((name) => name.startsWith('socket:')).length <= 2, open.join(' '))
      assert.deepEqual(
        open.filter(
          (name) => name.startsWith('/') && name !== '/dev/null' && !name.includes('eventpoll'),
        ),
        [],
      )
      assert.match(readFileSync(`/proc/${pid}/cmdline`, 'utf8'), /--permission/)
    }
  },
)
