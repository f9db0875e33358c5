// Which bodies are taken: JSON in UTF-8, and NDJSON where a route says so.
import type { FastifyRequest } from 'fastify'
import { ApiError } from '../errors.ts'
import type { App } from './app.ts'
import { parseStrictJson, parseStrictNdjson } from './strict-json.ts'

export const bodyLimit = 256 * 1024
/** For routes that take many things at once. */
export const batchBodyLimit = 2 * 1024 * 1024
/** For the members of a large topic, all at once. */
export const replaceBodyLimit = 8 * 1024 * 1024

// Nothing behind the media type but a charset, and only this one.
const withCharset = /^application\/(json|x-ndjson)[ ]*;[ ]*charset="?utf-8"?$/i

export function takeBodies(app: App): void {
  app.decorateRequest('rawBody', null)
  app.removeAllContentTypeParsers()

  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, bytes, done) => {
    parse(request, bytes as Buffer, 'application/json', parseStrictJson, done)
  })
  app.addContentTypeParser(
    'application/x-ndjson',
    { parseAs: 'buffer' },
    (request, bytes, done) => {
      if (!request.routeOptions.config.takesNdjson) return done(unsupported())
      parse(request, bytes as Buffer, 'application/x-ndjson', parseStrictNdjson, done)
    },
  )
}

/**
 * For routes that must look at the bytes before they are read: the body is whatever came, and
 * `readJson` reads it.
 */
export function takeRawBodies(app: App): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (request, bytes, done) => {
    request.rawBody = bytes as Buffer
    done(null, bytes)
  })
}

export type JsonType = { pattern: RegExp; words: string }

const anyJson: JsonType = {
  pattern: /^application\/([a-z0-9.+-]+\+)?json$/i,
  words: 'Send the body as application/json (UTF-8).',
}

/** @throws ApiError `unsupported_media_type`, `invalid_json`. */
export function readJson({ headers, rawBody }: FastifyRequest, type = anyJson): unknown {
  const given = headers['content-type'] ?? ''
  const [mediaType = '', ...parameters] = given.split(';').map((part) => part.trim())
  const isUtf8 = parameters.every((one) => /^charset="?utf-8"?$/i.test(one))
  if (!type.pattern.test(mediaType) || !isUtf8) throw unsupported(type)
  return parseStrictJson(rawBody ?? Buffer.alloc(0))
}

type Done = (error: Error | null, body?: unknown) => void

function parse(
  request: FastifyRequest,
  bytes: Buffer,
  mediaType: string,
  read: (bytes: Buffer) => unknown,
  done: Done,
): void {
  const given = request.headers['content-type'] ?? ''
  if (given !== mediaType && !withCharset.test(given)) return done(unsupported())
  // A content type without a body, as many clients send it: there is no body.
  if (bytes.length === 0) return done(null)
  request.rawBody = bytes
  let body: unknown
  try {
    body = read(bytes)
  } catch (error) {
    return done(error as Error)
  }
  done(null, body)
}

function unsupported({ words } = anyJson): ApiError {
  return new ApiError('unsupported_media_type', { detail: words })
}
