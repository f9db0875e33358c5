// The door for webhooks of others: whose it is, whether it is genuine, what event it becomes. Everything
// that differs from sender to sender is the configuration of a source.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { createCache } from '../cache.ts'
import type { Context } from '../context.ts'
import { credentialHeaders, type WebhookRequest } from '../domain/source.ts'
import {
  verifyBasic,
  verifyHmac,
  verifyStandardWebhook,
  type Verdict,
} from '../domain/webhook-signature.ts'
import { ApiError } from '../errors.ts'
import type { RecentRequests, SeenRequest } from '../pipeline/recent-requests.ts'
import { compileSource } from '../pipeline/source-mapping.ts'
import { openSourceSecrets } from '../pipeline/source-secrets.ts'
import { findSourceByNames } from '../sql/sources.ts'
import type { App } from './app.ts'
import type { Authenticate } from './auth.ts'
import { readJson, takeRawBodies } from './bodies.ts'
import { acceptingOf } from './events.ts'
import { findFirstAnswer, idempotencyOf, storeOnce } from './idempotency.ts'
import type { Answer, FirstAnswer, Idempotency } from './idempotency.ts'
import { defaultWorkspace, SourceKey } from './source-body.ts'
import {
  fingerprintOf,
  identityOf,
  problemOf,
  readWebhook,
  type ReadySource,
} from './source-reading.ts'

const workspace = Type.String({ maxLength: 63, pattern: '^[a-z0-9][a-z0-9_-]*$' })
const paths = [
  {
    url: '/webhooks/:source',
    params: Type.Object({ source: SourceKey }),
    operationId: 'receiveWebhook',
  },
  {
    url: '/webhooks/:workspace/:source',
    params: Type.Object({ workspace, source: SourceKey }),
    operationId: 'receiveWebhookOfWorkspace',
  },
] as const

const Answered = Type.Union(
  [
    Type.Record(Type.String(), Type.Unknown()),
    Type.Array(Type.Unknown()),
    Type.String(),
    Type.Number(),
    Type.Boolean(),
    Type.Null(),
  ],
  { description: 'What the source answers.' },
)

type Names = { workspace?: string; source: string }
type Find = (names: Names) => Promise<ReadySource | null>

export type WebhookTools = { authenticate: Authenticate; recent: RecentRequests }

export function webhookRoutes(app: App, ctx: Context, tools: WebhookTools): void {
  const find = createFinder(ctx)
  app.register((hooks: App, _options, done) => {
    takeRawBodies(hooks)
    for (const { url, params, operationId } of paths) {
      const schema = {
        summary: 'Send a webhook to a source',
        description:
          'The source decides what it takes, from whom, and what it answers: 202 with the id of the ' +
          'event unless it says otherwise. The same one again: 200 and the first answer.',
        operationId,
        tags: ['Trigger'],
        params,
        querystring: { type: 'object', properties: {}, additionalProperties: true } as const,
        body: Type.Unknown({ description: 'What the sender sends, as JSON.' }),
        response: { 200: Answered, 202: Answered, '2xx': Answered },
      }
      hooks.post(url, { schema, config: { scope: 'public' } }, async (request, reply) => {
        const names: Names = request.params
        const ready = await find(names)
        if (!ready)
          throw new ApiError('not_found', { detail: `There is no source "${names.source}".` })
        const answer = await received(ctx, { ready, request, reply, ...tools })
        return reply.code(answer.status).send(answer.body)
      })
    }
    done()
  })
}

function createFinder(ctx: Context): Find {
  const sources = createCache({
    load: async (id) => {
      const [workspace = '', key = ''] = id.split(' ')
      const source = await findSourceByNames(ctx.db, workspace, key)
      if (!source) return null
      const secrets = openSourceSecrets(ctx.secrets, source)
      return { source, mapping: compileSource(source), secrets }
    },
  })
  ctx.signals.on('belfry_config', () => sources.clear())
  return async ({ workspace = defaultWorkspace, source }) => {
    const id = `${workspace} ${source}`
    const found = await sources.get(id)
    // Unknown names are not remembered: they come from outside, and may be there the next moment.
    if (!found) sources.forget(id)
    return found
  }
}

type Arrived = WebhookTools & { ready: ReadySource; request: FastifyRequest; reply: FastifyReply }
type Taken = Answer & { outcome: Outcome; eventId: string | null }
type Outcome = Exclude<SeenRequest['outcome'], 'refused'>

