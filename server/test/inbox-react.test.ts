// The wrapper of the inbox for React, mounted on a page as an application would.
import assert from 'node:assert/strict'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { build } from 'esbuild'
import type { Browser } from 'playwright-core'
import { noBrowser, openBrowser } from './browser.ts'
import { given } from './given.ts'
import { openInboxSite, type InboxSite } from './inbox-page.ts'
import { createTestContext } from './test-context.ts'

const t = await createTestContext()
let browser: Browser
let site: InboxSite

before(async () => {
  if (noBrowser) return
  browser = await openBrowser()
  site = await openInboxSite(t, browser)
  t.work()
  await given.eventType(t, 'order', { channels: ['in_app'] })
  await given.template(t, 'order', 'in_app', { title: 'Order {{ n }}', body: 'B', url: '/{{ n }}' })
})
after(async () => {
  await browser?.close()
  await site?.close()
  await t.close()
})

const application = `
import { createElement } from 'react'
import { createRoot } from 'react-dom/client'
import { InboxBell } from './react.ts'

const root = createRoot(document.querySelector('main'))
const onOpen = (event) => {
  event.preventDefault()
  document.title = 'opened ' + event.detail.item.content.title
}
window.draw = (props) =>
  root.render(createElement(InboxBell, { getToken: window.getToken, onOpen, className: 'mine', ...props }))
window.leave = () => root.unmount()`

type Application = { draw(props: object): void; leave(): void }

test(
  'in React props become properties, events call functions, and all of it goes with the component',
  { skip: noBrowser },
  async () => {
    const { outputFiles } = await build({
      stdin: {
        contents: application,
        resolveDir: path.resolve(import.meta.dirname, '../../inbox/src'),
      },
      define: { 'process.env.NODE_ENV': '"production"' },
      bundle: true,
      format: 'esm',
      write: false,
    })
    const page = await site.open('ana', { html: '', browser: { bypassCSP: true } })
    await given.event(t, 'order', { to: ['ana'], params: { n: 7 } })
    await page.addScriptTag({ content: outputFiles[0]!.text, type: 'module' })
    const draw = (props: object) =>
      page.evaluate((props) => (globalThis as unknown as Application).draw(props), props)

    await draw({ url: site.url })
    await page.getByRole('button', { name: 'Notifications, 1 unread' }).waitFor()
    assert.equal(await page.locator('belfry-bell').getAttribute('class'), 'mine')

    await draw({ url: site.url, open: true, lang: 'de', tabs: [{ label: 'Meine' }] })
    await page.getByRole('tab', { name: 'Meine' }).waitFor()
    await page.getByRole('heading', { name: 'Mitteilungen' }).waitFor()
    await page.getByRole('link', { name: 'Order 7' }).click()
    await page.waitForFunction(() => document.title === 'opened Order 7')

    await page.evaluate(() => (globalThis as unknown as Application).leave())
    assert.equal(await page.locator('belfry-bell').count(), 0)
    await page.context().close()
  },
)
