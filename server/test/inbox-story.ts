// What the stories of the inbox share: a browser, a page of a product, and people to whom orders and replies come.
import { after, before } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { noBrowser, openBrowser } from './browser.ts'
import { given } from './given.ts'
import { openInboxSite, type InboxSite } from './inbox-page.ts'
import { createTestContext } from './test-context.ts'

export const bell = '<belfry-bell></belfry-bell>'
/** For `test(…)`. */
export const inBrowser = { skip: noBrowser }

export const article = (page: Page, title: string) =>
  page.getByRole('article').filter({ has: page.getByRole('heading', { name: title, exact: true }) })

type PageOptions = Parameters<InboxSite['open']>[1]

/** Once for each file of stories: it is there before them, and gone after them. */
export async function openInboxStories() {
  const t = await createTestContext()
  let browser: Browser | undefined
  let site: InboxSite | undefined
  let count = 0

  before(async () => {
    if (noBrowser) return
    browser = await openBrowser()
    site = await openInboxSite(t, browser)
    t.work()
    const orders = { name: 'Orders', category: 'Orders', channels: ['in_app', 'email'] }
    await given.eventType(t, 'order', orders)
    await given.template(t, 'order', 'in_app', {
      title: 'Order {{ n }} has shipped',
      body: 'It is on its way.',
      url: '/orders/{{ n }}',
      actions: [{ label: 'Track', url: '/track/{{ n }}' }],
    })
    const replies = { name: 'Replies', category: 'Replies', channels: ['in_app', 'push'] }
    await given.eventType(t, 'reply', replies)
    await given.template(t, 'reply', 'in_app', { title: 'Reply {{ n }}', body: '<b>Not</b> bold' })
    const reset = { name: 'Password reset', level: 'critical', channels: ['email'] }
    await given.eventType(t, 'reset', reset)
  })
  after(async () => {
    await browser?.close()
    await site?.close()
    await t.close()
  })

  const stories = {
    t,
    somebody: () => `person-${++count}`,
    order: (id: string, n: number) => given.event(t, 'order', { to: [id], params: { n } }),
    reply: (id: string, n: number) => given.event(t, 'reply', { to: [id], params: { n } }),
    // Stories run only where there is a browser.
    open: (...args: Parameters<InboxSite['open']>) => site!.open(...args),
    openFor: (...args: Parameters<InboxSite['openFor']>) => site!.openFor(...args),

    /** A page of a person to whom these orders have come. */
    async pageWith(orders: number[], options: PageOptions = {}) {
      const id = stories.somebody()
      const page = await stories.open(id, options)
      const isOpen = !options.html?.includes('bell')
      // From now on what comes is heard of.
      if (isOpen) await page.locator('[part=empty]').waitFor()
      for (const n of orders) {
        await stories.order(id, n)
        // One after the other: the newest is at the top.
        if (isOpen) await article(page, `Order ${n} has shipped`).waitFor()
      }
      return { id, page }
    },
  }
  return stories
}
