// The reference for people and programs: /openapi.json, what each error code means, and what changed from
// version to version of the API. The page to
// try requests on is at /docs.
import { readFile } from 'node:fs/promises'
import { marked } from 'marked'
import type { App } from './app.ts'

// The published package, which is compiled, brings a copy of the reference along.
const docs = import.meta.filename.endsWith('.ts') ? '../../../docs/' : '../../docs/'
const pages = { errors: 'Errors', versions: 'Versions' }

const style = `body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}
h2{margin-top:2.5rem;font-family:ui-monospace,monospace}h2:target{background:#fff3bf}
pre{background:#f4f4f5;padding:.75rem;overflow:auto}code{font-family:ui-monospace,monospace}
@media(prefers-color-scheme:dark){body{background:#18181b;color:#e4e4e7}pre{background:#27272a}a{color:#93c5fd}h2:target{background:#713f12}}`

export function docsRoutes(app: App): void {
  const config = { scope: 'public' } as const
  let document: string | undefined

  app.get('/', { schema: { hide: true }, config }, (_request, reply) =>
    reply.redirect('/docs', 302),
  )

  app.get('/openapi.json', { schema: { hide: true }, config }, (_request, reply) => {
    document ??= JSON.stringify(app.swagger())
    return reply.type('application/json').send(document)
  })

  for (const [name, title] of Object.entries(pages)) {
    let page: Promise<string> | undefined
    app.get(`/docs/${name}`, { schema: { hide: true }, config }, async (_request, reply) => {
      page ??= render(name, title)
      return reply
        .type('text/html; charset=utf-8')
        .header(
          'content-security-policy',
          "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
        )
        .send(await page)
    })
  }
}

async function render(name: string, title: string): Promise<string> {
  const file = new URL(`${docs}reference/${name}.md`, import.meta.url)
  const html = await marked.parse(await readFile(file, 'utf8'))
  // A heading is a code, and links lead to it: /docs/errors#invalid_request.
  const linked = html.replaceAll(/<h2><code>(\w+)<\/code><\/h2>/g, '<h2 id="$1">$1</h2>')
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title} · Belfry</title>
<meta name="viewport" content="width=device-width"><style>${style}</style>${linked}</html>`
}
