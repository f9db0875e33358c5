// The door for what vendors tell of messages they took. Whose it is says the path, and whether it is genuine the
// provider's own settings; what it means is for the kind of provider to say.
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { createCache } from '../cache.ts'
import type { Context } from '../context.ts'
import { ApiError } from '../errors.ts'
import { takeReceipts, type ReceivedBy } from '../pipeline/receipts.ts'
import { receiptsOf } from '../provider-settings.ts'
import { findReceiver } from '../sql/providers.ts'
import type { App } from './app.ts'
import { batchBodyLimit, takeRawBodies } from './bodies.ts'
import { Uuid } from './ids.ts'

const fetchTimeoutMs = 5_000
const keptMs = 24 * 60 * 60_000

/** Of Telegram, which carries out what it is answered. */
const Request = Type.Object({ method: Type.String(), chat_id: Type.String(), text: Type.String() })

type Receiving = NonNullable<ReturnType<typeof receiptsOf>> & { receiver: ReceivedBy }

export function receiptRoutes(app: App, ctx: Context): void {
  const find = createFinder(ctx)
  const fetch = createFetch(ctx)
  app.register((hooks: App, _options, done) => {
    takeRawBodies(hooks)
    const schema = {
      summary: "Take what a provider's vendor tells of messages",
      description:
        'Delivered, bounced, complained of; or that somebody said STOP. In the form of the vendor, and with its signature. ' +
        'What came before changes nothing.',
      operationId: 'receiveReceipts',
      tags: ['Trigger'],
      params: Type.Object({ provider_id: Uuid('The provider.') }),
      querystring: { type: 'object', properties: {}, additionalProperties: true } as const,
      body: Type.Unknown({ description: 'What the vendor sends.' }),
      response: {
        200: Type.Union([Type.Null(), Request], { description: 'It is kept.' }),
      },
    }
    const options = { schema, config: { scope: 'public' }, bodyLimit: batchBodyLimit } as const
    hooks.post('/receipts/:provider_id', options, async (request, reply) => {
      const receiving = await find(request.params.provider_id)
      const { receipts, settings, receiver } = receiving
      const read = await receipts.read(requestOf(ctx, request), settings, fetch)
      if (read.kind === 'forged') {
        const { workspaceId, providerId } = receiver
        ctx.log.warn({ workspaceId, providerId, reason: read.reason }, 'a receipt was not genuine')
        reply.header('www-authenticate', 'Basic realm="Belfry"')
        throw new ApiError('not_authentic', {
          detail: 'This provider takes only what its vendor has signed, as it is configured.',
        })
      }
      if (read.kind === 'malformed') throw new ApiError('invalid_payload', { detail: read.reason })
      const links = await takeReceipts(ctx, receiver, read.receipts)
      const [answer] = links.map((shown) => receipts.answer?.(shown, settings))
      return reply.code(200).send(answer)
    })
    done()
  })
}

function createFinder(ctx: Context): (id: string) => Promise<Receiving> {
  const receivers = createCache({ load: (id) => load(ctx, id) })
  ctx.signals.on('belfry_config', () => receivers.clear())
  return async (id) => {
    const found = await receivers.get(id)
    if (found) return found
    receivers.forget(id) // it comes from outside, and may be there the next moment
    throw new ApiError('not_found', {
      detail: 'There is no such provider, or it has no setting by which it takes receipts.',
    })
  }
}

async function load(ctx: Context, id: string): Promise<Receiving | null> {
  const row = await findReceiver(ctx.db, id)
  if (!row) return null
  const { workspaceId, name, channel } = row
  try {
    const found = receiptsOf(ctx.secrets, row)
    return found && { ...found, receiver: { workspaceId, providerId: id, name, channel } }
  } catch (error) {
    ctx.log.error({ err: error, providerId: id }, 'the secrets of a provider cannot be read')
    return null
  }
}

function requestOf(ctx: Context, request: FastifyRequest) {
  const url = `${ctx.links.baseUrl}${request.url}`
  return {
    url,
    query: new URL(url).searchParams,
    headers: Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    ),
    body: request.rawBody ?? Buffer.alloc(0),
    now: ctx.clock.now(), // vendors sign by the time of the world
  }
}

/** A GET through the one way out, as guarded as any. */
function createFetch({ outgoing, log }: Context) {
  async function get(url: string): Promise<string | null> {
    const signal = AbortSignal.timeout(fetchTimeoutMs)
    const answer = await outgoing.request({ method: 'GET', url, signal })
    if (answer.kind === 'answered' && answer.status < 300 && answer.isComplete) return answer.body
    const host = URL.parse(url)?.hostname
    log.warn({ host, outcome: answer.kind }, 'a vendor could not be asked about its receipts')
    return null
  }
  const kept = createCache({ load: get, maxAgeMs: keptMs, maxEntries: 20 })
  return async (url: string, { isKept = false } = {}) => {
    if (!isKept) return get(url)
    const found = await kept.get(url)
    if (found === null) kept.forget(url)
    return found
  }
}
