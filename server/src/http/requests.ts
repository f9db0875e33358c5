// What every request gets: an id, a line in the metrics, and a line in the log if it was slow or failed.
import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Context } from '../context.ts'
import { ApiError } from '../errors.ts'
import type { App } from './app.ts'

const slowMs = 1_000

const prefix = randomBytes(6).toString('base64url')
let requestCount = 0

/** The caller's X-Request-Id when it is sane, otherwise one that is unique and costs nothing. */
export function requestIdOf({ headers }: IncomingMessage): string {
  const given = headers['x-request-id']
  if (typeof given === 'string' && /^[\x21-\x7e]{1,128}$/.test(given)) return given
  return `${prefix}-${(++requestCount).toString(36)}`
}

export function watchRequests(app: App, { log, metrics }: Context): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id)
    done(hasTwoHosts(request.raw) ? twoHosts() : undefined)
  })
  app.addHook('onResponse', (request, reply, done) => {
    const { method, routeOptions } = request
    // What has no route is one line: paths that are made up must not become labels.
    const route = routeOptions.url ?? 'none'
    const { statusCode, elapsedTime } = reply
    if (routeOptions.config.isStream) return done()
    const statusClass = `${Math.floor(statusCode / 100)}xx`
    metrics.requestDuration.observe(
      { method, route, status_class: statusClass },
      elapsedTime / 1_000,
    )

    const isWaiting = request.headers.prefer !== undefined // slow because it was asked to be
    if (statusCode >= 500 || (elapsedTime > slowMs && !isWaiting)) {
      const fields = { method, route, statusCode, durationMs: Math.round(elapsedTime) }
      log.warn({ ...fields, requestId: request.id }, 'a request was slow or failed')
    }
    done()
  })
}

/** RFC 9112 §3.2. Node takes the first one; whoever stands in front may have taken the other. */
function hasTwoHosts({ rawHeaders }: IncomingMessage): boolean {
  let count = 0
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!
    if (name.length === 4 && name.toLowerCase() === 'host') count++
  }
  return count > 1
}

function twoHosts(): ApiError {
  return new ApiError('malformed_request', { detail: 'A request has one Host header.' })
}
