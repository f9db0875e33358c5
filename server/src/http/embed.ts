// /embed: the components of @belfry/inbox for pages without a bundler. inbox.js is what a page loads;
// it loads the other files when they are needed.
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { ApiError } from '../errors.ts'
import type { App } from './app.ts'

// The published package, which is compiled, brings a copy along; a clone builds it before it starts.
const folder = import.meta.filename.endsWith('.ts') ? '../../../inbox/dist/embed/' : '../../embed/'
const folderUrl = new URL(folder, import.meta.url)

const entry = 'inbox.js'
const headers = {
  'content-type': 'text/javascript; charset=utf-8',
  'cross-origin-resource-policy': 'cross-origin',
  'x-content-type-options': 'nosniff',
  vary: 'Accept-Encoding',
}
// The name stays the same from release to release: it is asked for again after an hour, and what has
// not changed is not sent again.
const forAnHour = 'public, max-age=3600, stale-while-revalidate=86400'
const forEver = 'public, max-age=31536000, immutable'

type Embed = { etag: string; identity: Buffer; gzip: Buffer; br: Buffer }

export function embedRoutes(app: App): void {
  const options = { schema: { hide: true }, config: { scope: 'public' } } as const
  let reading: Promise<Map<string, Embed>> | undefined

  app.get<{ Params: { file: string } }>('/embed/:file', options, async (request, reply) => {
    reading ??= readEmbeds()
    const embeds = await reading.catch((cause: unknown) => {
      reading = undefined // it may be built meanwhile
      const detail = 'The inbox is not built here: npm run build -w inbox.'
      throw new ApiError('not_found', { detail }, { cause })
    })
    const { file } = request.params
    const asked = embeds.get(file)
    const embed = asked ?? sameOfNow(embeds, file)
    if (!embed) throw new ApiError('not_found')
    const encoding = encodingFor(request.headers['accept-encoding'])
    // Weak: it is the same in every encoding.
    const etag = `W/"${embed.etag}"`
    const caching = !asked ? 'no-store' : file === entry ? forAnHour : forEver
    reply.headers({ ...headers, 'cache-control': caching, etag })
    if (request.headers['if-none-match']?.includes(embed.etag)) return reply.code(304).send()
    if (encoding !== 'identity') reply.header('content-encoding', encoding)
    return reply.send(embed[encoding])
  })
}

/**
 * A page that was opened before an upgrade, or is served by several releases during one, asks for a
 * part under the name that it had in another release.
 */
function sameOfNow(embeds: Map<string, Embed>, file: string): Embed | undefined {
  const part = /^([a-z-]+-)[0-9a-f]{8}\.js$/.exec(file)?.[1]
  return part === undefined
    ? undefined
    : embeds.entries().find(([name]) => name.startsWith(part))?.[1]
}

function encodingFor(accepted = ''): 'br' | 'gzip' | 'identity' {
  if (/\bbr\b(?!\s*;\s*q=0(?!\.\d*[1-9]))/.test(accepted)) return 'br'
  return /\bgzip\b(?!\s*;\s*q=0(?!\.\d*[1-9]))/.test(accepted) ? 'gzip' : 'identity'
}

async function readEmbeds(): Promise<Map<string, Embed>> {
  const names = await readdir(folderUrl)
  if (!names.includes(entry)) throw new Error(`There is no ${entry} in ${folderUrl.pathname}.`)
  return new Map(
    await Promise.all(names.map(async (name) => [name, await readEmbed(name)] as const)),
  )
}

async function readEmbed(name: string): Promise<Embed> {
  const identity = await readFile(new URL(name, folderUrl))
  const [zipped, br] = await Promise.all([
    promisify(gzip)(identity, { level: constants.Z_BEST_COMPRESSION }),
    promisify(brotliCompress)(identity),
  ])
  const etag = createHash('sha256').update(identity).digest('base64url').slice(0, 22)
  return { etag, identity, gzip: zipped, br }
}
