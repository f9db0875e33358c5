// The inbox on a page, in a real browser: what a person sees, hears and does there.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { given, until } from './given.ts'
import { article, bell, inBrowser, openInboxStories } from './inbox-story.ts'

const { t, somebody, order, reply, openFor, pageWith } = await openInboxStories()

/** What a person with the keyboard is at: its text or label. */
const focused = (page: Page) =>
  page.evaluate(() => {
    let active = document.activeElement
    while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement
    return (
      active?.getAttribute('aria-label') ??
      active?.querySelector('h3')?.textContent.trim() ??
      active?.textContent.trim()
    )
  })

const comesTo = (page: Page, there: string | RegExp) =>
  until(`the keyboard is at ${there}`, async () => {
    const label = String(await focused(page))
    return typeof there === 'string' ? label === there : there.test(label)
  })

/** What is said aloud on a page from now on, and what was said last. */
async function saidOn(page: Page) {
  const texts = await page.locator('[role=status][aria-live=polite]').evaluateHandle((region) => {
    const texts = [region.textContent]
    new MutationObserver(() => texts.push(region.textContent)).observe(region, {
      childList: true,
      characterData: true,
      subtree: true,
    })
    return texts
  })
  return {
    /** Until as many arrivals were said, one by one or together. */
    untilCount: (count: number) =>
      page.waitForFunction(
        ({ texts, count }) =>
          texts.reduce((sum, text) => sum + (Number.parseInt(text, 10) || 0), 0) >= count,
        { texts, count },
      ),
  }
}

test(
  'what happens is on the page at once, is said aloud once, and moves nobody',
  inBrowser,
  async () => {
    const { id, page } = await pageWith([1])
    const said = await saidOn(page)
    await article(page, 'Order 1 has shipped').focus()

    await Promise.all([order(id, 2), reply(id, 3)])

    await article(page, 'Order 2 has shipped').waitFor()
    await said.untilCount(2)
    await comesTo(page, 'Order 1 has shipped')
    assert.equal(await article(page, 'Reply 3').getByText('<b>Not</b> bold').count(), 1)
    await page.context().close()
  },
)

test('everything can be done with the keyboard alone', inBrowser, async () => {
  const { id, page } = await pageWith([1, 2, 3], { html: bell })
  const button = page.getByRole('button', { name: 'Notifications, 3 unread' })
  await button.waitFor()
  await page.keyboard.press('Tab')
  assert.equal(await button.getAttribute('aria-expanded'), 'false')

  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog', { name: 'Notifications' })
  await dialog.waitFor()
  await page.getByRole('button', { name: /^Notifications/, expanded: true }).waitFor()
  await article(page, 'Order 3 has shipped').waitFor()
  await article(page, 'Order 3 has shipped').focus()
  await page.keyboard.press('PageDown')
  await comesTo(page, 'Order 2 has shipped')
  await page.keyboard.press('PageUp')
  await comesTo(page, 'Order 3 has shipped')

  // Through the title and the action to the tools: archive.
  for (let i = 0; (await focused(page)) !== 'Archive'; i++) {
    assert.ok(i < 10, 'the tools can be reached')
    await page.keyboard.press('Tab')
  }
  await page.keyboard.press('Enter')
  await article(page, 'Order 3 has shipped').waitFor({ state: 'detached' })
  await comesTo(page, 'Order 2 has shipped')

  await page.keyboard.press('Control+Home')
  await comesTo(page, 'All')
  await page.keyboard.press('ArrowRight')
  await comesTo(page, /^Unread/)
  await article(page, 'Order 2 has shipped').focus()
  await page.keyboard.press('Control+End')
  await comesTo(page, 'After')

  await article(page, 'Order 2 has shipped').focus()
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'hidden' })
  await comesTo(page, 'Notifications, 2 unread')
  await until('one is archived', async () => {
    const { body } = await t.ask('GET', `/subscribers/${id}/notifications?filter=archived`)
    return body.notifications.length === 1
  })
  await page.context().close()
})

test('an action that is taken is acknowledged', inBrowser, async () => {
  const { id, page } = await pageWith([1])
  await page.evaluate(() =>
    document.addEventListener('belfry-action', (event) => event.preventDefault()),
  )
  const answer = page.waitForResponse(/\/acknowledge$/)

  await article(page, 'Order 1 has shipped').getByRole('link', { name: 'Track' }).click()

  assert.equal((await answer).status(), 200)
  const { body } = await t.ask('GET', `/subscribers/${id}/notifications`)
  assert.ok(body.notifications[0].acknowledged_at)
  await page.context().close()
})