/** Takes it or refuses it, and keeps for a while what became of it. */
async function received(ctx: Context, arrived: Arrived): Promise<Answer> {
  const { ready, request, recent } = arrived
  const seen = {
    ...ready.source,
    receivedAt: ctx.clock.now(),
    headers: shownHeaders(request, []),
    query: request.query as Record<string, unknown>, // an object by its schema
    body: request.rawBody ?? Buffer.alloc(0),
  }
  try {
    const { outcome, eventId, ...answer } = await take(ctx, arrived)
    recent.add({ ...seen, outcome, status: answer.status, problem: null, eventId })
    return answer
  } catch (error) {
    recent.add({ ...seen, outcome: 'refused', ...problemOf(error), eventId: null })
    throw error
  }
}

async function take(ctx: Context, arrived: Arrived): Promise<Taken> {
  const { ready, request, reply } = arrived
  const { workspaceId } = ready.source
  const replayId = await authentic(ctx, arrived)
  request.workspaceId = workspaceId
  const given: WebhookRequest = {
    body: readJson(request),
    headers: shownHeaders(request, credentialHeaders(ready.source.auth)),
    query: request.query as Record<string, unknown>, // an object by its schema
  }
  const own = identityOf(ready, given, replayId)
  const identity = own ?? idempotencyOfSender(ready, request, given.body)

  const repeated = ({ status, body, eventId }: FirstAnswer): Taken => {
    reply.header('idempotency-replayed', 'true')
    return { status: own ? 200 : status, body, outcome: 'repeated', eventId }
  }
  const accepting = acceptingOf(request)
  const reading = await readWebhook(ctx, ready, { accepting, request: given }).catch(
    async (refusal: unknown) => {
      // What was accepted once stays so, also when it would be refused by now.
      const first = identity && (await findFirstAnswer(ctx.db, workspaceId, identity))
      if (!first) throw refusal
      return { first }
    },
  )
  if ('first' in reading) return repeated(reading.first)
  const { checked, answer } = reading
  if (!checked) return { ...answer, outcome: 'ignored', eventId: null }
  const bytes = request.rawBody?.length ?? 0
  const stored = await storeOnce(ctx, [checked], {
    workspaceId,
    idempotency: identity,
    answer,
    bytes,
  })
  if (stored.isRepeated) return repeated(stored)
  return { ...answer, outcome: 'accepted', eventId: checked.event.id }
}

/** A sender who knows of Idempotency-Key may use it; it is another one for each source. */
function idempotencyOfSender(
  { source }: ReadySource,
  request: FastifyRequest,
  body: unknown,
): Idempotency | null {
  const given = idempotencyOf(request)
  if (!given) return null
  return { key: `source ${source.key} header ${given.key}`, fingerprint: fingerprintOf(body) }
}

/**
 * What the sender signed to make the request unlike any other; null when nothing is.
 *
 * @throws ApiError `not_authentic`, `unauthenticated`, `insufficient_scope`.
 */
async function authentic(
  ctx: Context,
  { ready: { source, secrets }, request, reply, authenticate }: Arrived,
): Promise<string | null> {
  const { auth } = source
  const headers = shownHeaders(request, [])
  const signed = { headers, body: request.rawBody ?? Buffer.alloc(0), now: ctx.clock.now() }
  switch (auth.kind) {
    case 'none':
      return null
    case 'key': {
      const token = auth.header === null ? undefined : (headers[auth.header.toLowerCase()] ?? null)
      await authenticate(request, 'events:write', token).catch((error: unknown) => {
        if (auth.header === null || !(error instanceof ApiError)) throw error
        if (error.code !== 'unauthenticated') throw error
        const detail = `Send a key with the scope events:write in the header ${auth.header}, bare.`
        throw new ApiError('unauthenticated', { detail }, { cause: error })
      })
      // A key of another workspace is as good as none.
      if (request.workspaceId !== source.workspaceId)
        throw notAuthentic('The key is of another workspace.')
      return null
    }
    case 'basic': {
      const verdict = verifyBasic(auth.username, secrets, headers)
      if (!verdict.isGenuine) reply.header('www-authenticate', 'Basic realm="Belfry"')
      return judged(verdict)
    }
    case 'standard_webhooks':
      return judged(verifyStandardWebhook(secrets, signed))
    case 'hmac':
      return judged(verifyHmac(auth, secrets, signed))
  }
}

function judged(verdict: Verdict): string | null {
  if (verdict.isGenuine) return verdict.replayId
  throw notAuthentic(verdict.reason)
}

/** The same for every reason: who makes signatures up learns nothing. The reason is for the operator. */
function notAuthentic(reason: string): ApiError {
  return new ApiError(
    'not_authentic',
    { detail: 'This source takes only what is signed, or has the password, as it is configured.' },
    { cause: new Error(reason) },
  )
}

/** Header names in lower case, without `hidden`; what came several times is joined. */
function shownHeaders({ headers }: FastifyRequest, hidden: string[]): Record<string, string> {
  const shown = Object.entries(headers).filter(([name]) => !hidden.includes(name))
  return Object.fromEntries(shown.map(([name, value]) => [name, String(value)]))
}
