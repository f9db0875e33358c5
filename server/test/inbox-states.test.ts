// The inbox on a page when things go wrong, in other languages, and for people with other means: each
// state in a real browser.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import axe from 'axe-core'
import type { Page, Route } from 'playwright-core'
import { given } from './given.ts'
import { article, bell, inBrowser, openInboxStories } from './inbox-story.ts'

const { t, somebody, order, reply, open, pageWith } = await openInboxStories()

async function assertAccessible(page: Page): Promise<void> {
  await page.evaluate(axe.source)
  const violations = await page.evaluate(async () => {
    const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run(document, {
      rules: { region: { enabled: false } },
    })
    return violations.map(
      ({ id, nodes }) =>
        `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join(' ')}`,
    )
  })
  assert.deepEqual(violations, [])
}

test(
  'a token that is over is renewed, and without a new one the inbox says so',
  inBrowser,
  async () => {
    const id = somebody()
    const page = await open(id, { html: '' })
    await order(id, 1)
    await page.evaluate(() => {
      const inbox = document.createElement('belfry-inbox')
      let asked = 0
      Object.assign(inbox, {
        getToken: () =>
          asked++ === 0
            ? 'of-yesterday'
            : (globalThis as unknown as { getToken(): Promise<string> }).getToken(),
      })
      document.querySelector('main')!.append(inbox)
    })
    await article(page, 'Order 1 has shipped').waitFor()

    await page.evaluate(() => {
      document.querySelector('belfry-inbox')!.remove()
      const inbox = document.createElement('belfry-inbox')
      inbox.setAttribute('token', 'of-yesterday')
      document.querySelector('main')!.append(inbox)
    })
    await page.getByRole('alert').filter({ hasText: 'You are signed out' }).waitFor()
    await page.context().close()
  },
)

test('an inbox that cannot be loaded says what to do, and does it', inBrowser, async () => {
  const id = somebody()
  const page = await open(id, { html: '' })
  await order(id, 1)
  const refused = (route: Route) => route.fulfill({ status: 422, body: '{}' })
  // The stream stays away: it would load the inbox by itself, and take the button away before it is clicked.
  await page.route(/\/me\/stream/, refused)
  await page.route(/\/me\/notifications/, refused)
  await page.evaluate(() => {
    const inbox = document.createElement('belfry-inbox')
    Object.assign(inbox, { getToken: (globalThis as unknown as { getToken(): unknown }).getToken })
    document.querySelector('main')!.append(inbox)
  })
  const alert = page.getByRole('alert').filter({ hasText: 'could not be loaded' })
  await alert.waitFor()

  await page.unroute(/\/me\/notifications/)
  await alert.getByRole('button', { name: 'Try again' }).click()

  await article(page, 'Order 1 has shipped').waitFor()
  await page.context().close()
})

test(
  'a preference is saved as it is switched, and stays as it was when that fails',
  inBrowser,
  async () => {
    const id = somebody()
    const page = await open(id, { html: '<belfry-preferences></belfry-preferences>' })
    const email = page.getByRole('group', { name: 'Orders' }).getByRole('switch', { name: 'Email' })
    await email.uncheck()
    await page.getByRole('status').filter({ hasText: 'Saved' }).waitFor()
    const said = await t.ask('GET', `/preferences/${id}`)
    assert.deepEqual(said.body.categories, { Orders: { email: false } })

    await page.route('**/me/preferences/form', (route) =>
      route.request().method() === 'PATCH'
        ? route.fulfill({ status: 422, body: '{}' })
        : route.fallback(),
    )
    await email.click()
    await page.getByRole('status').filter({ hasText: 'could not be saved' }).waitFor()
    assert.equal(await email.isChecked(), false)

    const mandatory = page.getByRole('switch', { name: 'Password reset' })
    assert.equal(await mandatory.isDisabled(), true)
    await page.getByText('it cannot be turned off').waitFor()
    await page.context().close()
  },
)

test(
  'what one may subscribe to is shown once, and its channels to those who do',
  inBrowser,
  async () => {
    const offer = { name: 'New products', opt_in: true, channels: ['email', 'push'] }
    await given.eventType(t, 'product.new', offer)
    const html = '<belfry-preferences></belfry-preferences>'
    const page = await open(somebody(), { html })
    const subscribed = page.getByRole('switch', { name: 'New products' })
    const channels = page.getByRole('group', { name: 'New products' }).getByRole('switch')

    await subscribed.waitFor()
    assert.deepEqual([await page.getByText('New products').count(), await channels.count()], [1, 0])
    await subscribed.check()
    await channels.first().uncheck()
    await page.getByRole('status').filter({ hasText: 'Saved' }).waitFor()

    assert.deepEqual([await channels.count(), await subscribed.isChecked()], [2, true])
    await assertAccessible(page)
    await page.context().close()
  },
)

// language, direction, the word for archiving
const languages = [
  ['fr', 'ltr', 'Archiver'],
  ['de-AT', 'ltr', 'Archivieren'],
  ['ar', 'rtl', 'أرشفة'],
] as const
for (const [lang, dir, archive] of languages)
  test(`the inbox speaks ${lang}`, inBrowser, async () => {
    const { page } = await pageWith([1], { lang })
    assert.equal(await page.locator('belfry-inbox').getAttribute('dir'), dir)
    await page.getByRole('button', { name: archive }).waitFor()
    await assertAccessible(page)
    await page.context().close()
  })

for (const colorScheme of ['light', 'dark'] as const)
  test(
    `axe finds nothing in the ${colorScheme} inbox, bell, menu and preferences`,
    inBrowser,
    async () => {
      const { id, page } = await pageWith([], { html: bell, browser: { colorScheme } })
      await order(id, 1)
      await reply(id, 2)
      await page.getByRole('button', { name: 'Notifications, 2 unread' }).click()
      await article(page, 'Reply 2').waitFor()
      await assertAccessible(page)
      await article(page, 'Reply 2').hover()
      await article(page, 'Reply 2').getByRole('button', { name: 'Snooze' }).click()
      await assertAccessible(page)
      await page.keyboard.press('Escape')
      await page.getByRole('tab', { name: 'Archived' }).click()
      await page.getByText('Nothing archived').waitFor()
      await assertAccessible(page)
      await page.getByRole('button', { name: 'Preferences' }).click()
      await page.getByRole('switch', { name: 'Email' }).first().waitFor()
      await assertAccessible(page)
      await page.context().close()
    },
  )

test('where colours are forced, lines that were shadows are borders', inBrowser, async () => {
  const { page } = await pageWith([1], { browser: { forcedColors: 'active' } })

  const widths = await page.locator('belfry-inbox').evaluate((inbox) =>
    ['.tabs', '.item', '.tools'].map((selector) => {
      const part = inbox.shadowRoot!.querySelector(selector)!
      return getComputedStyle(part).borderBottomWidth
    }),
  )

  assert.deepEqual(widths, ['1px', '1px', '1px'])
  await page.context().close()
})
