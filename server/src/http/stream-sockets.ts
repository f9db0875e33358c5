// Streams over a WebSocket: a person's feed at /me/ws with their token and at /subscribers/{id}/ws with a key, what
// becomes of all notifications at /ws with a key.
// Browsers cannot set a header on one, so the token may come as a subprotocol, which unlike the address is not
// written into logs: `belfry.v1, bearer.<token>`.
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type ServerOptions } from 'ws'
import type { Context } from '../context.ts'
import { newestApiVersion, type ApiVersion } from '../domain/api-version.ts'
import { ApiError } from '../errors.ts'
import { SocketOutlet } from '../live/web-socket.ts'
import { unknownSubscriber } from '../pipeline/preferences.ts'
import type { FeedOwner } from '../sql/feed.ts'
import { findSubscriber } from '../sql/subscribers.ts'
import type { App } from './app.ts'
import type { ReadKey } from './auth.ts'
import { refuseUpgrade } from './problem.ts'
import { requestIdOf } from './requests.ts'
import { readResultQuery, resultFilterOf } from './result-filters.ts'
import { askedVersion, versionHeaders } from './versions/speak.ts'

const protocol = 'belfry.v1'
const tokenPrefix = 'bearer.'
const largestMessage = 4_096 // none is expected at all
const closeTimeoutMs = 2_000
// Of /subscribers/{id}/ws the id, encoded; of the others none.
const pathPattern = /^(?:\/me|\/subscribers\/([^/?]+)|)\/ws\/?(?:\?|$)/
const resultsPattern = /^\/ws/

/** What asks for another protocol on other paths is answered in this one. */
export function isSocketRequest({ url = '' }: IncomingMessage): boolean {
  return pathPattern.test(url)
}

export function takeSockets(app: App, ctx: Context, readKey: ReadKey): void {
  // Its types do not know of closeTimeout yet.
  const options: ServerOptions & { closeTimeout: number } = {
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false, // what is secret and what others choose would be compressed together
    maxPayload: largestMessage,
    handleProtocols: (offered) => offered.has(protocol) && protocol,
    closeTimeout: closeTimeoutMs,
  }
  const sockets = new WebSocketServer(options)
  const spoken = new WeakMap<IncomingMessage, ApiVersion>()
  sockets.on('headers', (lines, request) => {
    for (const [name, value] of Object.entries(versionHeaders(spoken.get(request)!)))
      lines.push(`${name}: ${value}`)
  })
  app.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const leave = () => socket.destroy()
    socket.on('error', leave) // until the WebSocket listens itself
    spoken.set(request, newestApiVersion)
    open({ ctx, readKey, sockets, spoken }, { request, socket, head })
      .then(() => socket.off('error', leave))
      .catch((error: unknown) =>
        refuseUpgrade(ctx.log, error, {
          socket,
          requestId: requestIdOf(request),
          headers: versionHeaders(spoken.get(request)!),
        }),
      )
  })
}

type Parts = {
  ctx: Context
  readKey: ReadKey
  sockets: WebSocketServer
  /** The version that each is answered in. */
  spoken: WeakMap<IncomingMessage, ApiVersion>
}
type Upgrade = { request: IncomingMessage; socket: Duplex; head: Buffer }

/** @throws ApiError before anything is answered. */
async function open(parts: Parts, { request, socket, head }: Upgrade): Promise<void> {
  const asked = askedVersion(request)
  if (asked) parts.spoken.set(request, asked)
  const answerIn = (version: ApiVersion) => parts.spoken.set(request, asked ?? version)
  const { searchParams } = new URL(request.url!, 'http://localhost')
  const isOfResults = resultsPattern.test(request.url!)
  const follow = isOfResults ? followResults : followFeed
  const join = await follow({ ...parts, answerIn }, request, searchParams)
  parts.sockets.handleUpgrade(request, socket, head, (webSocket) => {
    const leave = join(new SocketOutlet(webSocket))
    webSocket.on('close', leave)
    webSocket.on('error', () => {}) // bad frames, too large ones: it closes with the code for that
    webSocket.on('message', () => webSocket.close(1008, 'no messages are expected'))
  })
}

