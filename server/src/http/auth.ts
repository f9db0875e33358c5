// Who is asking: `Authorization: Bearer bf_sk_…`, and whether this key may do that; below /me a token of
// one subscriber. Every route says the scope it needs; one that does not stops the program from starting.
import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import { createCache } from '../cache.ts'
import type { Context } from '../context.ts'
import { isApiVersion, newestApiVersion, type ApiVersion } from '../domain/api-version.ts'
import type { Scope } from '../domain/scope.ts'
import { ApiError } from '../errors.ts'
import { hashApiKey } from '../secrets.ts'
import { findKeyHolder, pinKey, updateKeyUse } from '../sql/keys.ts'
import type { App } from './app.ts'

declare module 'fastify' {
  // Only an interface can be added to.
  // oxlint-disable-next-line typescript/consistent-type-definitions
  interface FastifyContextConfig {
    scope?: Scope | 'public' | 'me'
    /** The body may also be NDJSON: a list of the values on its lines. */
    takesNdjson?: boolean
    /** The answer has no end: how long it takes says nothing. */
    isStream?: boolean
    /** Bodies that another route on this path takes, by media type: they are described here. */
    alsoDescribes?: Record<string, object>
  }
  // oxlint-disable-next-line typescript/consistent-type-definitions
  interface FastifyRequest {
    workspaceId: number
    keyId: string
    /** The name of the key: who changed something. */
    keyName: string
    /** Whose token it is: below /me only. */
    subscriberId: string
    /** Until when the key or token is taken. */
    takenUntilMs: number
    grants: ReadonlySet<string>
    /** The body as it came, for the fingerprint of an Idempotency-Key. */
    rawBody: Buffer | null
  }
}

type Holder = {
  workspaceId: number
  keyId: string
  keyName: string
  grants: ReadonlySet<string>
  expiresAtMs: number
  /** When its use was last written down. */
  usedAtMs: number
  /** Null before its first use. */
  apiVersion: ApiVersion | null
}

const keyPattern = /^bf_sk_[A-Za-z0-9]{32,200}$/
const useWrittenEveryMs = 60_000

/** Every request has the same shape from the start: that is faster than adding to it. */
export function decorateRequests(app: App): void {
  for (const name of ['workspaceId', 'takenUntilMs'] as const) app.decorateRequest(name, 0)
  for (const name of ['keyId', 'keyName', 'subscriberId'] as const) app.decorateRequest(name, '')
  app.decorateRequest('grants')
}

/** An `onRoute` hook: a route without a scope is a mistake in the program. */
export function requireScope({ method, url, config }: RouteOptions): void {
  if (config?.scope === undefined) throw new Error(`${String(method)} ${url} says no scope`)
}

/**
 * Finds out whose key this is, and that it may do what needs this scope.
 *
 * @throws ApiError `unauthenticated`, `insufficient_scope`.
 */
export type ReadKey = (token: string | null, scope: Scope) => Promise<Holder>

/**
 * Finds out whose key a request has, by default that of its Authorization header.
 *
 * @throws ApiError as `ReadKey`.
 */
export type Authenticate = (
  request: FastifyRequest,
  scope: Scope,
  token?: string | null,
) => Promise<void>

/** An `onRequest` hook. */
export function authenticationHook(ctx: Context, authenticate: Authenticate) {
  return async (request: FastifyRequest, _reply: FastifyReply): Promise<void> => {
    const { scope } = request.routeOptions.config
    // requireScope saw to it that there is one.
    if (scope === 'me') await authenticateSubscriber(ctx, request)
    else if (scope !== undefined && scope !== 'public') await authenticate(request, scope)
  }
}

