// A page with the inbox on it, as a product would have it: from an origin of its own, under a strict
// Content Security Policy, with the components that the real server hands out.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { given } from './given.ts'
import { openPage } from './browser.ts'
import type { TestContext } from './test-context.ts'

export type InboxSite = {
  /** Of the API. */
  url: string
  /** Makes a person, and a page of theirs. */
  open(id: string, options?: PageOptions): Promise<Page>
  /** Another page of somebody: in the same browser when a page is given, as another tab. */
  openFor(id: string, options?: PageOptions & { besides?: Page }): Promise<Page>
  close(): Promise<void>
}

export type PageOptions = {
  /** What stands in the body; `inbox` elements get their token from the page. */
  html?: string
  lang?: string
  browser?: BrowserContextOptions
}

/** Serves the API of `t` on a socket, and pages on another. */
export async function openInboxSite(t: TestContext, browser: Browser): Promise<InboxSite> {
  await t.app.listen({ port: 0, host: '127.0.0.1' })
  const url = `http://127.0.0.1:${(t.app.server.address() as AddressInfo).port}`
  const pages = createServer((request, response) => {
    const asked = new URL(request.url ?? '/', 'http://page')
    if (asked.pathname === '/token') {
      const id = asked.searchParams.get('for') ?? ''
      t.ask('POST', `/subscribers/${id}/token`, {}).then(
        ({ body }) => response.end(body.token),
        () => response.writeHead(500).end(),
      )
      return
    }
    if (asked.pathname === '/page.js') {
      response.writeHead(200, { 'content-type': 'text/javascript' }).end(pageScript)
      return
    }
    response.writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': `default-src 'none'; script-src 'self' ${url}; connect-src 'self' ${url}; require-trusted-types-for 'script'; trusted-types lit-html`,
    })
    response.end(pageOf(url, asked.searchParams))
  })
  await new Promise<void>((resolve) => pages.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(pages.address() as AddressInfo).port}`

  const site: InboxSite = {
    url,
    async open(id, options) {
      await given.subscriber(t, id)
      return site.openFor(id, options)
    },
    async openFor(id, { html = '<belfry-inbox></belfry-inbox>', lang = 'en', ...rest } = {}) {
      const { besides, browser: settings = {} } = rest
      const page = besides ? await besides.context().newPage() : await openPage(browser, settings)
      page.on('pageerror', (error) => failures.push(String(error)))
      page.on('console', (message) => {
        if (message.text().includes('Content Security Policy')) failures.push(message.text())
      })
      await page.goto(`${origin}/?${new URLSearchParams({ for: id, html, lang })}`)
      return page
    },
    async close() {
      pages.closeAllConnections()
      await new Promise((resolve) => pages.close(resolve))
      if (failures.length > 0) throw new Error(`on a page: ${failures.join('; ')}`)
    },
  }
  const failures: string[] = []
  return site
}

// What every page needs: who is signed in, told to the components before they ask for anything.
const pageScript = `
const { searchParams } = new URL(location.href)
const getToken = async () => (await fetch('/token?for=' + encodeURIComponent(searchParams.get('for')))).text()
for (const element of document.querySelectorAll('belfry-inbox, belfry-bell, belfry-preferences'))
  element.getToken = getToken
window.getToken = getToken
`

function pageOf(url: string, asked: URLSearchParams): string {
  return `<!doctype html>
<html lang="${asked.get('lang')}">
<head><meta charset="utf-8"><title>A page</title><meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body><main><h1>A page</h1>${asked.get('html')}<p><a href="/after" id="after">After</a></p></main>
<script type="module" src="/page.js"></script>
<script type="module" src="${url}/embed/inbox.js"></script></body></html>`
}