type Following = Parts & {
  /** The version that its key or token stays with. */
  answerIn: (version: ApiVersion) => void
}

/** Begins to tell, and answers what ends it. */
type Join = (outlet: SocketOutlet) => () => void

async function followFeed(
  parts: Following,
  request: IncomingMessage,
  query: URLSearchParams,
): Promise<Join> {
  const { streams } = parts.ctx
  const { takenUntilMs, apiVersion, ...owner } = await findOwner(parts, request)
  parts.answerIn(apiVersion)
  streams.checkRoom(owner)
  const unknown = [...query.keys()].find((name) => name !== 'last_event_id')
  if (unknown !== undefined)
    throw new ApiError('invalid_request', {
      errors: [{ pointer: `?${unknown}`, detail: 'is not known here; last_event_id is.' }],
    })
  const position = query.get('last_event_id')
  return (outlet) => {
    const connection = streams.join(owner, { outlet, takenUntilMs, position })
    return () => streams.leave(connection)
  }
}

async function followResults(
  { ctx: { resultStreams }, readKey, answerIn }: Following,
  request: IncomingMessage,
  query: URLSearchParams,
): Promise<Join> {
  const holder = await readKey(tokenOf(request), 'notifications:read')
  const { workspaceId, expiresAtMs } = holder
  answerIn(holder.apiVersion ?? newestApiVersion)
  resultStreams.checkRoom(workspaceId)
  const { last_event_id: position = null, ...words } = readResultQuery(query)
  const filter = resultFilterOf(words)
  return (outlet) => {
    const given = { workspaceId, filter, outlet, takenUntilMs: expiresAtMs, position }
    const stream = resultStreams.join(given)
    return () => resultStreams.leave(stream)
  }
}

type Known = FeedOwner & { takenUntilMs: number; apiVersion: ApiVersion }

/** @throws ApiError when whoever asks may not follow this feed. */
async function findOwner({ ctx, readKey }: Parts, request: IncomingMessage): Promise<Known> {
  const token = tokenOf(request)
  const encodedId = pathPattern.exec(request.url!)?.[1]
  if (encodedId === undefined) {
    const owner = token === null ? null : await ctx.subscriberTokens.read(token, ctx.clock.now())
    if (owner === null)
      throw new ApiError('unauthenticated', {
        detail: `Offer the subprotocols ${protocol} and ${tokenPrefix}<token of the subscriber>.`,
      })
    const { expiresAt, ...known } = owner
    return { ...known, takenUntilMs: expiresAt.getTime() }
  }
  const holder = await readKey(token, 'notifications:read')
  const { workspaceId, expiresAtMs } = holder
  const apiVersion = holder.apiVersion ?? newestApiVersion
  const subscriberId = decoded(encodedId)
  if (subscriberId === null || !(await findSubscriber(ctx.db, workspaceId, subscriberId)))
    throw unknownSubscriber(subscriberId ?? encodedId)
  return { workspaceId, subscriberId, apiVersion, takenUntilMs: expiresAtMs }
}

/** Null when it is no id, however it is read. */
function decoded(id: string): string | null {
  try {
    const text = decodeURIComponent(id)
    return text.includes('\0') ? null : text
  } catch {
    return null
  }
}

function tokenOf({ headers }: IncomingMessage): string | null {
  const { authorization, 'sec-websocket-protocol': offered = '' } = headers
  if (authorization?.startsWith('Bearer ')) return authorization.slice(7)
  const protocols = offered.split(',').map((name) => name.trim())
  const bearer = protocols.find((name) => name.startsWith(tokenPrefix))
  return protocols.includes(protocol) && bearer ? bearer.slice(tokenPrefix.length) : null
}
