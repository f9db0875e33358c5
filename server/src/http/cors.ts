// Pages of other origins may ask what is below /me and /embed: nothing there is answered for a cookie, so
// whoever may ask holds a token, and where the page comes from says nothing.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { App } from './app.ts'

const prefixes = ['/me/', '/embed/']

// Also on answers that are written past Fastify, such as streams.
export const crossOrigin = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers':
    'Belfry-Version, Deprecation, Idempotency-Replayed, Link, Retry-After, Sunset, X-Request-Id',
}

const preflight = {
  'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE',
  'access-control-allow-headers':
    'Authorization, Content-Type, Last-Event-ID, Idempotency-Key, Prefer, Belfry-Version, X-Request-Id, traceparent',
  'access-control-max-age': '86400',
}

export function answerOtherOrigins(app: App): void {
  app.addHook('onRequest', (request: FastifyRequest, reply: FastifyReply, done) => {
    if (!prefixes.some((prefix) => request.url.startsWith(prefix))) return done()
    reply.headers(crossOrigin)
    if (request.method !== 'OPTIONS') return done()
    reply.code(204).headers(preflight).send()
  })
}