test(
  'what was archived can be taken back, and what fails takes itself back',
  inBrowser,
  async () => {
    const { page } = await pageWith([1, 2])
    const second = article(page, 'Order 2 has shipped')
    await second.hover()
    await second.getByRole('button', { name: 'Archive' }).click()
    await second.waitFor({ state: 'detached' })

    await page.getByRole('button', { name: 'Undo' }).click()
    await second.waitFor()
    assert.equal(
      await page.getByRole('article').first().getByRole('heading').textContent(),
      'Order 2 has shipped',
    )

    await page.route('**/archive', (route) => route.fulfill({ status: 409, body: '{}' }))
    await second.hover()
    await second.getByRole('button', { name: 'Archive' }).click()
    await page.locator('.toast').filter({ hasText: 'nothing has changed' }).waitFor()
    await second.waitFor()
    await page.unroute('**/archive')
    await page.getByRole('button', { name: 'Try again' }).click()
    await second.waitFor({ state: 'detached' })
    await page.context().close()
  },
)

test('a snoozed notification waits in its own tab until it comes back', inBrowser, async () => {
  const { page } = await pageWith([1])
  const first = article(page, 'Order 1 has shipped')
  await first.hover()
  await first.getByRole('button', { name: 'Snooze' }).click()
  await page.getByRole('menuitem', { name: 'In an hour' }).click()
  await first.waitFor({ state: 'detached' })
  await page.getByText('You’re all caught up').waitFor()

  await page.getByRole('tab', { name: 'Snoozed' }).click()
  await first.getByText('Snoozed until').waitFor()
  await page.getByRole('tab', { name: 'All' }).click()
  t.clock.advance({ minutes: 61 })

  await first.waitFor()
  await page.context().close()
})

test('tabs share one stream, and what is read in one is read in the other', inBrowser, async () => {
  const { id, page } = await pageWith([1])
  const streams: string[] = []
  page.context().on('request', (request) => {
    if (request.url().endsWith('/me/stream')) streams.push(request.url())
  })
  const other = await openFor(id, { besides: page })
  await article(other, 'Order 1 has shipped').waitFor()

  await order(id, 2)
  await article(other, 'Order 2 has shipped').waitFor()
  assert.deepEqual(streams, [])
  await page.getByRole('button', { name: 'Mark all as read' }).click()
  await other.getByRole('tab', { name: 'Unread', exact: true }).waitFor()

  await page.close()
  await order(id, 3)
  await article(other, 'Order 3 has shipped').waitFor()
  assert.equal(streams.length, 1)
  await other.context().close()
})

test(
  'who is further down is told how much is above, as long as it is there',
  inBrowser,
  async () => {
    const { id, page } = await pageWith([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    const list = page.locator('belfry-inbox [part=list]')
    await page.locator('belfry-inbox').evaluate((inbox) => (inbox.style.height = '400px'))
    await list.evaluate((scroller) => scroller.scrollTo(0, scroller.scrollHeight))
    const news = page.locator('[part=news]')

    await order(id, 11)
    await news.filter({ hasText: '1 new notification' }).waitFor()
    await order(id, 12)
    await news.filter({ hasText: '2 new notifications' }).waitFor()
    const { body } = await t.ask('GET', `/subscribers/${id}/notifications?limit=1`)
    await t.ask('POST', `/subscribers/${id}/notifications/${body.notifications[0].id}/archive`)
    await news.filter({ hasText: '1 new notification' }).waitFor()

    await news.click()
    await news.waitFor({ state: 'detached' })
    await page.waitForFunction((scroller) => scroller.scrollTop < 60, await list.elementHandle())
    await page.context().close()
  },
)

test('more comes as one scrolls', inBrowser, async () => {
  const id = somebody()
  await given.subscriber(t, id)
  const page = await openFor(id)
  await page.getByText('You’re all caught up').waitFor()
  await page.close()
  await Promise.all(Array.from({ length: 45 }, (_, n) => order(id, n)))
  const long = await openFor(id)
  await long.getByRole('article').nth(19).waitFor()

  while ((await long.getByRole('article').count()) < 45) {
    const before = await long.getByRole('article').count()
    await long.getByRole('article').last().scrollIntoViewIfNeeded()
    await long.getByRole('article').nth(before).waitFor()
  }

  assert.equal(await long.getByRole('article').last().getAttribute('aria-setsize'), '45')
  assert.equal(await long.getByRole('article').last().getAttribute('aria-posinset'), '45')
  await long.context().close()
})

test(
  'the popover is closed by its button, and makes way for where a link leads',
  inBrowser,
  async () => {
    const { page } = await pageWith([1], { html: bell })
    // As the router of a page does: it goes there without loading another page.
    await page.evaluate(() => addEventListener('belfry-open', (event) => event.preventDefault()))
    await page.getByRole('button', { name: /1 unread/ }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Close' }).click()
    await dialog.waitFor({ state: 'hidden' })

    await page.getByRole('button', { name: /1 unread/ }).click()
    await dialog.getByRole('link', { name: 'Order 1 has shipped' }).click()
    await dialog.waitFor({ state: 'hidden' })
  },
)