export function createKeyReader(ctx: Context): ReadKey {
  const holders = createCache<Holder | null>({ load: (hash) => findHolder(ctx, hash) })
  ctx.signals.on('belfry_config', () => holders.clear())

  return async (token, scope) => {
    if (token === null || !keyPattern.test(token)) throw await refusalOf(ctx, token)

    const holder = await holders.get(hashApiKey(token).toString('base64'))
    const nowMs = ctx.clock.now().getTime()
    if (holder === null || holder.expiresAtMs <= nowMs) throw unauthenticated()
    if (!holder.grants.has('*') && !holder.grants.has(scope))
      throw new ApiError('insufficient_scope', {
        detail: `This needs a key with the scope ${scope}. GET /keys shows what yours has.`,
        extra: { scope },
      })
    holder.apiVersion ??= await pin(ctx, holder)
    if (nowMs - holder.usedAtMs >= useWrittenEveryMs) writeUse(ctx, holder, nowMs)
    return holder
  }
}

export function createAuthentication(readKey: ReadKey): Authenticate {
  return async (request, scope, token = bearerOf(request)) => {
    const holder = await readKey(token, scope)
    request.workspaceId = holder.workspaceId
    request.keyId = holder.keyId
    request.keyName = holder.keyName
    request.grants = holder.grants
    request.takenUntilMs = holder.expiresAtMs
    request.apiVersion ??= holder.apiVersion
  }
}

async function authenticateSubscriber(ctx: Context, request: FastifyRequest): Promise<void> {
  const token = bearerOf(request)
  const owner = token === null ? null : await ctx.subscriberTokens.read(token, ctx.clock.now())
  if (owner === null)
    throw new ApiError('unauthenticated', {
      detail:
        'Below /me a valid token of the subscriber is needed: POST /subscribers/{id}/token makes one.',
    })
  request.workspaceId = owner.workspaceId
  request.subscriberId = owner.subscriberId
  request.takenUntilMs = owner.expiresAt.getTime()
  request.apiVersion ??= owner.apiVersion
}

function bearerOf({ headers: { authorization } }: FastifyRequest): string | null {
  return authorization?.startsWith('Bearer ') ? authorization.slice(7) : null
}

async function findHolder(ctx: Context, hash: string): Promise<Holder | null> {
  const row = await findKeyHolder(ctx.db, Buffer.from(hash, 'base64'))
  if (row === null) return null
  return {
    workspaceId: row.workspaceId,
    keyId: row.id,
    keyName: row.name,
    grants: new Set(row.scopes),
    expiresAtMs: row.expiresAt?.getTime() ?? Infinity,
    usedAtMs: row.lastUsedAt?.getTime() ?? 0,
    apiVersion: row.apiVersion === null ? null : known(row.apiVersion),
  }
}

/** A key stays with the version that was the newest at its first use, whichever process served that. */
async function pin(ctx: Context, { workspaceId, keyId: id }: Holder): Promise<ApiVersion> {
  return known(await pinKey(ctx.db, { workspaceId, id, apiVersion: newestApiVersion }))
}

/** A version that only a newer program knows is nearest to the newest of this one. */
function known(version: string): ApiVersion {
  return isApiVersion(version) ? version : newestApiVersion
}

/** Not waited for: the answer must not be slower, nor fail, for it. */
function writeUse(ctx: Context, holder: Holder, nowMs: number): void {
  holder.usedAtMs = nowMs
  const { workspaceId, keyId: id } = holder
  updateKeyUse(ctx.db, { workspaceId, id, now: new Date(nowMs) }).catch((error: unknown) =>
    ctx.log.warn({ err: error }, 'the use of a key could not be written down'),
  )
}

/** Whoever has a good token of a subscriber is known, and may not be here. */
async function refusalOf(ctx: Context, token: string | null): Promise<ApiError> {
  const owner = token === null ? null : await ctx.subscriberTokens.read(token, ctx.clock.now())
  if (owner === null) return unauthenticated()
  return new ApiError('insufficient_scope', {
    detail: 'A token of a subscriber reaches only what is below /me, and only as this subscriber.',
  })
}

/** The same for every reason, so that nothing is learnt about keys that exist. */
function unauthenticated(): ApiError {
  return new ApiError('unauthenticated', {
    detail: 'Send a secret key: "Authorization: Bearer bf_sk_…". "belfry keys" makes one.',
  })
}
