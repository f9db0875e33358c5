// The pages behind links in messages, in a real browser: on a small screen, enlarged, in the dark, by keyboard
// alone, and for who listens to them.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import axe from 'axe-core'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { noBrowser, openBrowser, openPage } from './browser.ts'
import { createLook, given, untilQuiet } from './given.ts'
import { createTestContext } from './test-context.ts'

const t = await createTestContext()
const look = createLook(t.connection)
const inBrowser = { skip: noBrowser }
let browser: Browser
let origin: string

before(async () => {
  if (noBrowser) return
  browser = await openBrowser()
  origin = await t.app.listen({ host: '127.0.0.1', port: 0 })
  t.work()
  const channels = ['in_app', 'email', 'sms', 'telegram']
  const long = 'Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz'
  await given.eventType(t, 'order.shipped', { name: 'Order shipped', category: 'orders', channels })
  await given.eventType(t, 'law.passed', { name: long, category: long, channels })
  await given.eventType(t, 'news', { name: 'Monthly news', opt_in: true, channels: ['email'] })
  await given.eventType(t, 'password.reset', { name: 'Reset', level: 'critical', channels })
  for (const type of ['order.shipped', 'password.reset'])
    await given.template(t, type, 'email', { subject: 'S', body: 'Hi {{ subscriber.id }}' })
})
after(async () => {
  await browser?.close()
  await look.close()
  await t.close()
})

let count = 0
type PageName = 'unsubscribe' | 'preferences' | 'why' | 'answer' | 'wrong'

/** Somebody who has heard of an event, and where the links in the message lead. */
async function somebody(type = 'order.shipped') {
  const id = `person-${++count}`
  await given.subscriber(t, id, { email: `${id}@example.com` })
  const eventId = await given.event(t, type, { to: [id], thread_key: 'order:7' })
  await untilQuiet(look)
  const owner = { workspaceId: 1, subscriberId: id }
  const { links } = t.ctx
  const urls = {
    unsubscribe: links.unsubscribe({ ...owner, eventType: type, channel: 'email' }),
    preferences: links.preferences(owner),
    why: links.why({ ...owner, eventId, channel: 'email' }),
    answer: links.acknowledge({ workspaceId: 1, eventId, recipient: id }),
    wrong: `${links.baseUrl}/unsubscribe/x`,
  }
  const url = (name: PageName) => `${origin}${new URL(urls[name]).pathname}`
  const said = async () => (await t.ask('GET', `/preferences/${id}`)).body
  const cancel = async () => {
    await look.rows('update belfry.events set cancelled_at = now() where id = $1', [eventId])
  }
  return { url, said, cancel }
}

async function open(url: string, options: BrowserContextOptions = {}): Promise<Page> {
  const page = await openPage(browser, { viewport: { width: 360, height: 640 }, ...options })
  await page.goto(url)
  return page
}

async function assertAccessible(page: Page): Promise<void> {
  await page.evaluate(axe.source) // what CSP forbids pages does not bind a debugger
  const violations = await page.evaluate(async () => {
    const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run(document)
    return violations.map(
      ({ id, nodes }) =>
        `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join(' ')}`,
    )
  })
  assert.deepEqual(violations, [], await page.title())
}

/** What is cut off, or needs scrolling sideways; and what is too small for a finger. */
async function assertFits(page: Page): Promise<void> {
  const found = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement
    const boxes = [...document.querySelectorAll('button, label, footer a')]
    return {
      sideways: scrollWidth - clientWidth,
      small: boxes
        .filter((box) => box.getBoundingClientRect().height < 44)
        .map((box) => box.outerHTML),
    }
  })
  assert.deepEqual(found, { sideways: 0, small: [] }, await page.title())
}

const views: [string, BrowserContextOptions][] = [
  ['a phone', {}],
  ['a phone in the dark', { colorScheme: 'dark' }],
  ['a small window at 200 %', { viewport: { width: 320, height: 256 }, deviceScaleFactor: 2 }],
  ['a desk', { viewport: { width: 1280, height: 800 } }],
]
for (const [what, options] of views)
  test(`all pages can be read and used on ${what}`, inBrowser, async () => {
    const { url } = await somebody()
    const page = await open(url('unsubscribe'), options)
    const check = async (heading: string) => {
      await page.getByRole('heading', { name: heading, level: 1 }).waitFor()
      await assertAccessible(page)
      await assertFits(page)
    }
    const press = (name: string) => page.getByRole('button', { name }).click()

    await check('Unsubscribe')
    await press('Unsubscribe')
    await check('You are unsubscribed')
    const onward = page.getByRole('link', { name: 'Choose what you want to hear' })
    assert.ok(url('preferences').endsWith(new URL((await onward.getAttribute('href'))!).pathname))
    await page.goto(url('preferences'))
    await check('What do you want to hear?')
    await press('Save')
    await page.getByRole('status').waitFor()
    await check('What do you want to hear?')
    await page.goto(url('why'))
    await check('Why did I get this?')
    await press('Mute this thread')
    await check('Done')
    await press('Undo')
    await check('Undone')
    await page.goto(url('answer'))
    await check('Please answer')
    await press('Acknowledge')
    await check('Thank you')
    await page.goto(url('answer'))
    await check('You have answered this')
    const { url: other, cancel } = await somebody()
    await cancel()
    await page.goto(other('answer'))
    await check('An answer is no longer needed')
    await page.goto(url('wrong'))
    await check('This link does not work')
    await page.goto((await somebody('password.reset')).url('unsubscribe'))
    await check('These messages are always sent')
    await page.context().close()
  })

test('everything can be done by keyboard, and what has the focus is seen', inBrowser, async () => {
  const { url, said } = await somebody()
  const page = await open(url('preferences'))
  /** Goes on by Tab to what has this name. */
  const tabTo = async (name: string) => {
    const wanted = page.getByText(name, { exact: true })
    for (let i = 0; i < 30; i++) {
      await page.keyboard.press('Tab')
      const isThere = await wanted.evaluateAll((all) =>
        all.some((one) => one.contains(document.activeElement)),
      )
      if (!isThere) continue
      const outline = await page.evaluate(
        () => getComputedStyle(document.activeElement!).outlineWidth,
      )
      assert.equal(outline, '3px', name)
      return
    }
    assert.fail(`"${name}" was never reached`)
  }

  await tabTo('Everything I have chosen below')
  await page.keyboard.press('ArrowDown')
  await tabTo('Monthly news')
  await page.keyboard.press('Space')
  await tabTo('Save')
  await page.keyboard.press('Enter')
  await page.getByRole('status').waitFor()
  const chosen = await said()
  await page.goto(url('why'))
  await tabTo('Mute this thread: nothing more about the same subject')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Done' }).waitFor()
  const muted = await said()
  await tabTo('Undo')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Undone' }).waitFor()
  await page.goto(url('answer'))
  await tabTo('Acknowledge')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Thank you' }).waitFor()
  await page.goto(url('unsubscribe'))
  await tabTo('Unsubscribe')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'You are unsubscribed' }).waitFor()

  assert.equal(chosen.level, 'critical')
  assert.equal(chosen.event_types.news.enabled, true)
  assert.deepEqual(muted.muted_threads, { 'order:7': true })
  const after = await said()
  assert.deepEqual(after.muted_threads, {})
  assert.equal(after.categories.orders.email, false)
  await page.context().close()
})
