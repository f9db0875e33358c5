// The one way out over HTTP, for webhooks and vendors alike: only to public addresses, no redirects,
// no proxies, no cookies, no decompression, bounded answers. It tells whether a request that failed
// can have reached anyone.
import { lookup as systemLookup, type LookupAddress } from 'node:dns'
import { createRequire } from 'node:module'
import type { LookupFunction } from 'node:net'
import type * as Undici from 'undici'
import { Exchange, type Answer } from './outgoing-exchange.ts'
import { readUrl, type Target, type UrlProblem } from './outgoing-url.ts'
import { type AllowedAddresses, isAddressAllowed, plainHost } from './public-address.ts'

export type OutgoingRequest = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  url: string
  headers?: Record<string, string>
  body?: string | Uint8Array
  /** The total deadline: nothing else ends a request that trickles. */
  signal: AbortSignal
  /** The rest of a longer answer is dropped, together with the connection. */
  maxResponseBytes?: number
}

export type OutgoingClient = {
  /** Never throws for what happens on the network: that is an `Answer`. */
  request(request: OutgoingRequest): Promise<Answer>
  /** What is wrong with a URL that is to be called; null when nothing is. */
  problemOf(url: string): UrlProblem | null
  /** Waits for requests under way, then closes every connection. */
  close(): Promise<void>
}

export type OutgoingOptions = {
  allowed: AllowedAddresses
  /** Sent with every request: `Belfry/1.2.3`. */
  userAgent: string
  /** Most connections to one origin; further requests wait for one to be free. */
  connectionsPerOrigin?: number
  /** How long DNS, TCP and TLS may take together. */
  connectTimeoutMs?: number
  /** Tells the addresses of a name. The system's resolver, unless a test brings its own. */
  resolve?: Resolve
}

export type Resolve = (
  hostname: string,
  answer: (error: Error | null, addresses: LookupAddress[]) => void,
) => void

const defaultMaxResponseBytes = 64 * 1024
const maxRememberedUrls = 10_000

export function createOutgoingClient(options: OutgoingOptions): OutgoingClient {
  const { allowed, userAgent, connectionsPerOrigin = 128 } = options
  let agent: Undici.Agent | null = null
  const openAgent = () =>
    new (undici().Agent)({
      connections: connectionsPerOrigin,
      pipelining: 1,
      connect: guardedConnector(options),
    })
  const read = rememberUrls(allowed)
  let openCount = 0
  let onIdle: (() => void) | null = null

  return {
    request({ method, url, headers = {}, body, signal, maxResponseBytes }) {
      const target = read(url)
      if ('code' in target) {
        const { code, detail } = target
        return Promise.resolve({ kind: 'not_sent', code, detail })
      }
      const { promise, resolve } = Promise.withResolvers<Answer>()
      const settle = (answer: Answer) => {
        openCount -= 1
        if (openCount === 0) onIdle?.()
        resolve(answer)
      }
      openCount += 1
      const exchange = new Exchange(settle, signal, maxResponseBytes ?? defaultMaxResponseBytes)
      if (signal.aborted) return promise
      agent ??= openAgent()
      agent.dispatch(
        {
          origin: target.origin,
          path: target.path,
          method,
          headers: flatHeaders(headers, userAgent),
          body: body ?? null,
        },
        exchange,
      )
      return promise
    },
    problemOf(url) {
      const target = read(url)
      return 'code' in target ? target : null
    },
    async close() {
      // Undici's own close() would also wait for given-up requests until they are connected.
      if (openCount > 0) await new Promise<void>((resolve) => (onIdle = resolve))
      if (agent && !agent.destroyed) await agent.destroy()
    },
  }
}

const require = createRequire(import.meta.url)

/** Loaded with the first request: it takes several megabytes, and many servers only send mail. */
function undici(): typeof Undici {
  return require('undici') as typeof Undici
}

/** Parsing and judging a URL costs more than sending to it; a broadcast calls few of them. */
function rememberUrls(allowed: AllowedAddresses): (url: string) => Target | UrlProblem {
  const known = new Map<string, Target | UrlProblem>()
  return (url) => {
    const found = known.get(url)
    if (found) return found
    const read = readUrl(url, allowed)
    if (known.size >= maxRememberedUrls) known.clear()
    known.set(url, read)
    return read
  }
}

function flatHeaders(headers: Record<string, string>, userAgent: string): string[] {
  const flat = ['user-agent', userAgent]
  for (const name in headers) flat.push(name, headers[name]!)
  return flat
}

/**
 * Opens connections to checked addresses only. A name is resolved once, all of its addresses must
 * be allowed, and the connection goes to one of those very addresses: a second lookup could answer
 * differently. Addresses written into the URL skip the lookup and were judged with the URL.
 */
function guardedConnector(options: OutgoingOptions): Undici.buildConnector.connector {
  const { allowed, connectTimeoutMs = 10_000, resolve = resolveBySystem } = options
  const lookup = guardedLookup(allowed, resolve)
  const connect = undici().buildConnector({ timeout: connectTimeoutMs, lookup })

  return (target, done) => {
    connect(target, (...outcome) => {
      const [error, socket] = outcome
      if (error) return done(error, null)
      // Not reached while the lookup above holds; cheap, as it is once for each connection.
      const address = 'remoteAddress' in socket ? (socket.remoteAddress ?? '') : ''
      if (isAddressAllowed(address, allowed) || isListed(allowed, target.hostname)) {
        return done(null, socket)
      }
      socket.destroy()
      done(blockedError(), null)
    })
  }
}

/** Resolves a name to addresses that may be connected to, or fails with `blocked_address`. */
export function guardedLookup(
  allowed: AllowedAddresses,
  resolve: Resolve = resolveBySystem,
): LookupFunction {
  return (hostname, { all }, answer) => {
    // The system's resolver gives no addresses at all, not even none, when it fails.
    resolve(hostname, (error, addresses: LookupAddress[] | undefined) => {
      const first = addresses?.[0]
      if (error || !first) return answer(error ?? dnsError(hostname), [])
      const areAllowed = addresses.every(({ address }) => isAddressAllowed(address, allowed))
      if (!areAllowed && !isListed(allowed, hostname)) return answer(blockedError(), [])
      if (all) answer(null, addresses)
      else answer(null, first.address, first.family)
    })
  }
}

function isListed(allowed: AllowedAddresses, host: string): boolean {
  return allowed.hosts.has(plainHost(host))
}

const resolveBySystem: Resolve = (hostname, answer) => {
  systemLookup(hostname, { all: true }, answer)
}

function blockedError(): Error {
  return Object.assign(new Error('resolves to an address that is not public'), {
    code: 'blocked_address',
  })
}

function dnsError(hostname: string): Error {
  return Object.assign(new Error(`${hostname} has no address`), { code: 'ENOTFOUND' })
}
